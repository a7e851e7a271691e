"""A contest of kinds of model, run in this process by what runs it for the command."""

from pathlib import Path
from typing import Any

from service.advice.rounds import Chain, chain_of
from service.study.storage.stored_study import load_study
from tests.new_database import new_store
from tests.service.advice.rounds_study import RoundsStudy

KINDS = ["network", "boosting", "linear"]
NAMES = ["made-network", "made-boosting", "made-linear"]
N_TRAININGS = 6
"""Trials and confirmation runs of each kind."""


class ContestStudy(RoundsStudy):
    """A contest in a database."""

    def begin(self, **changes: Any) -> None:  # noqa: ANN401 (any field of the configuration, or as for rounds)
        """Make the first kind's study."""
        of_contest = {
            "name": NAMES[0],
            "contest": KINDS,
            "rounds": {"count": 1},
            "trials": 4,
            "space": "small",
            "training": {"max_epochs": 5},
        }
        super().begin(**{**of_contest, **changes})

    @property
    def chain(self) -> Chain:
        """Its studies."""
        return chain_of(self.store, load_study(self.store, NAMES[0]))


def new_contest(directory: Path) -> ContestStudy:
    """Make a database for a contest."""
    directory.mkdir(exist_ok=True)
    return ContestStudy(new_store(directory / "proctor.db"))
