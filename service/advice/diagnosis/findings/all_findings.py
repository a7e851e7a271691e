"""All that a search shows beyond chance, in the order of the flow: space, training, failures, progress."""

from collections import Counter
from collections.abc import Sequence
from statistics import median_low

from optuna.trial import FrozenTrial, TrialState

from search_spaces.space import SearchSpace
from service.advice.diagnosis.finding import Finding, FindingKind
from service.advice.diagnosis.findings.edges import edge_findings
from service.advice.diagnosis.findings.short_training import last_epoch_findings, slow_learning_findings
from service.advice.diagnosis.findings.stalled import stalled_findings
from service.configuration.study_config import StudyConfig

SIGNIFICANCE = 0.01
"""So seldom would failures be dealt so unevenly by chance."""


def breaking_off_findings(standing: Sequence[FrozenTrial], space: SearchSpace) -> list[Finding]:
    """Find that networks deeper than the middle one diverge or die more often, by Fisher's exact test.

    Parameters
    ----------
    standing
        A study's trials in order, as `standing_of` gives them.
    space
        What it searched.
    """
    depths = [(int(space.value_at("depth", trial.params) or 0), trial) for trial in standing]
    middle = median_low(depth for depth, _ in depths) if depths else 0
    deep = [trial.state is TrialState.FAIL for depth, trial in depths if depth > middle]
    shallow = [trial.state is TrialState.FAIL for depth, trial in depths if depth <= middle]
    if not any(deep):
        return []
    from scipy.stats import fisher_exact  # noqa: PLC0415 (half a second, which few studies need)

    counts = [[sum(deep), len(deep) - sum(deep)], [sum(shallow), len(shallow) - sum(shallow)]]
    if fisher_exact(counts, alternative="greater").pvalue > SIGNIFICANCE:
        return []
    inits = Counter(
        space.value_at("init_scheme", trial.params)
        for depth, trial in depths
        if depth > middle and trial.state is TrialState.FAIL
    )
    of_inits = ", ".join(f"{n} with init {scheme}" for scheme, n in inits.most_common())
    layers = f"{middle} hidden layer{'s' if middle > 1 else ''}"
    text = (
        f"{sum(deep)} of {len(deep)} networks with more than {layers} broke off ({of_inits}), and"
        f" {sum(shallow)} of {len(shallow)} others"
    )
    evidence: dict[str, float] = {
        "deep networks": len(deep),
        "deep networks that broke off": sum(deep),
        "other networks": len(shallow),
        "other networks that broke off": sum(shallow),
        "depth": middle,
    }
    kind = FindingKind.DEEP_NETWORKS_BREAK_OFF
    return [Finding(kind=kind, hyperparameter="depth", text=text, evidence=evidence)]


def findings_of(
    standing: Sequence[FrozenTrial], config: StudyConfig, *, late_gain: float, noise: float | None
) -> tuple[Finding, ...]:
    """Return what a study's search shows.

    Parameters
    ----------
    standing
        Its trials in order, as `service.advice.diagnosis.trial_ranking.standing_of` gives them.
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
