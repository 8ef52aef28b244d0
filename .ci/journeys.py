"""The pages of `assay serve` in a real browser: journeys, every page, accessibility, and nothing loaded from elsewhere.

  journeys.py ASSAY EXPORT WORK [--shots FOLDER]

ASSAY is the built program, EXPORT a follower export with a batch, WORK an empty folder. Needs playwright and
axe-playwright-python, and a Chromium of the system.
"""

import argparse
import datetime
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error, expect, sync_playwright

AREAS = ["", "audience", "batches", "metrics", "reach", "experiments", "people", "imports", "settings"]


def serve(assay, *more):
    """Starts a server and answers its process and address."""
    command = [assay, "serve", "--listen", "127.0.0.1:0", *more]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ, "NO_COLOR": "1"})
    line = process.stderr.readline()
    found = re.search(r"http://[0-9.:]+", line)
    if not found:
        raise SystemExit(f"the server did not start: {line}{process.stderr.read()}")
    return process, found.group(0)


def settled(page, address):
    """Opens an address and waits until what it shows is worked out."""
    # To go where one is, at a place in the page, opens nothing, and stops a page that is just read again.
    address = address.split("#")[0]
    for again in (True, True, False):
        try:
            page.goto(address)
            break
        except Error:
            # The page before may just read itself again, as its answer has come.
            if not again:
                raise
    for _ in range(600):
        # A page that is just read again has no body for a moment.
        page.wait_for_load_state()
        if page.locator("body[data-job]").count() == 0 and page.locator("main").count() == 1:
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"{address} is never worked out")


def check(page, name, shots, axe, problems):
    """Accessibility, errors of scripts, and a picture, light, dark and on a phone."""
    for look, scheme, size in [("light", "light", (1280, 900)), ("dark", "dark", (1280, 900)), ("phone", "light", (390, 844))]:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.wait_for_timeout(150)
        for violation in axe.run(page).response["violations"]:
            where = violation["nodes"][0]["html"][:160]
            problems.append(f"{name} ({look}): {violation['id']}: {violation['help']}: {where}")
        width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if width > 1:
            problems.append(f"{name} ({look}): {width} px wider than the screen")
        if shots:
            page.screenshot(path=f"{shots}/{name}-{look}.png", full_page=True)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme="light")


def experiment(page, home, asked, axe, problems):
    """Plan, seal, read, decide."""
    table = asked.work / "orders.csv"
    rows = [f"{('none', 'offer')[k % 2]},{int(k % 20 == 0 if k % 2 == 0 else k % 12 < 2)}" for k in range(8000)]
    table.write_text("group,ordered\n" + "\n".join(rows) + "\n")
    settled(page, f"{home}/experiments")
    page.get_by_label("Orders a week").fill("2")
    page.get_by_label("What an order earns, before").fill("1")
    page.get_by_label("What the test may cost in all").fill("500")
    page.get_by_role("button", name="Plan it").click()
    expect(page.locator("#verdict")).to_contain_text("Do not run a test")
    check(page, "experiments-not-to", asked.shots, axe, problems)
    for label, value in [("People of your own list", "80000"), ("The share of them who order", "0.03"), ("What an order earns, before", "12"),
                         ("What treating one person costs", "0.01"), ("What the test may cost in all", ""), ("The lift you hope for", "0.3")]:
        page.get_by_label(label).fill(value)
    page.get_by_role("button", name="Plan it").click()
    expect(page.locator("#verdict")).to_contain_text("a split of your own list")
    check(page, "experiments-planned", asked.shots, axe, problems)
    seal = page.locator("form", has=page.get_by_role("button", name="Seal the split"))
    for name, value in [("name", "spring mail"), ("arm", "group"), ("control", "none"), ("metric", "ordered:binary"), ("split", "50:50"),
                        ("max_n", "8000"), ("looks", "4"), ("margin", "12"), ("cost", "0.1"), ("note", "does mail pay?")]:
        seal.locator(f"[name={name}]").fill(value)
    page.get_by_role("button", name="Seal the split").click()
    expect(page.locator("h1")).to_have_text("spring mail")
    check(page, "experiments-sealed", asked.shots, axe, problems)
    page.set_input_files("input[type=file]", table)
    page.get_by_role("button", name="Read it").click()
    expect(page.locator("#verdict")).to_have_text("Adopt offer.", timeout=30_000)
    settled(page, page.url)
    expect(page.locator("#ratio")).to_contain_text("agree with the split")
    page.get_by_label("because").fill("the whole list from Monday on")
    page.get_by_role("button", name="Decide").click()
    expect(page.locator("section[aria-labelledby=decide]")).to_contain_text("the whole list from Monday on")
    check(page, "experiments-read", asked.shots, axe, problems)
    settled(page, f"{home}/experiments")
    expect(page.locator("table").first).to_contain_text("decided: adopt")
    check(page, "experiments-list", asked.shots, axe, problems)


def weeks(page, home, asked, axe, problems):
    """Weeks on and off are drawn and sealed."""
    settled(page, f"{home}/experiments")
    page.locator("summary", has_text="Weeks on and off").click()
    seal = page.locator("form", has=page.get_by_role("button", name="Draw and seal the weeks"))
    for name, value in [("name", "boosts"), ("from", "2026-12-07"), ("weeks", "12"), ("washout", "2"), ("date", "ordered_at"), ("margin", "12"), ("cost", "50")]:
        seal.locator(f"[name={name}]").fill(value)
    page.get_by_role("button", name="Draw and seal the weeks").click()
    expect(page.locator("h1")).to_have_text("boosts")
    expect(page.locator("section[aria-labelledby=sealed]")).to_contain_text("2 days at the start of each")
    check(page, "experiments-weeks", asked.shots, axe, problems)


def conversation(page, home, asked, axe, problems):
    """Somebody who wrote is opened, noted, answered with what is saved, and gone from the queue."""
    words = asked.work / "listNotifications.json"
    root = {"uri": "at://did:plc:shop/app.bsky.feed.post/a", "cid": "c"}
    words.write_text(json.dumps({"notifications": [
        {"uri": f"at://did:plc:{who}/app.bsky.feed.post/q", "cid": "c", "reason": "reply", "indexedAt": at,
         "author": {"did": f"did:plc:{who}", "handle": f"{who}.test"},
         "record": {"$type": "app.bsky.feed.post", "createdAt": at, "text": text, "reply": {"root": root, "parent": root}}}
        for who, at, text in [("ann", "2026-03-01T10:00:00.000Z", "Do you ship to Norway?"), ("bob", "2026-03-01T11:00:00.000Z", "Is it decaf?")]]}))
    settled(page, f"{home}/imports")
    page.set_input_files("input[type=file]", words)
    page.get_by_role("button", name="Import").first.click()
    page.wait_for_selector(".done", timeout=60_000)
    settled(page, f"{home}/people")
    page.locator("summary", has_text="Add one").click()
    save = page.locator("form[action$=save-answer]")
    save.locator("[name=name]").fill("shipping")
    save.locator("[name=text]").fill("We ship everywhere.")
    save.get_by_role("button").click()
    settled(page, f"{home}/people")
    before = page.locator("ol.queue li article").count()
    check(page, "people-queue", asked.shots, axe, problems)
    page.get_by_role("link", name="ann.test").click()
    settled(page, page.url)
    expect(page.locator(".words")).to_contain_text("Do you ship to Norway?")
    expect(page.locator("#act").locator("..")).to_contain_text("We ship everywhere.")
    page.get_by_label("Note", exact=True).fill("asked about Norway")
    page.get_by_role("button", name="Keep the note").click()
    settled(page, page.url)
    expect(page.locator("section[aria-labelledby=notes]")).to_contain_text("asked about Norway")
    check(page, "conversation", asked.shots, axe, problems)
    page.get_by_role("button", name="Mark as answered").click()
    settled(page, f"{home}/people")
    assert page.get_by_role("link", name="ann.test").count() == 0, "who was answered waits no longer"
    assert page.locator("ol.queue li article").count() == before - 1
    settled(page, f"{home}/people?status=answered")
    expect(page.locator("ol.queue")).to_contain_text("ann.test")


def removal(page, home, asked, axe, problems):
    """A removal in steps is planned from the page's posts and sealed as an experiment."""
    posts = asked.work / "posts.csv"
    day = datetime.date(2025, 6, 2)
    rows = [f"{k},{day + datetime.timedelta(days=k)}T09:00:00Z,{300 + k * 37 % 90 + 60 * (k // 7 % 3)},{20 + k % 11},2000,organic" for k in range(200)]
    posts.write_text("post_id,published_at,reach,engagements,followers,type\n" + "\n".join(rows) + "\n")
    settled(page, f"{home}/imports")
    page.set_input_files("input[type=file]", posts)
    page.get_by_role("button", name="Import").first.click()
    page.wait_for_selector(".done", timeout=60_000)
    settled(page, f"{home}/reach")
    most = int(page.locator("#remove").get_attribute("max"))
    page.locator("#remove").fill(str(most // 2))
    page.get_by_label("The first day of the first week").fill("2026-12-07", timeout=10_000)
    page.get_by_role("button", name="Plan it").click()
    settled(page, page.url)
    expect(page.locator("#experiment")).to_have_text("As an experiment")
    check(page, "reach-removal", asked.shots, axe, problems)
    page.get_by_label("What it is called").fill("removal in steps")
    page.get_by_role("button", name="Seal it").click()
    settled(page, page.url)
    expect(page.locator("h1")).to_have_text("removal in steps")
    settled(page, home)
    expect(page.locator("section[aria-labelledby=do]")).to_contain_text("1 experiment awaits")


def unknown(page, home, asked, axe, problems):
    """A table whose columns nobody knows waits, is told, is taken in; the next one is read at once."""
    settled(page, f"{home}/imports")
    for n, month in [(1, "01"), (2, "02")]:
        table = asked.work / f"sales {n}.csv"
        table.write_text("who,bought when,how much\n" + "".join(f"c{k},2026-{month}-{k + 1:02},{k + 10}.50\n" for k in range(20)))
        page.set_input_files("input[type=file]", table)
        page.get_by_role("button", name="Import").first.click()
        if n == 1:
            expect(page.get_by_role("heading", name="What are these columns?")).to_be_visible(timeout=30_000)
            settled(page, page.url)
            check(page, "imports-unknown", asked.shots, axe, problems)
            for header, column in [("who", "customer_id"), ("bought when", "ordered_at"), ("how much", "total")]:
                page.get_by_label(f"What {header} is").fill(column)
            page.get_by_role("button", name="Import with these").click()
        page.wait_for_selector(".done", timeout=60_000)
        expect(page.locator(".done").first).to_contain_text("20 facts")
        settled(page, f"{home}/imports")


def settings(page, home, asked, axe, problems):
    """How the business counts and how long it keeps is said; a mistake is told; a person is forgotten."""
    settled(page, f"{home}/settings")
    counting = page.locator("section[aria-labelledby=counting]")
    counting.get_by_label("currency").fill("EUR")
    counting.get_by_role("button", name="Keep").click()
    settled(page, page.url)
    expect(page.locator("section[aria-labelledby=counting]").get_by_label("currency")).to_have_value("EUR")
    kept = page.locator("section[aria-labelledby=retention]")
    kept.get_by_label("engagements").fill("soon")
    kept.get_by_role("button", name="Keep").click()
    expect(page.locator("main")).to_contain_text("soon")
    check(page, "settings-refused", asked.shots, axe, problems)
    page.get_by_role("link", name="Back to the page before").click()
    kept.get_by_label("engagements").fill("2y")
    kept.get_by_role("button", name="Keep").click()
    settled(page, page.url)
    expect(kept.get_by_label("engagements")).to_have_value("2y")
    check(page, "settings-kept", asked.shots, axe, problems)
    settled(page, f"{home}/people?status=answered")
    expect(page.locator("main")).to_contain_text("ann.test")
    settled(page, f"{home}/settings")
    page.get_by_label("Handle").fill("@ann.test")
    page.get_by_role("button", name="Forget").click()
    settled(page, page.url)
    settled(page, f"{home}/people?status=answered")
    assert "ann.test" not in page.locator("main").inner_text(), "who was forgotten is gone"


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("assay")
    arguments.add_argument("export")
    arguments.add_argument("work", type=Path)
    arguments.add_argument("--shots")
    asked = arguments.parse_args()
    asked.work.mkdir(parents=True, exist_ok=True)
    if asked.shots:
        Path(asked.shots).mkdir(parents=True, exist_ok=True)
    problems = []
    browser_path = next(filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])))
    process, address = serve(asked.assay, "--workspace", str(asked.work / "shop.db"))
    try:
        with sync_playwright() as p:
            browser = p.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
            page = browser.new_page()
            page.on("pageerror", lambda e: problems.append(f"script: {e}"))
            page.on("console", lambda m: m.type == "error" and not re.search("40[04]", m.text) and problems.append(f"console: {m.text}"))
            asked_of = []
            page.on("request", lambda r: asked_of.append(r.url))
            page.on("dialog", lambda d: d.accept())
            axe = Axe()

            # First visit to first verdict: drop an export, watch, read.
            page.goto(address)
            check(page, "welcome", asked.shots, axe, problems)
            page.set_input_files("input[type=file]", asked.export)
            page.get_by_role("button", name="Import").click()
            page.wait_for_url(re.compile(r"/imports"))
            page.wait_for_selector(".done", timeout=60_000)
            expect(page.locator(".done").first).to_contain_text("taken")
            home = f"{address}/w/shop"
            settled(page, home)
            expect(page.locator("h1").first).not_to_be_empty()
            for area in AREAS:
                settled(page, f"{home}/{area}" if area else home)
                if page.locator("h1").first.inner_text() == "Not Found":
                    problems.append(f"{area} is not there")
                    continue
                if area == "audience":
                    page.wait_for_selector(".chart.live canvas", timeout=20_000)
                check(page, area or "home", asked.shots, axe, problems)

            # Filters, one follower, and back; lists that may be taken away.
            settled(page, f"{home}/audience")
            page.get_by_label("Class").select_option("inauthentic")
            page.get_by_role("button", name="Show", exact=True).click()
            expect(page.locator("table.people .class").first).to_have_text("looks inauthentic")
            page.locator("table.people th a").first.click()
            expect(page.locator("h2").first).to_have_text("Why")
            check(page, "follower", asked.shots, axe, problems)
            settled(page, f"{home}/batches")
            with page.expect_download() as taken:
                page.get_by_role("link", name="handles, one a line").first.click()
            assert len(Path(taken.value.path()).read_text().splitlines()) > 10, "a batch has members"

            removal(page, home, asked, axe, problems)

            # Overrule a verdict, and read it again.
            settled(page, f"{home}/audience?class=inauthentic")
            page.locator("table.people th a").first.click()
            page.get_by_label("It is").select_option("genuine")
            page.get_by_label("because").fill("met at the market")
            page.get_by_role("button", name="Overrule").click()
            settled(page, page.url)
            expect(page.locator(".class").first).to_have_text("genuine")

            # Label, and the share is told more sharply.
            settled(page, f"{home}/audience")
            before = page.locator("table.shares").first.inner_text()
            for i in range(24):
                page.locator(f"input[name=label-{i}][value=genuine]").check()
            page.get_by_role("button", name="Keep the labels").click()
            settled(page, page.url)
            after = page.locator("table.shares").first.inner_text()
            assert before != after, "labels change what can be said"

            # What if: a slider answers while it moves.
            settled(page, f"{home}/reach")
            page.locator("#buy").fill("10000")
            page.wait_for_selector("[data-outcome] section", timeout=5_000)
            check(page, "what-if", asked.shots, axe, problems)

            experiment(page, home, asked, axe, problems)
            weeks(page, home, asked, axe, problems)
            conversation(page, home, asked, axe, problems)

            # A report for a client, who sees no follower named.
            settled(page, f"{home}/audience")
            with page.expect_download() as taken:
                page.get_by_role("link", name="Report for a client").click()
            assert "<html" in Path(taken.value.path()).read_text()[:200], "the report is a page"

            # Metrics: split, and the rows behind a figure.
            settled(page, f"{home}/metrics")
            page.get_by_label("Metric", exact=True).select_option("followers")
            page.get_by_role("button", name="Show its rows").click()
            settled(page, page.url)
            expect(page.locator("table").first).to_be_visible()
            check(page, "rows", asked.shots, axe, problems)

            unknown(page, home, asked, axe, problems)
            settings(page, home, asked, axe, problems)

            # Import, undo: the ledger says so, and there is no list any more.
            settled(page, f"{home}/imports")
            page.get_by_role("button", name="Take it back").first.click()
            expect(page.locator("article.import").first).to_contain_text("taken back")
            page.set_input_files("input[type=file]", asked.export)
            page.get_by_role("button", name="Import").click()
            page.wait_for_selector(".done", timeout=60_000)

            # Keyboard alone: from the top of a page to its first link of the menu.
            settled(page, home)
            keys = browser.new_page()
            settled(keys, home)
            keys.keyboard.press("Tab")
            expect(keys.locator(":focus")).to_have_text("Skip to the page")
            keys.close()

            # Without scripts pages say the same.
            plain = browser.new_context(java_script_enabled=False).new_page()
            plain.goto(f"{home}/audience")
            assert plain.locator("figure svg").count() >= 1, "charts are drawn without scripts"
            browser.close()
            elsewhere = sorted({u for u in asked_of if not u.startswith((address, "data:", "blob:"))})
            if elsewhere:
                problems.append(f"asked of elsewhere: {elsewhere}")
    finally:
        process.terminate()
        began = time.time()
        process.wait(timeout=20)
        if time.time() - began > 5:
            problems.append("the server took more than 5 s to stop")
    for problem in problems:
        print(problem)
    print(f"{len(problems)} problems")
    sys.exit(1 if problems else 0)


main()
