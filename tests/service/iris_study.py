"""A real study of the iris table in this process, quick enough to be made anew for a test."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.configuration.data_config import DataConfig
from service.configuration.launch_config import LaunchConfig
from service.configuration.study_config import ConfirmationConfig, StudyConfig, TrainingConfig
from service.data.preparation.prepared_data import PreparedData, prepare_data
from service.report.facts.study_report import StudyReport, build_report
from service.report.facts.study_summaries import StudySummary, summaries_in
from service.seal.ledger import Ledger
from service.seal.openings import Look
from service.study.search.coordinator import Coordinator
from service.study.search.enqueued_points import EnqueuedPoint
from service.study.search.progress import StudyProgress
from service.study.storage.stored_study import StoredStudy, create_study, load_study
from service.study.storage.study_store import StudyStore
from service.winner.examination.conclusion import conclude
from tests import new_database
from workers.pools.in_process_pool import InProcessPool


@dataclass(frozen=True)
class IrisStudy:
    """A study whose trials have ended, its test set still sealed."""

    store: StudyStore
    prepared: PreparedData
    name: str

    @property
    def stored(self) -> StoredStudy:
        """The study as it stands in storage."""
        return load_study(self.store, self.name)

    @property
    def ledger(self) -> Ledger:
        """The ledger beside it."""
        return self.store.ledger()

    @property
    def looks(self) -> tuple[Look, ...]:
        """Its looks at its test set."""
        return self.ledger.looks(self.store.identity(self.name))

    @property
    def report(self) -> StudyReport:
        """Its report."""
        return build_report(self.stored, self.store)

    @property
    def summary(self) -> StudySummary:
        """Its line in a listing."""
        readable = summaries_in(LaunchConfig(storage=self.store.url)).readable
        return next(each for each in readable if each.study == self.name)

    @property
    def pool(self) -> InProcessPool:
        """A new pool on its data."""
        return InProcessPool(self.prepared.trial_data)

    def run(self, *, n_workers: int = 1) -> None:
        """Run what is left of its trials."""
        study, data = self.stored, self.prepared.trial_data
        coordinator = Coordinator(
            study.config,
            data,
            store=self.store,
            pool=InProcessPool(data, n_workers=n_workers),
            observer=StudyProgress(study.config.trials, metric=study.metric),
        )
        assert coordinator.run(lambda: False)

    def run_some(self, n_steps: int) -> None:
        """Run for so many of the coordinator's steps, and stop in order: trials that run stay running."""
        steps = iter(range(n_steps))
        study = self.stored
        coordinator = Coordinator(
            study.config,
            self.prepared.trial_data,
            store=self.store,
            pool=self.pool,
            observer=StudyProgress(study.config.trials, metric=study.metric),
        )
        coordinator.run(lambda: next(steps, None) is None, grace_seconds=0)

    def conclude(
        self, *, keep_sealed: bool = False, look_again: str | None = None, ledger: Ledger | None = None
    ) -> None:
        """Measure the winner, and open the test set unless it stays sealed."""
        conclude(
            self.name,
            self.prepared,
            store=self.store,
            ledger=ledger or self.ledger,
            pool=self.pool,
            keep_sealed=keep_sealed,
            look_again=look_again,
        )


def search_iris(store: StudyStore, *, n_workers: int = 1, **study: Any) -> IrisStudy:  # noqa: ANN401
    """Run a study's trials, and leave its test set sealed; `begin_iris` says what else may be given."""
    begun = begin_iris(store, **study)
    begun.run(n_workers=n_workers)
    return begun


def begin_iris(
    store: StudyStore,
    *,
    table: str = "iris",
    target: str | None = None,
    name: str = "iris",
    trials: int = 5,
    enqueued: Sequence[EnqueuedPoint] = (),
    **changes: Any,  # noqa: ANN401 (any field of the configuration)
) -> IrisStudy:
    """Make a study that has no trials yet, and whose winner is compared with the constant model alone."""
    config = StudyConfig(
        name=name,
        trials=trials,
        **{
            "data": DataConfig(table=table, target=target),
            "training": TrainingConfig(max_epochs=5, patience=5),
            "confirmation": ConfirmationConfig(finalists=0),
            "no_baselines": True,
            **changes,
        },
    )
    prepared = prepare_data(config)
    resolved = prepared.resolved(config)
    store.ledger().create_table()
    create_study(
        store,
        resolved,
        prepared,
        command=f"proctor run {table}",
        keep_sealed=True,
        enqueued=[point.attribute() for point in enqueued],
    )
    return IrisStudy(store, prepared, name)


def new_store(directory: Path) -> StudyStore:
    """Make a database in a directory."""
    return new_database.new_store(directory / "proctor.db")
