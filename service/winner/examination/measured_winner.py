"""A winner's figures on the known sets, as they are stored with the study and read."""

from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from service.data.checks.separation import AdversarialCheck
from service.study.storage import study_format
from service.study.storage.storage_errors import StorageError
from service.study.storage.stored_study import StoredStudy
from service.uncertainty.interval import Interval
from service.winner.examination.dev_analysis.values import DevAnalysis
from service.winner.examination.ensemble import MeasuredEnsemble
from service.winner.examination.figures import ByClass, Figures
from service.winner.examination.selection import SelectionBootstrap
from service.winner.noise_floor.floor import BesideConstant, NoiseFloor

WINNER = study_format.WINNER
"""The study's attribute that has it; among the models, the winner's own name."""


class MeasuredWinner(BaseModel):
    """A winner's figures on the known sets, and what they are compared with; no test figure.

    Where a default is given, a study of an earlier version may lack the field.
    """

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    trial: int
    """Its number."""

    models: dict[str, dict[str, Figures]]
    """By model, `winner` and the baselines, and by known set: train, train-dev if any, dev."""

    strengths: dict[str, float] = {}
    """By linear baseline, its regularization as it was chosen on the dev set: C, or alpha."""

    standard_errors: dict[str, float]
    """Of the winner's metric, by known set; on dev, over folds, by how the folds differ."""

    dev_intervals: dict[str, Interval] | None
    """The 95 % intervals of the winner's dev figures, by metric; None over folds."""

    dev_by_class: ByClass | None = None
    """Recall and precision of each class of the dev set; None in regression, and over folds."""

    is_reproduced: bool = True
    """Whether training it again, each of its models, gave the very figures that it won with."""

    n_models: int = 1
    """Models whose predictions are averaged in its figures; 1 of a single one."""

    averages_folds: bool = False
    """Whether the folds' models are averaged; its figures are theirs, of the sets of each fold."""

    ensemble: MeasuredEnsemble | None = None
    """Which trainings' models are averaged, and what its own reached; None where only its own are shipped."""

    selection_bootstrap: SelectionBootstrap | None = None
    """The optimism of having been chosen, by resampling the dev set; None where no trials can be compared."""

    noise_floor: NoiseFloor | None = None
    """The range of the best figure that anyone could reach; None where a Bayes error is given."""

    beside_constant: BesideConstant | None = None
    """The winner beside the best constant on the dev set."""

    dev_analysis: DevAnalysis | None = None
    """Where it errs on the dev set."""

    adversarial: AdversarialCheck | None = None
    """How far apart train and dev are; None where dev is not from elsewhere."""

    @property
    def figures(self) -> dict[str, Figures]:
        """The winner's own figures, by known set."""
        return self.models[WINNER]

    @property
    def baselines(self) -> dict[str, dict[str, Figures]]:
        """The baselines' figures, by model and known set."""
        return {name: figures for name, figures in self.models.items() if name != WINNER}

    @property
    def n_averaged_on_dev(self) -> float:
        """As how many equal models the seeds of its dev figure average out: (sum of w)**2 / sum of w**2."""
        weights = [1] if self.ensemble is None else [each.weight for each in self.ensemble.members]
        return sum(weights) ** 2 / sum(weight**2 for weight in weights)

    def attribute(self) -> dict[str, Any]:
        """Return it as the study's storage keeps it."""
        return self.model_dump(mode="json")


def measured_winner(study: StoredStudy, trial: int) -> MeasuredWinner | None:
    """Return what was measured of a study's winner; None until it has been.

    Parameters
    ----------
    study
        The study.
    trial
        The number of its winner.

    Raises
    ------
    StorageError
        What is stored cannot be read.
    """
    if study.winner is None:
        return None
    try:
        measured = MeasuredWinner.model_validate(study.winner)
    except ValidationError as error:
        raise StorageError(
            f"study {study.config.name!r}: its winner's stored figures cannot be read: {error}"
        ) from error
    return measured if measured.trial == trial else None
