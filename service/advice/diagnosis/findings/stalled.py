"""Whether the search has stopped finding better: what its second half gained, beside noise."""

from collections.abc import Sequence
from math import ceil, inf, log2

from optuna.trial import FrozenTrial, TrialState

from service.advice.diagnosis.finding import Finding, FindingKind
from workers.metrics.metric import Metric

FEWEST_TRIALS = 20
"""Of fewer trials the second half is too short to tell."""


MOST_TIMES = 100
"""A cost above this many times the number of trials is reported only as being above."""


def gain_of_second_half(
    standing: Sequence[FrozenTrial], metric: Metric, *, expected: Sequence[float] | None = None
) -> float:
    """Return by how much the best figure got better in the second half of the trials (metric's unit).

    It is 0 or more, and infinite where no trial of the first half is complete.

    Parameters
    ----------
    standing
        A study's trials in order, as `standing_of` gives them.
    metric
        The study's metric.
    expected
        The expected best figure by number of trials, in which their order has no part; None
        where it cannot be told, and what the study itself gained is returned.
    """
    if expected:
        return metric.badness(expected[(len(expected) - 1) // 2]) - metric.badness(expected[-1])
    in_order = sorted(standing, key=lambda trial: trial.number)
    best = [inf, inf]
    for place, trial in enumerate(in_order):
        if trial.state is TrialState.COMPLETE and trial.value is not None:
            for part in range(2 * place // len(in_order), 2):
                best[part] = min(best[part], metric.badness(trial.value))
    return best[0] - best[1] if best[1] < inf else inf


def stalled_findings(
    standing: Sequence[FrozenTrial], *, late_gain: float, noise: float | None
) -> list[Finding]:
    """Find that the second half of the trials gained less than half of the noise.

    What a doubling of the trials gained is about the most that the next one gains: an expected best-so-far
    curve flattens in the logarithm of the trials once it is near its end. So a gain as large as the noise
    costs at least n (2 ** (noise / gain) - 1) trials more.

    Parameters
    ----------
    standing
        A study's trials in order, as `standing_of` gives them.
    late_gain
        What their second half gained (metric's unit), as `gain_of_second_half` returns it.
    noise
        By how much figures of one point differ with the seed, or for want of examples (metric's unit); None
        where neither is known.
    """
    n = len(standing)
    if noise is None or n < FEWEST_TRIALS or late_gain > noise / 2:
        return []
    times = 2 ** (noise / late_gain) - 1 if late_gain * log2(MOST_TIMES + 1) > noise else inf
    cost = f"at least {ceil(times * n):,}" if times < inf else f"more than {MOST_TIMES * n:,}"
    text = (
        f"the search has stalled: the last {n // 2} of {n} trials gained less than half the noise of one"
        f" score. A gain as large as the noise would take {cost} more trials"
    )
    evidence = {"trials": n, "gain of the second half": late_gain, "noise": noise}
    if times < inf:
        evidence["trials for a gain"] = ceil(times * n)
    return [Finding(kind=FindingKind.STALLED, hyperparameter=None, text=text, evidence=evidence)]
