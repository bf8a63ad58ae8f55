"""What the benchmarks share: interleaved repeats, medians, ratios, one JSON document (DESIGN 12).

Absolute times say more about the machine than about us, so a benchmark prints ratios of two things measured in turn in
one run: whatever slows the machine down for a while slows down both.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Mapping


def arguments(repeats: int) -> argparse.Namespace:
    """`--json` and `--repeats N`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--repeats", type=int, default=repeats)
    return parser.parse_args()


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def medians(cases: Mapping[str, Callable[[], float]], repeats: int) -> dict[str, float]:
    """Each case's median; the cases take turns.  A case answers its own measure (seconds, or acts per second)."""
    measured: dict[str, list[float]] = {name: [] for name in cases}
    for number in range(repeats):
        for name, case in cases.items():
            measured[name].append(case())
            print(f"  {number + 1}/{repeats} {name}: {measured[name][-1]:.4g}", file=sys.stderr)
    return {name: statistics.median(values) for name, values in measured.items()}


def report(ratios: Mapping[str, float], repeats: int, *, as_json: bool) -> None:
    """Print; a ratio's name says what stands above and below the line."""
    if as_json:
        print(json.dumps({"ratios": dict(ratios), "repeats": repeats}))
        return
    for name, ratio in ratios.items():
        print(f"{ratio:10.3f}  {name}")
