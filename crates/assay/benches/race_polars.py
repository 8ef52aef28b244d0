"""Reads one follower table by assay and by polars in turn, in one run, and prints wall times and their ratio.

    cargo build --release -p assay -p assay-import --bins --examples
    target/release/assay synth followers --followers 1000000 --days 1500 --out million.csv
    pip install polars
    python3 crates/assay/benches/race_polars.py million.csv [ROUNDS]

assay reads by the example `time_import`: the same columns, dates parsed, repeated accounts rejected, the file hashed, all
columns in memory; its time is that of the whole process. polars reads into a frame of the same columns with dates parsed
(`try_parse_dates`), since a follower table has dates; its time is that of the call alone. For comparison, polars without
dates, which leaves them as texts.
"""

import subprocess
import sys
import time
from pathlib import Path

import polars

READER = Path(__file__).resolve().parents[3] / "target/release/examples/time_import"


def timed(call):
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def main():
    table = sys.argv[1]
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    runners = {
        "assay": lambda: subprocess.run([READER, table], check=True, stdout=subprocess.DEVNULL),
        "polars": lambda: polars.read_csv(table, try_parse_dates=True),
        "polars, dates as texts": lambda: polars.read_csv(table),
    }
    best = {name: float("inf") for name in runners}
    for _ in range(rounds):
        for name, run in runners.items():
            best[name] = min(best[name], timed(run))
    print(f"{table}: best of {rounds}, polars {polars.__version__}, {polars.thread_pool_size()} threads")
    for name, seconds in best.items():
        print(f"{seconds:8.3f} s  {name}")
    ratio = best["assay"] / best["polars"]
    print(f"{ratio:8.2f}    assay over polars")
    sys.exit(ratio > 1.5)


if __name__ == "__main__":
    main()
