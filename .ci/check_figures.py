#!/usr/bin/env python3
"""Compares answers on public data with the figures that they must reach.

usage: check_figures.py backtest|ltv ANSWER.json
"""
import json, math, sys

# Upper bounds of (mae_log, crps) on the 500 posts of Moro et al. 2016, rolling origin behind the first 75 %.
BACKTEST = {"reach": (0.82, 0.60), "fan_reach": (0.675, 0.51)}
# CDNOW sample, calibrated until 1997-09-30: Fader, Hardie, Lee 2005, with the digits of lifetimes 0.11.3 on the same file.
LTV = {"r": 0.242595, "alpha": 4.413603, "a": 0.792922, "b": 2.425906, "p": 6.249572, "q": 3.744225, "v": 15.443521}


def binomial_is_likely(k, n, p, level):
    """Whether k of n at p is no rarer than the level: the two-sided exact test that adds all outcomes as rare or rarer."""
    log = lambda i: math.lgamma(n + 1) - math.lgamma(i + 1) - math.lgamma(n - i + 1) + i * math.log(p) + (n - i) * math.log(1 - p)
    seen = log(k)
    return sum(math.exp(log(i)) for i in range(n + 1) if log(i) <= seen + 1e-9) >= level


def backtest(said):
    mae, crps = BACKTEST[said["target"]]
    n = said["n"]
    inside = round(said["coverage_90"] * n)
    print(f"{said['target']}: mae_log {said['mae_log']:.4f} (bar {mae}), crps {said['crps']:.4f} (bar {crps}), inside {inside} of {n}")
    return said["mae_log"] <= mae and said["crps"] <= crps and binomial_is_likely(inside, n, 0.9, 0.01)


def ltv(said):
    far = {k: said["params"][k] / want - 1 for k, want in LTV.items()}
    back = said["backtest"]
    low, point, high = (back["predicted"][k] for k in ("low", "point", "high"))
    print(f"params off by at most {max(map(abs, far.values())):.1e}; {point:.1f} ({low:.0f} to {high:.0f}) expected, {back['actual']} came")
    return all(abs(x) < 1e-5 for x in far.values()) and abs(point / 1653.409 - 1) < 1e-5 and low <= back["actual"] <= high


kind, path = sys.argv[1:]
with open(path) as f:
    sys.exit(not {"backtest": backtest, "ltv": ltv}[kind](json.load(f)))
