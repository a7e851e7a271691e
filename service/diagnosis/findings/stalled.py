"""Whether the search has stopped finding better: what its second half gained, beside noise."""

from collections.abc import Sequence
from math import inf

from optuna.trial import FrozenTrial, TrialState

from service.diagnosis.finding import Finding, FindingKind
from workers.metrics import Metric

FEWEST_TRIALS = 20
"""Of fewer trials the second half is too short to tell."""


def gain_of_second_half(standing: Sequence[FrozenTrial], metric: Metric) -> float:
    """Return by how much the best figure got better in the second half of the trials (metric's unit).

    It is 0 or more, and infinite where no trial of the first half is complete.
    """
    in_order = sorted(standing, key=lambda trial: trial.number)
    best = [inf, inf]
    for place, trial in enumerate(in_order):
        if trial.state is TrialState.COMPLETE and trial.value is not None:
            for part in range(2 * place // len(in_order), 2):
                best[part] = min(best[part], metric.badness(trial.value))
    return best[0] - best[1] if best[1] < inf else inf


def stalled_findings(
    standing: Sequence[FrozenTrial], metric: Metric, *, noise: float | None
) -> list[Finding]:
    """Find that the second half of the trials gained less than half of the noise.

    What a doubling of the trials gained is about the most that the next one gains: an expected best-so-far
    curve flattens in the logarithm of the trials once it is near its end.

    Parameters
    ----------
    standing
        A study's trials in order, as `standing_of` gives them.
    metric
        The study's metric.
    noise
        By how much figures of one point differ with the seed, or for want of examples (metric's unit); None
        where neither is known.
    """
    gain = gain_of_second_half(standing, metric)
    if noise is None or len(standing) < FEWEST_TRIALS or gain > noise / 2:
        return []
    n_first = (len(standing) + 1) // 2
    text = (
        f"the last {len(standing) - n_first} of {len(standing)} trials gained less than a seed's luck: as"
        " many trials more are likely to gain no more than that"
    )
    evidence = {"trials": len(standing), "gain of the second half": gain, "noise": noise}
    return [Finding(kind=FindingKind.STALLED, hyperparameter=None, text=text, evidence=evidence)]
