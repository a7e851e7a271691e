"""How fast the network trains, beside scikit-learn and PyTorch in one run, and what else a trial costs.

    .venv/bin/python -m benchmarks.network [--quick] [--only steps|epoch|large|memory|start] [--json FILE]
    uv run --with torch==2.13.0 python -m benchmarks.network

PyTorch is no dependency of this project: the second command brings it in an environment of its own, as does
`pip install . torch==2.13.0` in one. Without it the table has no column for it.

Everything runs in one BLAS thread, and times are on the processor. Contestants take turns within each round.
Figures are medians over the rounds, of one step in microseconds, with the fastest and the slowest round in
brackets; a ratio is the peer's time over Proctor's; dropout is what a keep-prob of 0.8 adds to Proctor's own,
embedded what periodic embeddings of 30 of the 64 features add.
"""

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_info, threadpool_limits

from benchmarks.machine import processor, sgemm_peak, versions
from benchmarks.step_speed import SHAPES, Spread, step_speed
from benchmarks.trial_costs import cold_start, epoch_parts, large_data_ratio
from benchmarks.trial_memory import TRIALS, measure_apart
from search_spaces.network.point import NetworkPoint

POINTS = {
    "2x64, batch 64": NetworkPoint(depth=2, width=64, batch_size=64),
    "3x512, batch 64": NetworkPoint(depth=3, width=512, batch_size=64),
}
PEERS = ("scikit-learn", "pytorch", "compiled")


@dataclass(frozen=True, slots=True)
class Effort:
    """How many rounds to measure, and how many of the shapes."""

    n_rounds: int
    n_shapes: int


def steps(effort: Effort) -> list[dict[str, Any]]:
    """Print the table of training steps."""
    if not find_spec("torch"):
        print("PyTorch is not installed: uv run --with torch==2.13.0 python -m benchmarks.network")
    heads = f"{'one step, us':<16}{'Proctor':>18}{'of peak':>9}{'dropout':>9}{'embedded':>10}"
    print(heads + "".join(f"{peer:>20}{'ratio':>7}" for peer in PEERS))
    figures = []
    for shape in SHAPES[: effort.n_shapes]:
        speed, failures = step_speed(shape, n_rounds=effort.n_rounds)
        line = f"{shape!s:<16}{_microseconds(speed.steps['proctor']):>18}"
        line += f"{speed.peak_share:>9.0%}{speed.dropout_cost:>+9.0%}{speed.embedding_cost:>+10.0%}"
        for peer in PEERS:
            there = peer in speed.steps
            line += f"{_microseconds(speed.steps[peer]):>20}" if there else f"{'-':>20}"
            line += f"{speed.speed_against(peer):>7.2f}" if there else f"{'-':>7}"
        print(line, flush=True)
        for peer, reason in failures.items():
            print(f"  {peer} did not run: {reason}")
        ratios = {peer: speed.speed_against(peer) for peer in PEERS if peer in speed.steps}
        figures.append(
            {
                **asdict(speed),
                "ratios": ratios,
                "dropout_cost": speed.dropout_cost,
                "embedding_cost": speed.embedding_cost,
                "failures": failures,
            }
        )
    return figures


def epoch(effort: Effort) -> dict[str, Any]:
    """Print what the end of an epoch costs."""
    figures = {}
    for name, point in POINTS.items():
        parts = epoch_parts(point, n_rounds=effort.n_rounds)
        rest = max(0.0, parts.epoch - parts.steps - parts.dev_set)
        print(
            f"epoch of digits at 60/20/20, {name}: {parts.epoch * 1e3:.2f} ms, "
            f"of it the dev set {parts.dev_set / parts.epoch:.1%}, "
            f"what is neither that nor steps {rest / parts.epoch:.1%}"
        )
        figures[name] = asdict(parts)
    return figures


def large(effort: Effort) -> dict[str, float]:
    """Print what data larger than the caches cost."""
    ratio = large_data_ratio(POINTS["2x64, batch 64"], n_rounds=min(3, effort.n_rounds))
    print(f"time an example, 1,000,000 x 100 against 2,000 x 100, 2x64, batch 64: {ratio:.2f} times")
    return {"ratio": ratio}


def memory(effort: Effort) -> dict[str, Any]:
    """Print what memory trials take."""
    del effort  # memory does not vary
    figures = {}
    for name, point in TRIALS.items():
        taken = measure_apart(name)
        print(
            f"memory of a trial, {point.depth}x{point.width}, batch {point.batch_size}, data of "
            f"{taken.data / 1e6:.1f} MB mapped: {taken.trial / 1e6:.2f} MB beside the data, "
            f"{taken.trial / taken.parameters:.1f} times the parameters"
        )
        figures[name] = asdict(taken)
    return figures


def start(effort: Effort) -> dict[str, float]:
    """Print how long a trial takes to begin."""
    figures = {name: cold_start(point, n_rounds=max(7, effort.n_rounds)) for name, point in POINTS.items()}
    for name, seconds in figures.items():
        print(f"cold start, {name}: {seconds * 1e3:.1f} ms")
    return figures


PARTS: dict[str, Callable[[Effort], Any]] = {
    "steps": steps,
    "epoch": epoch,
    "large": large,
    "memory": memory,
    "start": start,
}


def main() -> None:
    """Measure, and print tables."""
    parser = argparse.ArgumentParser(description="How fast the network trains, beside its peers.")
    parser.add_argument("--quick", action="store_true", help="3 rounds of the 3 smaller shapes")
    parser.add_argument("--only", choices=PARTS, action="append", help="may be given several times")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    effort = Effort(n_rounds=3, n_shapes=3) if options.quick else Effort(n_rounds=9, n_shapes=len(SHAPES))
    figures: dict[str, Any] = {}
    with threadpool_limits(1):
        figures["machine"] = {
            "processor": processor(),
            "versions": versions("numpy", "scipy", "scikit-learn", "torch"),
            "kernels": sorted({library.get("architecture") or "" for library in threadpool_info()} - {""}),
            "sgemm_peak": sgemm_peak(repeats=10),
        }
        print(_described(figures["machine"]))
        for name in options.only or PARTS:
            figures[name] = PARTS[name](effort)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2))


def _described(machine: dict[str, Any]) -> str:
    words = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    peak = f"sgemm peak of one thread {machine['sgemm_peak'] / 1e9:.0f} Gflop/s"
    return f"{machine['processor']} ({', '.join(machine['kernels'])} kernels); {words}; {peak}"


def _microseconds(spread: Spread) -> str:
    return f"{spread.median * 1e6:.0f} ({spread.fastest * 1e6:.0f}-{spread.slowest * 1e6:.0f})"


if __name__ == "__main__":
    main()
