#!/usr/bin/env python3
"""Times Polars and PyArrow on a table of edges, for comparison with the example `time_reading`.

usage: time_peers.py FILE        (pip install polars pyarrow)

`read` brings the three columns into memory. `numbered` does what `survey` of assay does besides: it gives every id a number
(Polars: rank in the order of the ids; PyArrow: dictionary encoding), without hashing the file. The second of two runs counts.
"""
import sys, time
import polars as pl, pyarrow as pa, pyarrow.compute as pc, pyarrow.csv, pyarrow.parquet

path = sys.argv[1]
is_parquet = path.endswith(".parquet")

def polars_read():
    return pl.read_parquet(path) if is_parquet else pl.read_csv(path)

def polars_numbered():
    table = polars_read()
    return table.select(pl.col("source").rank("dense"), pl.col("target").rank("dense"))

def arrow_read():
    return pyarrow.parquet.read_table(path) if is_parquet else pyarrow.csv.read_csv(path)

def arrow_numbered():
    table = arrow_read()
    return [pc.dictionary_encode(table[c]) for c in ("source", "target")]

print("polars", pl.__version__, "pyarrow", pa.__version__)
for name, run in [("polars read", polars_read), ("polars numbered", polars_numbered), ("pyarrow read", arrow_read), ("pyarrow numbered", arrow_numbered)]:
    run(); start, used = time.time(), time.process_time(); result = run(); took, used = time.time() - start, time.process_time() - used
    rows = len(result) if not isinstance(result, list) else len(result[0])
    print(f"{name:18} {took:7.2f} s, {used:7.2f} s of processor, {rows / took / 1e6:7.1f} million rows a second, {rows / used / 1e6:7.1f} of processor")
