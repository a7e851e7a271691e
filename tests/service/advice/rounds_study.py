"""A study with rounds, run in this process by what runs it for the command."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.advice.rounds import Chain, chain_of
from service.commands.study_run import StudyRun
from service.configuration.launch_config import LaunchConfig
from service.configuration.study_config import StudyConfig
from service.data.preparation.prepared_data import PreparedData, prepare_data
from service.report.facts.study_report import StudyReport
from service.report.terminal.display import Display
from service.report.terminal.quiet_streams import Streams
from service.report.terminal.showing import Showing
from service.study.storage.stored_study import create_study, load_study
from service.study.storage.study_store import StudyStore
from tests.new_database import new_store
from workers.pools.in_process_pool import InProcessPool
from workers.pools.pool import WorkerPool
from workers.trial_data import TrialData

NAME = "made"


@dataclass(frozen=True)
class RoundsStudy:
    """A study with rounds in a database."""

    store: StudyStore

    def begin(
        self,
        *,
        keep_sealed: bool = False,
        look_again: str | None = None,
        **changes: Any,  # noqa: ANN401 (any field of the configuration)
    ) -> None:
        """Make the first round's study."""
        config = StudyConfig.model_validate(
            {
                "name": NAME,
                "data": {"table": "wine"},
                "trials": 6,
                "concurrency": 4,
                "training": {"max_epochs": 6, "patience": 6},
                "pruner": {"kind": "none"},
                "confirmation": {"finalists": 2, "seeds": 1},
                "space": {"width": 2, "depth": 1, "learning_rate": {"low": 1e-3, "high": 1e-2, "log": True}},
                "rounds": {"count": 3},
                **changes,
            }
        )
        prepared = prepare_data(config)
        self.store.ledger().create_table()
        create_study(
            self.store,
            prepared.resolved(config),
            prepared,
            command="proctor run wine --rounds 3",
            keep_sealed=keep_sealed,
            look_again=look_again,
        )

    def go_on(
        self,
        pool_on: Callable[[TrialData], WorkerPool] = InProcessPool,
        *,
        prepare: Callable[[StudyConfig], PreparedData] = prepare_data,
    ) -> StudyReport:
        """Run what is left, as `run` and `resume` do."""
        study = self.chain.last
        report = self.run(pool_on).to_its_end(study, prepare(study.config))
        assert report is not None
        return report

    def run(self, pool_on: Callable[[TrialData], WorkerPool] = InProcessPool) -> StudyRun:
        """Make what runs its rounds."""
        display = Display(Streams(sys.stdout, sys.stderr), Showing.QUIET, log="none")
        return StudyRun(self.store, pool_on, LaunchConfig(), display)

    @property
    def chain(self) -> Chain:
        """Its rounds."""
        return chain_of(self.store, load_study(self.store, NAME))


def new_rounds(directory: Path) -> RoundsStudy:
    """Make a database for a study with rounds."""
    directory.mkdir(exist_ok=True)
    return RoundsStudy(new_store(directory / "proctor.db"))
