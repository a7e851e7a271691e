"""How long `proctor run` takes until its first line, its first trial, the end of the search and its own end.

    python -m benchmarks.beginning [--trials 20 100] [--rounds 5] [--checkout DIRECTORY] [--json FILE]

Whole commands on the digits, by wall clock, in ways that take turns: as it is; with Ray there first; without
Ray. With another checkout, as it is there too. Figures are medians over the rounds (seconds).
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from benchmarks.machine import processor

ROOT = Path(__file__).parents[1]
COMMAND = "from service.cli import main; main()"
RAY_FIRST = f"from service.commands import pools; pools.threads_may_have_own = lambda: False; {COMMAND}"
MOMENTS = ("first line", "first trial", "search ended", "command ended")
WAYS: dict[str, tuple[str, tuple[str, ...]]] = {
    "as it is": (COMMAND, ()),
    "Ray first": (RAY_FIRST, ()),
    "without Ray": (COMMAND, ("--workers", "0")),
}


def run(checkout: Path, script: str, words: tuple[str, ...]) -> dict[str, float]:
    """Run a command, and return when what happened in it (seconds).

    Raises
    ------
    RuntimeError
        The command failed.
    """
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as directory:
        began = time.perf_counter()
        process = subprocess.Popen(  # noqa: S603 (words of our own)
            [sys.executable, "-c", script, *words],
            cwd=directory,
            env=os.environ | {"PYTHONPATH": str(checkout)},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        for line in process.stdout or ():
            now = time.perf_counter() - began
            found.setdefault("first line", now)
            if line.startswith("trial "):
                found.setdefault("first trial", now)
            elif line.startswith("the search has ended"):
                found["search ended"] = now
        if process.wait() != 0:
            raise RuntimeError(f"the command ended with status {process.returncode}")
        return found | {"command ended": time.perf_counter() - began}


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description="How long proctor run takes to begin and to end.")
    parser.add_argument("--trials", type=int, nargs="+", default=[20, 100])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=[*WAYS])
    parser.add_argument("--checkout", type=Path)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    print(processor())
    ways = {name: (ROOT, *WAYS[name]) for name in options.ways}
    if options.checkout:
        ways |= {f"{options.checkout}": (options.checkout.resolve(), COMMAND, ())}
    figures: dict[str, dict[str, dict[str, float]]] = {}
    for n_trials in options.trials:
        words = ("run", "digits", "--trials", f"{n_trials}")
        rounds: list[dict[str, dict[str, float]]] = [
            {name: run(checkout, script, words + more) for name, (checkout, script, more) in ways.items()}
            for _ in range(options.rounds)
        ]
        of_ways = {name: {m: median(one[name][m] for one in rounds) for m in MOMENTS} for name in ways}
        figures[f"{n_trials}"] = of_ways
        for name, moments in of_ways.items():
            told = "  ".join(f"{moment} {seconds:5.2f} s" for moment, seconds in moments.items())
            print(f"{n_trials:4} trials  {name:12}  {told}", flush=True)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
