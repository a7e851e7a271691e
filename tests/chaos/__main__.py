"""The full form of chaos: dozens of blows to one study a kind of database, and death at each durable step.

    python -m tests.chaos [--seed N] [--only sqlite|postgresql|failpoints ...] [--trials 200]

The study must end with the very outcome of one that was left alone: every trial's hyperparameters, curves and
end, the winner, and the ledger. What is done when is drawn from the seed, which is printed; how far the study
has come by then is not, so that a seed repeats the blows, not the instants. Exit status 1: a promise broke.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from random import Random

from rich.console import Console

from service.study.storage.database_url import file_url
from tests.chaos.campaign import Campaign, Strike
from tests.chaos.database_server import database_server
from tests.chaos.disturbances.clock_jump import CLOCK_JUMP, clock_variables
from tests.chaos.disturbances.database_away import database_disturbances
from tests.chaos.disturbances.disturbance import Disturbance
from tests.chaos.disturbances.full_disk import FILES_LIMITED, disk_full, small_disk
from tests.chaos.disturbances.kills import CONTROL_STORE, COORDINATOR, HUNG_UP, RAYLET, WORKER
from tests.chaos.disturbances.lost_node import node_lost, two_nodes
from tests.chaos.disturbances.pauses import COORDINATOR_PAUSED
from tests.chaos.disturbances.power_loss import power_lost
from tests.chaos.failpoint import Moment
from tests.chaos.lives import is_lived_to_the_end
from tests.chaos.outcome import Outcome, differences, outcome_of
from tests.chaos.plan import drawn_plan
from tests.chaos.scene import Scene
from tests.chaos.study import DisturbedStudy, make_table

LEAST_STRIKES = 50
MOST_SHOWN = 12
"""Broken promises: from the first trial that differs on, most others do."""

EVERYWHERE: Mapping[Disturbance, int] = {
    WORKER: 16,
    COORDINATOR: 10,
    HUNG_UP: 4,
    COORDINATOR_PAUSED: 8,
    CLOCK_JUMP: 8,
    RAYLET: 3,
    CONTROL_STORE: 2,
}

console = Console(soft_wrap=True, highlight=False, markup=False)


def show(strike: Strike) -> None:
    """Print a line of the table."""
    console.print(f"{strike.seconds:>8.1f} s{strike.n_ended:>6} ended  {strike.what}")


def undisturbed(study: DisturbedStudy, directory: Path) -> Outcome:
    """Run the study, and leave it alone."""
    campaign = Campaign(Scene(study, directory), Random(0))
    campaign.run_to_end(iter(()))
    if campaign.faults:
        raise RuntimeError(f"the study fails without any blow: {campaign.faults}")
    return outcome_of(study.storage)


def strike_study(kind: str, seed: int, n_trials: int) -> Sequence[str]:
    """Strike one study in one kind of database; return the broken promises."""
    rng = Random(f"{seed} {kind}")
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="chaos-")))
        for name in ("alone", "struck", "disk"):
            (directory / name).mkdir()
        table = make_table(directory / "table.csv", n_rows=30_000)
        nodes = stack.enter_context(two_nodes())
        counts = {**EVERYWHERE, node_lost(nodes): 3}
        if kind == "sqlite":
            storage = file_url(directory / "disk" / "studies.db")
            counts[FILES_LIMITED] = 4
            counts[power_lost(directory / "disk" / "studies.db")] = 4
            if stack.enter_context(small_disk(directory / "disk")):
                counts[disk_full(directory / "disk")] = 6
            else:
                console.print("the disk is not filled: only root can make a small one")
        else:
            server = stack.enter_context(database_server())
            storage = server.new_database()
            restart, away = database_disturbances(server)
            counts |= {restart: 8, away: 2}
        variables = clock_variables(directory)
        if not variables:
            console.print("the clock is not set: there is no C compiler")
            del counts[CLOCK_JUMP]
        alone = DisturbedStudy(
            table, file_url(directory / "alone" / "studies.db"), n_trials, max_epochs=60, seed=seed
        )
        expected = undisturbed(alone, directory / "alone")
        struck = DisturbedStudy(table, storage, n_trials, max_epochs=60, seed=seed)
        draw = Random(rng.random())

        def places() -> tuple[str, ...]:
            return ("--workers", "2") if draw.random() < 0.5 else ("--address", nodes.address())

        scene = Scene(struck, directory / "struck", variables=variables, choose_places=places)
        campaign = Campaign(scene, Random(rng.random()), tell=show)
        stack.callback(scene.end)
        campaign.run_to_end(drawn_plan(scene, counts, rng))
        faults = list(campaign.verdict(expected))
        if campaign.n_strikes < LEAST_STRIKES:
            faults.append(f"only {campaign.n_strikes} blows fell before the study ended: give it more trials")
        return faults


def walk(storages: Iterator[str]) -> Iterator[str]:
    """Kill a small study at each durable step, before and after it, and resume it; yield broken promises."""
    first = next(storages)
    is_lived_to_the_end(first, None)
    expected = outcome_of(first)
    for step in count(1):
        for moment in Moment:
            storage = next(storages)
            is_beyond = is_lived_to_the_end(storage, (step, moment))
            if is_beyond:
                console.print(f"{step - 1} durable steps, each died at before and after")
                return
            is_lived_to_the_end(storage, None)
            yield from (
                f"died {moment} step {step}: {what}" for what in differences(expected, outcome_of(storage))
            )


def walk_everywhere() -> Iterator[str]:
    """Walk through the durable steps on either kind of database."""
    with tempfile.TemporaryDirectory() as directory:
        yield from walk(file_url(Path(directory) / f"{n}.db") for n in count())
    with database_server() as server:
        yield from walk(server.new_database() for _ in count())


def main() -> None:
    """Do what the arguments say."""
    parser = argparse.ArgumentParser(description="Blows to a study, which must come out as if left alone.")
    parser.add_argument("--seed", type=int, default=int(time.time()) % 100_000)
    parser.add_argument("--trials", type=int, default=200)
    kinds = ["failpoints", "sqlite", "postgresql"]
    parser.add_argument("--only", nargs="+", choices=kinds, default=kinds)
    options = parser.parse_args()
    console.print(f"seed {options.seed}")
    faults: list[str] = []
    for kind in options.only:
        console.print(f"\n{kind}")
        began = time.monotonic()
        found = list(
            walk_everywhere() if kind == "failpoints" else strike_study(kind, options.seed, options.trials)
        )
        for fault in found[:MOST_SHOWN]:
            console.print(f"  BROKEN: {fault}")
        console.print(f"{kind}: {len(found)} broken promises, {time.monotonic() - began:.0f} s")
        faults += found
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
