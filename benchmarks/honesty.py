"""Whether the figure of the test set can be believed: whole studies of made worlds whose truth is known.

    .venv/bin/python -m benchmarks.honesty [--worlds few_valued numbers ...] [--studies 400] [--seed 0]
        [--processes 2] [--markdown] [--json FILE] [--keep DIRECTORY]
    .venv/bin/python -m benchmarks.honesty --read FILE [--markdown]

Each study draws a table of its world and goes the whole way of `proctor run`: file, split, search,
confirmation, ledger, opening. Its shipped model then predicts 100,000 fresh records, which tell what its
figure should have been. The table shows how often the 95 % interval held that truth, the mean distance of
figure and truth, the optimism of the dev figure that was foretold and that there was, and how often a report
said "beyond chance" of nothing. `benchmarks/honesty_worlds/all_worlds.py` says what each world's trap is.

`--keep` writes what each interval was made from, one .npz file a study, so that other intervals can be judged
by it. `--read` prints the table of an earlier `--json` and runs nothing.

With 400 studies the standard error of a coverage is 1.1 %. Of some fifteen worlds without a fault, one is
then likely to be outside 93 to 97 % by chance, and one outside two standard errors of bias.
"""

import argparse
import json
import multiprocessing
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from pathlib import Path
from statistics import fmean
from typing import NamedTuple

import numpy as np
import optuna
from threadpoolctl import threadpool_limits

from benchmarks.audited_study import N_FRESH, Audited, TestPredictions, auditing
from benchmarks.honesty_table import LEGEND, summary, table, traps
from benchmarks.honesty_worlds.all_worlds import WORLDS
from benchmarks.machine import processor
from service.errors import ProctorError

STUDIES_AT_ONCE = 10
"""Studies that share a database."""


class Done(NamedTuple):
    """The studies of a batch, and those that could not be run, with the reason in words."""

    audits: list[Audited]
    failures: list[str]


class Batch(NamedTuple):
    """Some studies of one world, and where their predictions are kept, if anywhere."""

    world: str
    seeds: range
    n_fresh: int
    keep: Path | None


def run(batch: Batch) -> Done:
    """Audit some studies, one after the other; one that is refused does not end the others."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    audits, failures = [], []
    with threadpool_limits(1), auditing(n_fresh=batch.n_fresh) as auditor:
        for seed in batch.seeds:
            try:
                audited, predictions = auditor.audit(WORLDS[batch.world], seed)
            except ProctorError as error:
                failures.append(f"{batch.world}, seed {seed}: {error}")
                continue
            audits.append(audited)
            if batch.keep is not None:
                _keep(audited, predictions, batch.keep)
    return Done(audits, failures)


def _keep(audited: Audited, predictions: TestPredictions, directory: Path) -> None:
    arrays = asdict(audited) | asdict(predictions)
    np.savez_compressed(directory / f"{audited.world}-{audited.seed}.npz", **arrays)


def _batches(options: argparse.Namespace, world: str) -> list[Batch]:
    end = options.seed + options.studies
    starts = range(options.seed, end, STUDIES_AT_ONCE)
    return [
        Batch(world, range(start, min(start + STUDIES_AT_ONCE, end)), options.fresh, options.keep)
        for start in starts
    ]


def _audit_all(options: argparse.Namespace) -> dict[str, list[Audited]]:
    """Audit all worlds, some studies at once, and write what is found after each world."""
    found: dict[str, list[Audited]] = {}
    os.environ["POLARS_MAX_THREADS"] = "1"  # of the processes to come, which share the cores already
    apart = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(options.processes, mp_context=apart) as processes:
        running = {
            world: [processes.submit(run, it) for it in _batches(options, world)] for world in options.worlds
        }
        for world, batches in running.items():
            done = [batch.result() for batch in batches]
            for failure in (failure for of_batch in done for failure in of_batch.failures):
                print(failure, file=sys.stderr)
            audits = [study for of_batch in done for study in of_batch.audits]
            if not audits:
                continue
            found[world] = audits
            seconds = fmean(study.seconds for study in audits)
            print(f"{world}: {len(audits)} studies, {seconds:.2f} s each", file=sys.stderr)
            if options.json:
                _write(found, options.json)
    return found


def _write(found: dict[str, list[Audited]], path: Path) -> None:
    path.write_text(
        json.dumps({world: list(map(asdict, studies)) for world, studies in found.items()}) + "\n"
    )


def _read(path: Path) -> dict[str, list[Audited]]:
    stored = json.loads(path.read_text())
    return {world: [Audited(**study) for study in studies] for world, studies in stored.items()}


def _parsed(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Whether the figure of the test set can be believed.")
    parser.add_argument("--worlds", nargs="+", choices=WORLDS, default=list(WORLDS), metavar="NAME")
    parser.add_argument("--studies", type=int, default=400, help="of each world")
    parser.add_argument("--seed", type=int, default=0, help="of the first study; the next ones follow")
    parser.add_argument("--fresh", type=int, default=N_FRESH, help="fresh records that tell the truth")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--markdown", action="store_true", help="print the table as Markdown")
    parser.add_argument("--json", type=Path, help="write what each study said, and what was true")
    parser.add_argument("--keep", type=Path, help="a directory for what each interval was made from")
    parser.add_argument("--read", type=Path, help="print the table of an earlier --json, and run nothing")
    options = parser.parse_args(words)
    if options.studies < 1:
        parser.error(f"expected at least 1 study, got {options.studies}")
    return options


def main() -> None:
    """Audit, and print the table."""
    options = _parsed(None)
    if options.keep is not None:
        options.keep.mkdir(parents=True, exist_ok=True)
    found = _read(options.read) if options.read else _audit_all(options)
    summaries = {world: summary(studies, WORLDS[world].metric) for world, studies in found.items()}
    if not options.markdown:
        print(processor())
        print(*traps([WORLDS[world] for world in found]), sep="\n")
    print(*table(summaries, markdown=options.markdown), sep="\n")
    print(f"\n{LEGEND}")
    if not options.read and any(len(found.get(world, ())) < options.studies for world in options.worlds):
        sys.exit("some studies could not be run: see above")


if __name__ == "__main__":
    main()
