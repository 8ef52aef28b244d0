#!/usr/bin/env python3
"""Compares answers on public data with the figures that they must reach.

usage: check_figures.py backtest|ltv ANSWER.json
       check_figures.py metrics ANSWER.json PAGE.html     every figure of the page is in the answer
"""
import json, math, re, sys
from html.parser import HTMLParser

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


class Figures(HTMLParser):
    """The figures of a page of metrics, each with the metric (or group) that it is told of."""

    def __init__(self):
        super().__init__()
        self.found, self.about, self.inside, self.text = [], "", None, ""

    def handle_starttag(self, tag, attributes):
        a = dict(attributes)
        classes = (a.get("class") or "").split()
        if tag == "svg":
            self.about = a.get("aria-label", "")
        is_figure = tag in ("td", "dd") and ("number" in classes or "value" in classes and "untold" not in classes)
        is_bar = tag == "text" and "up" not in classes
        is_name = tag in ("dt", "h3") or tag == "th" and a.get("scope") == "row"
        if is_figure or is_bar or is_name:
            self.inside, self.text = "name" if is_name else "figure", ""

    def handle_data(self, data):
        self.text += data

    def handle_endtag(self, tag):
        if self.inside and tag in ("td", "dd", "dt", "h3", "th", "text"):
            if self.inside == "name":
                self.about = self.text.replace(" (vanity)", "")
            else:
                self.found.append((self.about, self.text))
            self.inside = None


def numbers(said):
    """Every number below a value of JSON."""
    if isinstance(said, dict):
        return [x for value in said.values() for x in numbers(value)]
    if isinstance(said, list):
        return [x for value in said for x in numbers(value)]
    return [float(said)] if isinstance(said, (int, float)) and not isinstance(said, bool) else []


def metrics(said, page):
    """Rounded as it stands on the page, every figure is a number of the answer: of its own metric where it names one."""
    own = {}
    for metric in said["metrics"]:
        own.setdefault(metric["name"], []).extend(numbers(metric))
    everything = [x for all in own.values() for x in all]
    reader = Figures()
    with open(page, encoding="utf-8") as f:
        reader.feed(f.read())
    missing, n = [], 0
    for about, text in reader.found:
        # A change against the window before is of two figures, and is made for the page.
        for shown in re.findall("(?<![\\w.])\u2212?[0-9][0-9,]*(?:\\.[0-9]+)?", re.sub("[+\u2212][0-9]+ %$", "", text)):
            places = len(shown.partition(".")[2])
            value = float(shown.replace(",", "").replace("\u2212", "-"))
            half = 0.5000001 * 10.0**-places
            scales = (1, 100, 0.01, 0.001)
            all = own.get(about, everything)
            n += 1
            is_there = any(abs(x * scale - value) <= half for x in all for scale in scales)
            # Shares that round to nothing or to all are written as bounds.
            if not is_there and not re.search("[<>] ", text):
                missing.append(f"{about}: {text.strip()}")
    print(f"{n} figures on the page, {len(missing)} of them not in the answer")
    for line in missing[:20]:
        print(f"  {line}")
    return n > 0 and not missing


kind, path, *rest = sys.argv[1:]
with open(path) as f:
    sys.exit(not {"backtest": backtest, "ltv": ltv, "metrics": metrics}[kind](json.load(f), *rest))
