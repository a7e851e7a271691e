"""All that a search shows beyond chance, in the order of the flow: space, training, failures, progress."""

from collections.abc import Sequence

from optuna.trial import FrozenTrial

from service.advice.diagnosis.finding import Finding
from service.advice.diagnosis.findings.breaking_off import breaking_off_findings
from service.advice.diagnosis.findings.edges import edge_findings
from service.advice.diagnosis.findings.last_epoch import last_epoch_findings
from service.advice.diagnosis.findings.slow_learning import slow_learning_findings
from service.advice.diagnosis.findings.stalled import stalled_findings
from service.configuration.study_config import StudyConfig


def findings_of(
    standing: Sequence[FrozenTrial], config: StudyConfig, *, late_gain: float, noise: float | None
) -> tuple[Finding, ...]:
    """Return what a study's search shows.

    Parameters
    ----------
    standing
        Its trials in order, as `service.advice.diagnosis.standing.standing_of` gives them.
    config
        The study.
    late_gain, noise
        As for `stalled_findings`.
    """
    cut_short = last_epoch_findings(standing, config.space, max_epochs=config.training.max_epochs)
    return (
        *(slow_learning_findings(standing, config.space) if cut_short else ()),
        *edge_findings(standing, config.space),
        *cut_short,
        *breaking_off_findings(standing, config.space),
        *stalled_findings(standing, late_gain=late_gain, noise=noise),
    )
