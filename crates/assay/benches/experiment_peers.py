"""Reads one table of units with pandas and compares its arms with gbstats (CUPED), as `experiment.rs` beside it asks.

    pip install pandas gbstats pyarrow
    python3 crates/assay/benches/experiment_peers.py units.csv

Only the columns that are needed are read. Prints the seconds of reading and comparing without the imports, the peak memory of
the process, and the result.
"""

import resource
import sys
import time

import pandas as pd
from gbstats.frequentist.tests import FrequentistConfig, TwoSidedTTest
from gbstats.models.statistics import RegressionAdjustedStatistic, SampleMeanStatistic, compute_theta

COLUMNS = ["arm", "pre", "spend"]


def adjusted(rows):
    y, x = rows["spend"], rows["pre"]
    mean = lambda values: SampleMeanStatistic(n=len(rows), sum=values.sum(), sum_squares=(values * values).sum())
    return RegressionAdjustedStatistic(
        n=len(rows), post_statistic=mean(y), pre_statistic=mean(x), post_pre_sum_of_products=(x * y).sum(), theta=0
    )


def main():
    path = sys.argv[1]
    began = time.perf_counter()
    table = pd.read_csv(path, usecols=COLUMNS) if path.endswith(".csv") else pd.read_parquet(path, columns=COLUMNS)
    arms = {name: adjusted(rows) for name, rows in table.groupby("arm")}
    control, offer = arms["control"], arms["offer"]
    control.theta = offer.theta = compute_theta(control, offer)
    result = TwoSidedTTest(control, offer, FrequentistConfig()).compute_result()
    print(f"seconds {time.perf_counter() - began:.6f}")
    print(f"peak_mb {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.1f}")
    print(result)


if __name__ == "__main__":
    main()
