"""One whole study of a made world, as `proctor run` runs it on one worker, and the truth about its winner.

The table is written as a CSV file, so that its columns are inferred and it is split as every user's is.
Search, confirmation, measuring the winner, ledger and opening are the product's own. They run in this
process, with a database that lies in memory where the system has such a directory. A small space and a few
short trials make it cheap. The winner is then trained for its weights as `proctor predict STUDY` does, and
predicts fresh rows.
"""

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks.honesty_worlds.world import TARGET, MadeTable, World
from service.commands.study_run import StudyRun
from service.configuration.launch_config import LaunchConfig
from service.configuration.study_config import StudyConfig
from service.data.preparation.prepared_data import PreparedData, prepare_data
from service.data.preparation.space_fit import check_space_fits
from service.python.frame_prediction import predict_frame
from service.report.facts.study_report import StudyReport
from service.report.terminal.display import Display
from service.report.terminal.quiet_streams import Streams
from service.report.terminal.showing import Showing
from service.study.storage.database import open_storage
from service.study.storage.database_url import file_url
from service.study.storage.stored_study import create_study, load_study
from service.winner.examination.conclusion import train_winner
from service.winner.models.trained_model import TrainedModel
from workers.metrics.metric import measure
from workers.pools.in_process_pool import InProcessPool
from workers.train_dev_data import Task

N_FRESH = 100_000
"""Fresh rows for the truth.

They tell an error of 20 % to 0.13 %, and a test set of 400 rows tells it to 2 %: the distance of the two
scatters by 0.2 % more than the test figure alone. With the 4,000 test rows of the largest world, 0.6 %, it is
2 % more: an interval that covers 95 % then seems to cover 94.6 %.
"""

_SPACE: dict[str, Any] = {
    "batch_size": 64,
    "learning_rate": {"low": 3e-3, "high": 3e-2, "log": True},
    "depth": 1,
    "width": {"low": 8, "high": 32, "log": True},
}
_STUDY: dict[str, Any] = {
    "trials": 6,
    "no_baselines": True,  # they cost more than the study, and no figure here is theirs
    "bayes_error": 0.0,  # nor is it of an estimated one
    "training": {"max_epochs": 6, "patience": 3},
    "confirmation": {"finalists": 2},
}
AUDIT = "the audit judges each study by itself"
"""Why a study opens a test set that an earlier one of the audit has opened: worlds may share their rows."""

_MEMORY = Path("/dev/shm")  # noqa: S108 (a directory of one's own is made in it)


@dataclass(frozen=True)
class Audited:
    """What a study said, and what was true, in the metric's unit.

    Attributes
    ----------
    world, seed
        Which study.
    n_test
        Rows in the test set.
    test, low, high
        The figure, and its 95 % interval.
    dev, dev_standard_error
        The winner's figure on the dev set, and how far that may be off for want of examples.
    truth
        The shipped model's figure on fresh rows.
    foretold
        By how much the report reckoned, before the opening, that the dev figure flatters.
    says_overfitted
        Whether the report says "beyond chance" of the gap between test and dev set.
    seconds
        What the study took, the truth apart.
    """

    world: str
    seed: int
    n_test: int
    test: float
    low: float
    high: float
    dev: float
    dev_standard_error: float
    truth: float
    foretold: float
    says_overfitted: bool
    seconds: float


@dataclass(frozen=True)
class TestPredictions:
    """What a study's interval was made from, row by row of its test set, to judge other intervals by.

    Attributes
    ----------
    predictions
        Class probabilities (n_test, n_classes), or numbers (n_test,).
    y
        Class indices or numbers (n_test,).
    records
        Which record each row is of, by the world's own account (n_test,).
    equal_rows
        A number that rows have in common whose cells are all equal (n_test,).
    groups
        A number that rows of one group have in common; all of them differ where the table has no groups.
    """

    predictions: NDArray[np.floating]
    y: NDArray[np.int64] | NDArray[np.float64]
    records: NDArray[np.int64]
    equal_rows: NDArray[np.int64]
    groups: NDArray[np.int64]


class Auditing:
    """Audits studies one after the other, all in one database, as making a database takes as long as a study.

    Parameters
    ----------
    directory
        Where tables and database are written.
    n_fresh
        Fresh rows for the truth about each study.
    """

    def __init__(self, directory: Path, *, n_fresh: int = N_FRESH) -> None:
        self._directory, self._n_fresh = directory, n_fresh
        self._launch = LaunchConfig(storage=file_url(directory / "proctor.db"))
        self._store = open_storage(self._launch, create=True)

    def close(self) -> None:
        """Close the database."""
        self._store.close()

    def audit(self, world: World, seed: int) -> tuple[Audited, TestPredictions]:
        """Run a study of a world to the opening of its test set, and set the truth beside what it said."""
        made = world.table(seed)
        path = self._directory / f"{world.name}-{seed}.csv"
        made.frame.write_csv(path)
        began = time.perf_counter()
        report, network, prepared = self._run(_study(world, path, seed))
        seconds = time.perf_counter() - began
        path.unlink()
        truth = _truth(world, seed, network, prepared, self._n_fresh)
        audited = _beside_truth(world, seed, report, truth=truth, seconds=seconds)
        return audited, _test_predictions(made, network, prepared)

    def _run(self, config: StudyConfig) -> tuple[StudyReport, TrainedModel, PreparedData]:
        """Run a study to its report, and train its winner."""
        store, name = self._store, config.name
        prepared = prepare_data(config)
        check_space_fits(config.space, prepared.train_dev)
        create_study(
            store, prepared.resolved(config), prepared, command="", keep_sealed=False, look_again=AUDIT
        )
        with Path(os.devnull).open("w") as nowhere:
            display = Display(Streams(nowhere, nowhere), Showing.QUIET, log="")
            run = StudyRun(store, InProcessPool, self._launch, display)
            report = run.to_its_end(load_study(store, name), prepared)
        if report is None:
            raise RuntimeError("nobody could have stopped the study")
        pool = InProcessPool(prepared.trial_data)
        winner = train_winner(load_study(store, name), prepared, store=store, pool=pool)
        return report, winner.trained, prepared


@contextmanager
def auditing(*, n_fresh: int = N_FRESH) -> Iterator[Auditing]:
    """Give what audits studies, in a directory that is removed afterwards."""
    in_memory = _MEMORY if _MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="honesty-", dir=in_memory) as directory:
        auditor = Auditing(Path(directory), n_fresh=n_fresh)
        with closing(auditor):
            yield auditor


def _study(world: World, path: Path, seed: int) -> StudyConfig:
    told = {**world.told}
    space = _SPACE | told.pop("space", {})
    return StudyConfig.model_validate(
        _STUDY
        | told
        | {
            "seed": seed,
            "metric": world.metric,
            "space": space,
            "data": {"table": str(path), "target": TARGET},
        }
    )


def _truth(world: World, seed: int, network: TrainedModel, prepared: PreparedData, n_fresh: int) -> float:
    """Return the shipped model's figure on fresh rows."""
    fresh = world.fresh(seed, n_fresh)
    predictions = predict_frame(network, fresh.drop(TARGET))
    return measure(
        world.metric, predictions, _targets(fresh, prepared), rule=network.rule, target_deviation=1.0
    )


def _targets(frame: pl.DataFrame, prepared: PreparedData) -> NDArray[np.int64] | NDArray[np.float64]:
    target = frame[TARGET].to_numpy()
    if prepared.split.task is Task.REGRESSION:
        return target.astype(np.float64)
    return np.searchsorted(prepared.split.class_names, target).astype(np.int64)


def _beside_truth(world: World, seed: int, report: StudyReport, *, truth: float, seconds: float) -> Audited:
    winner, test, overfitting, optimism = report.winner, report.test, report.overfitting, report.optimism
    if winner is None or winner.figures is None or test is None or overfitting is None or optimism is None:
        raise RuntimeError("a study that has ended has measured its winner and opened its test set")
    dev_standard_error = (optimism.size or 0.0) / optimism.n_standard_errors
    return Audited(
        world=world.name,
        seed=seed,
        n_test=test.n_examples,
        test=test.models["winner"][world.metric],
        low=test.interval[0],
        high=test.interval[1],
        dev=winner.figures["dev"][world.metric],
        dev_standard_error=dev_standard_error,
        truth=truth,
        foretold=overfitting.foretold or 0.0,
        says_overfitted=overfitting.is_clear,
        seconds=seconds,
    )


def _test_predictions(made: MadeTable, network: TrainedModel, prepared: PreparedData) -> TestPredictions:
    """Return what the winner predicts for the rows that the split sealed: those that are not known."""
    rows = np.setdiff1d(np.arange(made.frame.height), prepared.split.known.rows)
    frame = made.frame[rows]
    groups = frame["patient"] if "patient" in frame.columns else pl.Series(np.arange(len(rows)))
    return TestPredictions(
        predictions=predict_frame(network, frame.drop(TARGET)),
        y=_targets(frame, prepared),
        records=made.records[rows],
        equal_rows=_numbered(frame.hash_rows()),
        groups=_numbered(groups),
    )


def _numbered(values: pl.Series) -> NDArray[np.int64]:
    return np.unique(values.to_numpy(), return_inverse=True)[1].astype(np.int64)
