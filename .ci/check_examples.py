"""Checks what `assay audit --format json` says of the two examples against what was planted in them.

usage: check_examples.py TRUTH.json X.json INSTAGRAM.json
"""

import json
import sys


def overlap(found, planted):
    return min(found["last_rank"], planted[1]) - max(found["first_rank"], planted[0]) + 1


def main():
    truth, x, instagram = (json.load(open(name)) for name in sys.argv[1:4])
    ranks = [(p["first_rank"], p["last_rank"]) for p in truth["plants"]]
    viral, aged, fresh = ranks
    faults = []
    batches = x["batches"]
    for name, planted in (("aged", aged), ("fresh", fresh)):
        size = planted[1] - planted[0] + 1
        found = max(batches, key=lambda b: overlap(b, planted), default=None)
        if found is None or overlap(found, planted) < 0.9 * size:
            faults.append(f"the {name} batch at {planted} is not among the batches")
        elif abs(found["first_rank"] - planted[0]) + abs(found["last_rank"] - planted[1]) > 0.1 * size:
            faults.append(f"the {name} batch at {planted} was found at {found['first_rank']}-{found['last_rank']}")
    if len(batches) != 2:
        faults.append(f"expected 2 batches, found {len(batches)}")
    if any(overlap(b, viral) > 0 for b in batches):
        faults.append("the viral day is accused")
    if instagram["batches"]:
        faults.append("a batch is claimed from handles and times alone")
    for name, planted in (("viral", viral), ("aged", aged), ("fresh", fresh)):
        size = planted[1] - planted[0] + 1
        if not any(overlap(s, planted) > 0.5 * size for s in instagram["spikes"]):
            faults.append(f"the {name} burst at {planted} is no spike of the Instagram export")
    if any(s["reading"] == "organic" for s in instagram["spikes"]):
        faults.append("a burst is called organic from handles and times alone")
    print("\n".join(faults) if faults else f"batches {[(b['first_rank'], b['last_rank']) for b in batches]}")
    sys.exit(bool(faults))


main()
