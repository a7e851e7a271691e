"""What advice is given from: the study's own facts, gathered once."""

from collections.abc import Mapping
from dataclasses import dataclass

from search_spaces.counted import counted
from search_spaces.hyperparameters import Hyperparameters
from service.advice.diagnosis.finding import Finding, FindingKind
from service.advice.diagnosis.gaps import Diagnosis
from service.advice.diagnosis.tried import Tried
from service.configuration.study_config import StudyConfig
from service.data.checks.separation import AdversarialCheck
from service.winner.learning_curve.learning_curve import LearningCurve
from service.winner.noise_floor.floor import NoiseFloor
from workers.metrics.metric import Metric


@dataclass(frozen=True, slots=True)
class Facts:
    """What advice is given from.

    Attributes
    ----------
    config, metric
        The study.
    diagnosis
        Its gaps.
    findings
        What its search shows.
    winner
        The winner's hyperparameters.
    dev_figures
        The metric on the dev set by model: `winner`, and the baselines.
    late_gain
        What the second half of the trials gained (metric's unit).
    noise
        By how much figures of one point differ (metric's unit); None where that is not known.
    adversarial
        How far train and dev are apart, where dev is from elsewhere.
    learning_curve
        What more data would bring, where it was measured.
    tried
        What the trials tell of values that the winner has not.
    floor
        The noise floor, where it is estimated.
    train_figure
        The winner's metric on the train set.
    """

    config: StudyConfig
    metric: Metric
    diagnosis: Diagnosis
    findings: tuple[Finding, ...]
    winner: Hyperparameters
    dev_figures: Mapping[str, float]
    late_gain: float
    noise: float | None
    adversarial: AdversarialCheck | None
    learning_curve: LearningCurve | None
    tried: Tried
    floor: NoiseFloor | None
    train_figure: float

    def told(self, *kinds: FindingKind) -> list[Finding]:
        """Return the findings of some kinds."""
        return [finding for finding in self.findings if finding.kind in kinds]

    @property
    def network(self) -> str:
        """The winner's hidden layers in words."""
        widths = " - ".join(map(str, self.winner.layer_widths))
        return f"{counted(self.winner.depth, 'hidden layer')} of {widths} units"
