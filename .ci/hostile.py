"""Hostile uploads to `assay serve`: each is refused or counted, the memory stays bounded, and the server answers on.

  hostile.py ASSAY WORK [--big]

ASSAY is the built program, WORK an empty folder. Two hundred and more uploads are made by the script: bombs, names that would
leave their folder, broken encodings, a million columns, lying lengths, tables of every importer with cells that none expects. With
`--big` three of two gigabytes come first: one that is refused, two that a server with `--upload-max` takes. Needs python's own
library alone, and /proc to read the memory from.
"""

import argparse
import gzip
import http.client
import io
import json
import os
import random
import re
import shutil
import struct
import subprocess
import sys
import threading
import time
import zipfile
import zlib
from pathlib import Path

# Bounds of the issue: the memory of the server at its greatest, and the wait for an answer of its health meanwhile.
MEMORY_MAX_MB = 500
ANSWER_MAX_S = 2.0
JOB_MAX_S = 120.0

BOUNDARY = "----hostile"


class Server:
    """A server over an empty workspace."""

    def __init__(self, assay, work, *more):
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        command = [assay, "serve", "--listen", "127.0.0.1:0", "--workspace", str(work / "shop.db"), *more]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ, "NO_COLOR": "1"})
        line = self.process.stderr.readline()
        found = re.search(r"http://([0-9.]+):([0-9]+)", line)
        if not found:
            raise SystemExit(f"the server did not start: {line}")
        self.host, self.port = found.group(1), int(found.group(2))
        threading.Thread(target=self.process.stderr.read, daemon=True).start()

    def ask(self, method, path, body=None, headers=None, timeout=JOB_MAX_S):
        """Status and body of an answer."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=timeout)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def memory_mb(self):
        """The most that the server has held."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+)", status).group(1)) / 1024

    def sockets(self):
        """The addresses beyond the machine that the server or its children are connected to."""
        held = set()
        for link in Path(f"/proc/{self.process.pid}/fd").iterdir():
            try:
                held.add(os.readlink(link))
            except OSError:
                continue
        beyond = []
        for table in ("tcp", "tcp6", "udp", "udp6"):
            for line in Path(f"/proc/{self.process.pid}/net/{table}").read_text().splitlines()[1:]:
                parts = line.split()
                if f"socket:[{parts[9]}]" not in held:
                    continue
                for end in parts[1:3]:
                    address = end.split(":")[0]
                    local = address in ("0100007F", "0" * 8, "0" * 32, "0" * 24 + "01000000", "0000000000000000FFFF00000100007F")
                    if not local:
                        beyond.append(f"{table} {line.strip()}")
        return beyond

    def stop(self):
        """Ends it."""
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError("the server did not stop when it was asked to") from None


def form(files):
    """A form of files as its bytes."""
    parts = []
    for name, content in files:
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'
        parts += [head.encode("utf-8", "surrogateescape"), content, b"\r\n"]
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def zipped(*members, method=zipfile.ZIP_DEFLATED):
    """A zip of names and contents."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as z:
        for name, content in members:
            z.writestr(name, content)
    return out.getvalue()


def zeros(n, head=b""):
    """So many zeros as a gzip, made in pieces."""
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", compresslevel=9) as g:
        g.write(head)
        block = bytes(1 << 20)
        for _ in range(n >> 20):
            g.write(block)
    return out.getvalue()


def deflated_zip(name, n, piece):
    """A zip with one member that is `piece` again and again until it has n bytes, made in pieces."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z, z.open(name, "w", force_zip64=True) as member:
        for _ in range(n // len(piece)):
            member.write(piece)
    return out.getvalue()


def lying_zip():
    """A zip whose directory says that its member is small where it is not."""
    data = bytearray(zipped(("followers.csv", b"handle\n" + b"a\n" * 200_000)))
    at = data.rfind(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", 10)
    return bytes(data)


def crossing_zip(n):
    """A zip whose directory names one member n times over."""
    data = zipped(("a.csv", b"handle\n" + b"a\n" * 500_000))
    at, end = data.rfind(b"PK\x01\x02"), data.rfind(b"PK\x05\x06")
    entry = data[at:end]
    tail = bytearray(data[end:])
    tail[8:12] = struct.pack("<HH", n & 0xFFFF, n & 0xFFFF)
    tail[12:16] = struct.pack("<I", len(entry) * n)
    return data[:at] + entry * n + bytes(tail)


def linked_zip():
    """A zip with a symbolic link to a file outside."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        link = zipfile.ZipInfo("followers.csv")
        link.external_attr = 0xA1FF << 16
        z.writestr(link, "/etc/passwd")
    return out.getvalue()


def workbook(sheet, strings=b""):
    """A workbook of one sheet."""
    types = b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
    book = (
        b'<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
        b'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>'
    )
    links = (
        b'<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        b'<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/>'
        b'<Relationship Id="r2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
    )
    members = [("[Content_Types].xml", types), ("xl/workbook.xml", book), ("xl/_rels/workbook.xml.rels", links), ("xl/worksheets/sheet1.xml", sheet)]
    return zipped(*members, ("xl/sharedStrings.xml", strings or b"<sst/>"))


def sheet(rows):
    """A sheet's XML around rows."""
    return b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>' + rows + b"</sheetData></worksheet>"


LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + k, b"&%c;" % (97 + k) * 10) for k in range(20))
    + b"]>"
)

# Headers that an importer of each kind knows, and what none expects in their cells.
HEADERS = [
    "handle,followed_at",
    "handle,followed_at,followers,following,posts",
    "order_id,customer_id,ordered_at,total,currency",
    "date,spend,impressions,clicks,campaign",
    "post_id,posted_at,reach,impressions,likes",
    "handle,engaged_at,kind,post_id",
    "Name,Email,Financial Status,Paid at,Currency,Subtotal,Total,Created at,Lineitem quantity,Lineitem name",
    "Date,Impressions,Likes,Engagements,Bookmarks,Shares,New follows,Unfollows,Replies,Reposts,Profile visits",
    "Reporting starts,Reporting ends,Campaign name,Amount spent (USD),Impressions,Link clicks",
    "source,target,time",
]
CELLS = [
    ("empty", ""),
    ("huge number", "9" * 5_000),
    ("exponent", "1e999999"),
    ("minus", "-9223372036854775809"),
    ("far year", "999999-13-45T99:99:99Z"),
    ("quotes", '"' * 999),
    ("nul", "\0" * 64),
    ("formula", "=HYPERLINK(\"http://x\")"),
    ("turned", "\u202e\u2066" * 50),
    ("combining", "a" + "\u0301" * 5_000),
    ("newlines", '"' + "\r\n" * 300 + '"'),
    ("not a number", "NaN"),
]


def uploads():
    """Names, file names and contents."""
    rng = random.Random(7)
    piece = b"handle,followed_at\n" + b"a,2024-01-01T00:00:00Z\n" * 40_000
    yield "zip: a gigabyte of zeros", "x.zip", deflated_zip("followers.csv", 1 << 30, bytes(1 << 20))
    yield "zip: a gigabyte of rows", "x.zip", deflated_zip("followers.csv", 1 << 30, piece)
    inner = deflated_zip("a.csv", 1 << 28, bytes(1 << 20))
    for depth in (1, 2, 5, 20):
        for _ in range(depth if depth == 1 else 1):
            inner = zipped(*[(f"{k}.zip", inner) for k in range(4)]) if depth < 5 else zipped(("n.zip", inner))
        yield f"zip in zip, {depth}", "x.zip", inner
    yield "zip: a hundred thousand members", "x.zip", zipped(*[(f"{k}.csv", b"handle\na\n") for k in range(100_000)], method=zipfile.ZIP_STORED)
    yield "zip: one member five thousand times", "x.zip", crossing_zip(5_000)
    yield "zip: lying length", "x.zip", lying_zip()
    yield "zip: a link", "x.zip", linked_zip()
    yield "zip: empty", "x.zip", zipped()
    for name in ("../../../../owned.csv", "/etc/owned.csv", "..\\..\\owned.csv", "C:\\owned.csv", "a/../../b.csv", "con.csv", "\u202evsc.x", "x" * 60_000):
        yield f"zip: member {name[:30]!a}", "x.zip", zipped((name, b"handle\na\n"))
        yield f"file name {name[:30]!a}", name[:4_000], b"handle\na\nb\n"
    whole = zipped(("followers.csv", b"handle,followed_at\n" + b"".join(b"u%d,2024-01-01\n" % k for k in range(5_000))))
    for cut in (1, 30, 100, len(whole) // 2, len(whole) - 25, len(whole) - 1):
        yield f"zip cut at {cut}", "x.zip", whole[:cut]
    for k in range(10):
        broken = bytearray(whole)
        for _ in range(20):
            broken[rng.randrange(len(broken))] = rng.randrange(256)
        yield f"zip with bytes changed, {k}", "x.zip", bytes(broken)
    yield "gzip: four gigabytes of zeros", "followers.csv.gz", zeros(4 << 30)
    yield "gzip: two gigabytes in one cell", "followers.csv.gz", zeros(2 << 30, b"handle,followed_at\n\"")
    yield "gzip in gzip", "followers.csv.gz", gzip.compress(gzip.compress(gzip.compress(b"handle\na\n")))
    yield "gzip cut", "followers.csv.gz", gzip.compress(b"handle\n" + b"a\n" * 9_000)[:-9]
    yield "gzip of noise", "followers.csv.gz", b"\x1f\x8b\x08\0" + rng.randbytes(50_000)
    yield "zstd of noise", "followers.csv.zst", b"\x28\xb5\x2f\xfd" + rng.randbytes(50_000)
    yield "zlib", "followers.csv", zlib.compress(b"handle\na\n")
    yield "a million columns", "followers.csv", b"handle," + b",".join(b"c%d" % k for k in range(1_000_000)) + b"\n" + b"a" + b"," * 1_000_000 + b"\n"
    yield "a million columns, no known one", "table.csv", b",".join(b"c%d" % k for k in range(1_000_000)) + b"\n" + b"1," * 999_999 + b"1\n"
    yield "a row of a million columns", "followers.csv", b"handle,followed_at\na,2024-01-01\n" + b"," * 1_000_000 + b"\n"
    yield "a hundred megabytes without a line", "followers.csv", b"handle," + b"x" * 100_000_000
    yield "a hundred megabytes of line ends", "followers.csv", b"handle\n" + b"\n" * 100_000_000
    yield "an open quote", "followers.csv", b'handle,followed_at\n"' + b"a,b\n" * 5_000_000
    yield "quotes", "followers.csv", b'handle\n' + b'"' * 20_000_000
    yield "a header alone", "followers.csv", b"handle,followed_at\n"
    yield "the same header 5,000 times", "followers.csv", b",".join([b"handle"] * 5_000) + b"\na\n"
    yield "nothing", "followers.csv", b""
    yield "one byte", "followers.csv", b"\xff"
    yield "carriage returns alone", "followers.csv", b"handle,followed_at\r" + b"a,2024-01-01\r" * 1_000
    table = "handle,followed_at\n" + "ünï,2024-01-01T00:00:00Z\n" * 2_000
    for name, content in [
        ("utf-16", table.encode("utf-16")),
        ("utf-16 without mark", table.encode("utf-16-le")),
        ("utf-16, odd length", table.encode("utf-16")[:-1]),
        ("utf-16, half pairs", b"\xff\xfe" + b"h\0a\0n\0d\0l\0e\0\n\0" + b"\x00\xd8" * 5_000),
        ("utf-32", table.encode("utf-32")),
        ("utf-7", table.encode("utf-7")),
        ("latin-1", table.encode("latin-1")),
        ("three marks", b"\xef\xbb\xbf" * 3 + table.encode()),
        ("overlong", b"handle\n" + b"\xc0\xaf\xe0\x80\xaf\n" * 2_000),
        ("cut in a letter", table.encode()[:-26] + b"\xc3"),
        ("noise", rng.randbytes(1_000_000)),
        ("ebcdic", table.replace("ünï", "uni").encode("cp500")),
    ]:
        yield f"encoding: {name}", "followers.csv", content
    for name, content in [
        ("deep lists", b"[" * 5_000_000),
        ("deep objects", b'{"a":' * 1_000_000),
        ("deep and closed", b"[" * 100_000 + b"]" * 100_000),
        ("an open string", b'[{"handle":"' + b"a" * 50_000_000),
        ("a number of a million digits", b'[{"handle":"a","followers_count":' + b"9" * 1_000_000 + b"}]"),
        ("one key 500,000 times", b"[{" + b'"handle":"a",' * 500_000 + b'"x":1}]'),
        ("half letters", b'[{"handle":"\\ud800"}]'),
        ("no data", b"null"),
        ("not a number", b'[{"handle":"a","followers_count":NaN}]'),
        ("lines that differ", b'{"handle":"a"}\n[1,2]\nnull\n"x"\n{"handle":7}\n' * 20_000),
        ("an object of 300,000 keys", b"{" + b",".join(b'"k%d":1' % k for k in range(300_000)) + b"}"),
        ("followers that are numbers", b'{"relationships_followers":[1,2,3]}'),
        ("followers that nest", b'{"relationships_followers":' * 3_000),
        ("x archive of nothing", b"window.YTD.follower.part0 = "),
        ("x archive, cut", b'window.YTD.follower.part0 = [ {"follower":{"accountId":"1"'),
        ("x archive, wrong", b"window.YTD.follower.part0 = " + b'[{"follower":[]},' * 10_000),
    ]:
        for file_name in ("followers_1.json", "follower.js"):
            yield f"json: {name}, {file_name}", file_name, content
    for name, content in [
        ("deep", b"<html>" + b"<div>" * 1_000_000),
        ("tables in tables", b"<table><tr><td>" * 200_000),
        ("an open tag", b"<html><a href='" + b"x" * 20_000_000),
        ("entities", b"<html>" + b"&#1114112;&bogus;" * 500_000),
    ]:
        yield f"html: {name}", "followers_1.html", content
    cell = b'<row r="1"><c r="A1" t="inlineStr"><is><t>handle</t></is></c></row>'
    for name, content in [
        ("laughs", workbook(LAUGHS + b"<worksheet><sheetData><row><c><v>&t;</v></c></row></sheetData></worksheet>")),
        ("far cell", workbook(sheet(cell + b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'))),
        ("beyond the last cell", workbook(sheet(cell + b'<row r="4294967295"><c r="ZZZZZZZ4294967295"><v>1</v></c></row>'))),
        ("a string that is not there", workbook(sheet(b'<row r="1"><c r="A1" t="s"><v>99999999</v></c></row>'))),
        ("a sheet of 300 MB", workbook(sheet(cell * 4_000_000))),
        ("strings of 300 MB", workbook(sheet(cell), b"<sst>" + b"<si><t>aaaaaaaaaaaaaaaa</t></si>" * 10_000_000 + b"</sst>")),
        ("count that lies", workbook(sheet(cell), b'<sst count="4294967295" uniqueCount="4294967295"><si><t>a</t></si></sst>')),
        ("cut", workbook(sheet(cell))[:300]),
        ("no sheet", zipped(("xl/workbook.xml", b"<workbook/>"), ("[Content_Types].xml", b"<Types/>"))),
        ("deep", workbook(b"<a>" * 500_000)),
        ("link to a file", workbook(b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>&x;</t></is></c></row></sheetData></worksheet>')),
    ]:
        yield f"workbook: {name}", "book.xlsx", content
    ole = bytearray(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + bytes(512 * 30))
    ole[30:32], ole[44:48], ole[48:52] = struct.pack("<H", 9), struct.pack("<I", 1), struct.pack("<I", 1)
    ole[68:72], ole[76:80] = struct.pack("<I", 0xFFFFFFFE), struct.pack("<I", 0)
    yield "old workbook: a table that points at itself", "book.xls", bytes(ole)
    for k in range(6):
        broken = bytearray(ole)
        for _ in range(60):
            broken[rng.randrange(len(broken))] = rng.randrange(256)
        yield f"old workbook: bytes changed, {k}", "book.xls", bytes(broken)
    for name, foot in [("no foot", b""), ("a foot of nothing", struct.pack("<I", 0)), ("a foot that lies", struct.pack("<I", 0xFFFFFFF0)), ("a foot of noise", rng.randbytes(4_000) + struct.pack("<I", 4_000))]:
        yield f"parquet: {name}", "followers.parquet", b"PAR1" + rng.randbytes(2_000) + foot + b"PAR1"
    for name, head in [("elf", b"\x7fELF"), ("pdf", b"%PDF-1.7"), ("png", b"\x89PNG\r\n\x1a\n"), ("tar", b"a.csv" + bytes(95)), ("7z", b"7z\xbc\xaf'\x1c"), ("rar", b"Rar!\x1a\x07"), ("sqlite", b"SQLite format 3\0"), ("script", b"#!/bin/sh\nrm -rf /\n")]:
        yield f"not a table: {name}", f"followers.{name}", head + rng.randbytes(20_000)
    for header in HEADERS:
        width = header.count(",") + 1
        for name, cell_text in CELLS:
            row = ",".join([cell_text] * width)
            yield f"{header.split(',')[1]}…: {name}", "table.csv", f"{header}\n{row}\n{row}\n".encode()


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("assay")
    arguments.add_argument("work", type=Path)
    arguments.add_argument("--big", action="store_true")
    asked = arguments.parse_args()
    problems = []
    if asked.big:
        big(asked, problems)
    server = Server(asked.assay, asked.work)
    waits = watch(server)
    base = "/api/v1/workspaces/shop"
    n = taken = refused = 0
    try:
        for name, file_name, content in uploads():
            n += 1
            began, before = time.time(), server.memory_mb()
            outcome = hand_in(server, base, form([(file_name, content)]), problems, name)
            taken, refused = taken + (outcome == "done"), refused + (outcome != "done")
            grown = server.memory_mb() - before
            if time.time() - began > 5 or grown > 30 or outcome not in ("done", "failed"):
                print(f"{name}: {outcome}, {time.time() - began:.1f} s, the most held grew by {grown:.0f} MB to {server.memory_mb():.0f}", flush=True)
        n += broken_forms(server, base, problems)
        # What was never acknowledged or was answered is not kept; tables that nobody reads wait for the meaning of their columns, a few.
        incoming = asked.work / "shop.db.incoming"
        # The last forms ended with their connections, or became jobs that nobody waited for: their folders go when they are through.
        for _ in range(300):
            left = list(incoming.glob("*")) if incoming.exists() else []
            waiting = [folder for folder in left if (folder / "unknown.json").exists()]
            if len(waiting) == len(left):
                break
            time.sleep(0.1)
        if len(waiting) != len(left) or len(waiting) > 8:
            problems.append(f"{len(left)} uploads are left in the folder of what comes in, {len(waiting)} of them wait")
        for place in (*asked.work.resolve().parents, asked.work, Path("/etc")):
            for owned in place.glob("owned*"):
                problems.append(f"a member of an upload was written to {owned}")
        good = hand_in(server, base, form([("followers.csv", b"handle,followed_at\nann,2024-01-01T00:00:00Z\nben,2024-01-02T00:00:00Z\n")]), problems, "a good file")
        if good != "done":
            problems.append(f"a good file after all of them is {good}")
        status, page = server.ask("GET", "/w/shop/imports")
        if status != 200 or b"Imports" not in page:
            problems.append(f"the page of imports answers {status}")
        beyond = server.sockets()
        if beyond:
            problems.append(f"sockets beyond the machine: {beyond}")
    finally:
        waits.stop = True
        most = server.memory_mb() if server.process.poll() is None else float("nan")
        if server.process.poll() is not None:
            problems.append(f"the server ended by itself with {server.process.returncode}")
        server.stop()
    if not most <= MEMORY_MAX_MB:
        problems.append(f"the server held {most:.0f} MB at its greatest, {MEMORY_MAX_MB} are allowed")
    if not waits.most <= ANSWER_MAX_S:
        problems.append(f"its health was answered after {waits.most:.2f} s at the latest, {ANSWER_MAX_S} are allowed")
    print(f"{n} hostile uploads: {taken} counted, {refused} refused by the reader; {most:.0f} MB at the most; health answered {waits.n} times, after {waits.most * 1000:.0f} ms at the latest")
    for problem in problems:
        print(f"PROBLEM: {problem}")
    print(f"{len(problems)} problems")
    sys.exit(1 if problems else 0)


def hand_in(server, base, body, problems, name, how="sent"):
    """Sends an upload and waits for its job; answers how it ended."""
    try:
        status, answer = server.ask("POST", f"{base}/imports", body, {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"})
    except OSError as error:
        # A server that refuses may close before all is sent; it has to be there still.
        problems.append(f"{name}: cannot be {how}: {error}")
        return "lost"
    if 400 <= status < 500:
        if b"detail" not in answer and b"title" not in answer:
            problems.append(f"{name}: {status} without a problem that says why: {answer[:200]!r}")
        return f"refused with {status}"
    if status != 202:
        problems.append(f"{name}: answered {status}: {answer[:200]!r}")
        return f"answered {status}"
    job = json.loads(answer)["id"]
    end = time.time() + JOB_MAX_S
    while time.time() < end:
        state = json.loads(server.ask("GET", f"{base}/jobs/{job}")[1])
        if state["state"] in ("done", "failed", "stopped"):
            if state["state"] == "failed" and not state.get("message"):
                problems.append(f"{name}: failed without saying why")
            if "panicked" in json.dumps(state):
                problems.append(f"{name}: {state}")
            return state["state"]
        time.sleep(0.005)
    problems.append(f"{name}: not ended after {JOB_MAX_S:.0f} s")
    return "not ended"


def broken_forms(server, base, problems):
    """Forms that are none."""
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    opened = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="a.csv"\r\n'.encode()
    forms = [
        ("no form", "text/plain", b"hello"),
        ("no boundary", "multipart/form-data", b"hello"),
        ("a boundary of 5,000", f"multipart/form-data; boundary={'b' * 5_000}", b"hello"),
        ("an empty form", kind, f"--{BOUNDARY}--\r\n".encode()),
        ("a form that never ends", kind, opened + b"\r\nhandle\na\n"),
        ("headers of a megabyte", kind, opened + b"X-A: " + b"a" * 1_000_000 + b"\r\n\r\nhandle\n"),
        ("fields of 20 MB", kind, f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="page"\r\n\r\n'.encode() + b"a" * 20_000_000 + f"\r\n--{BOUNDARY}--\r\n".encode()),
        ("300 files", kind, form([(f"{k}.csv", b"handle\na\n") for k in range(300)])),
        ("100,000 fields", kind, f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="x"\r\n\r\ny\r\n'.encode() * 100_000 + f"--{BOUNDARY}--\r\n".encode()),
        ("a name with a line end", kind, form([("a\r\nX: y", b"handle\na\n")])),
        ("no part's head", kind, f"--{BOUNDARY}\r\n\r\nhandle\r\n--{BOUNDARY}--\r\n".encode()),
    ]
    for name, content_type, body in forms:
        try:
            status, answer = server.ask("POST", f"{base}/imports", body, {"Content-Type": content_type})
        except OSError:
            status, answer = server.ask("GET", "/healthz")
        if status >= 500:
            problems.append(f"{name}: answered {status}: {answer[:200]!r}")
    # One that says it is longer than it is, and goes.
    connection = http.client.HTTPConnection(server.host, server.port, timeout=10)
    connection.putrequest("POST", f"{base}/imports")
    connection.putheader("Content-Type", kind)
    connection.putheader("Content-Length", "1000000")
    connection.endheaders()
    connection.send(opened + b"\r\nhandle\n")
    connection.close()
    return len(forms) + 1


class watch:
    """Asks for the server's health again and again."""

    def __init__(self, server):
        self.server, self.stop, self.n, self.most = server, False, 0, 0.0
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        """Until it is told to stop."""
        while not self.stop:
            began = time.time()
            try:
                status, _ = self.server.ask("GET", "/healthz", timeout=30)
                took = time.time() - began if status == 200 else float("inf")
            except OSError:
                took = float("inf")
            if not self.stop:
                self.n, self.most = self.n + 1, max(self.most, took)
            time.sleep(0.1)


class Rows(io.RawIOBase):
    """A form of one file of two gigabytes that is made as it is read."""

    def __init__(self, n, row):
        self.head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="followers.csv"\r\n\r\nhandle,followed_at\n'.encode()
        self.tail = f"\r\n--{BOUNDARY}--\r\n".encode()
        self.row, self.k, self.n = row, 0, n

    def pieces(self):
        """The bytes, a piece at a time."""
        yield self.head
        sent = 0
        while sent < self.n:
            piece = self.row(self.k)
            self.k += 1
            sent += len(piece)
            yield piece
        yield self.tail


def big(asked, problems):
    """Two gigabytes: refused by a server as it starts, taken by one that was told to."""
    noise = random.Random(1).randbytes(1 << 20)
    rows = lambda k: b"".join(b"user_%09d,2024-01-%02dT00:00:00Z\n" % (k * 20_000 + i, 1 + k % 28) for i in range(20_000))
    for name, more, row, expected in [
        ("2 GB, refused", (), lambda _: noise, ("refused with 413", "lost")),
        ("2 GB of noise, taken in", ("--upload-max", "3000"), lambda _: noise, ("failed", "done")),
        ("2 GB of rows, taken in", ("--upload-max", "3000"), rows, ("failed",)),
    ]:
        server = Server(asked.assay, asked.work, *more)
        waits = watch(server)
        began, own = time.time(), []
        global JOB_MAX_S
        before, JOB_MAX_S = JOB_MAX_S, 1_800.0
        outcome = hand_in(server, "/api/v1/workspaces/shop", Rows(2_000_000_000, row).pieces(), own, name)
        JOB_MAX_S = before
        if outcome not in expected:
            problems.append(f"{name}: {outcome} {own}")
        if outcome != "lost":
            problems.extend(own)
        waits.stop = True
        most = server.memory_mb()
        print(f"{name}: {outcome}, {time.time() - began:.0f} s, {most:.0f} MB at the most, health after {waits.most * 1000:.0f} ms at the latest", flush=True)
        if most > MEMORY_MAX_MB:
            problems.append(f"{name}: {most:.0f} MB")
        server.stop()


if __name__ == "__main__":
    main()
