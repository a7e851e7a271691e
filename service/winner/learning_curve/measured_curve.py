"""A learning curve from its plan: trained by a pool, judged on the dev set, followed to more examples."""

from collections.abc import Callable, Mapping, Sequence
from math import sqrt
from statistics import fmean
from typing import TypeGuard

from service.uncertainty.intervals import standard_error
from service.winner.examination.retraining import ends_of
from service.winner.learning_curve.curve_plan import CurvePlan
from service.winner.learning_curve.forecasting import FACTORS, Forecasts, forecast
from service.winner.learning_curve.learning_curve import CurvePoint, LearningCurve, LeftOut
from service.winner.learning_curve.part_figures import DevSet, PartFigures, part_figures, true_of
from workers.messages import Ending, TrialEnded, TrialLost, TrialRequest
from workers.metrics.metric import Metric, decision_rule
from workers.pools.pool import WorkerPool

FEWEST_SEEDS = 2
"""One figure does not show how seeds differ."""

Outcome = TrialEnded | TrialLost


def measure(
    plan: CurvePlan,
    pool: WorkerPool,
    *,
    watch: Callable[[TrialRequest, Outcome], None],
    is_interrupted: Callable[[], bool],
) -> Mapping[int, Outcome] | None:
    """Run a plan's trainings; return how each ended, by number, or None where it was interrupted.

    Parameters
    ----------
    plan
        The trainings.
    pool
        Who trains, on the plan's data.
    watch
        Told of each training as it ends.
    is_interrupted
        Asked again and again whether to give up.
    """
    requests = {request.number: request for request in plan.requests}
    outcomes: dict[int, Outcome] = {}
    for ended in ends_of(plan.requests, pool):
        for outcome in ended:
            outcomes[outcome.number] = outcome
            watch(requests[outcome.number], outcome)
        if is_interrupted():
            return None
    return outcomes


def curve_of(
    plan: CurvePlan, outcomes: Mapping[int, Outcome], *, seed: int, factors: Sequence[float] = FACTORS
) -> LearningCurve:
    """Put the trainings' figures together, and say what more examples would bring.

    A training that broke off, or was lost, is counted and has no figure; a part with fewer than two figures
    has no point.

    Parameters
    ----------
    plan
        The trainings.
    outcomes
        How each ended, by number.
    seed
        Source of what is drawn for intervals.
    factors
        So many times the examples are asked for.
    """
    metric, left_out = plan.learner.rules.metric, list(plan.left_out)
    points: list[CurvePoint] = []
    figures: list[PartFigures] = []
    for part in plan.parts:
        ended = [(request, outcomes[request.number]) for request in part.requests]
        whole = [(request, outcome) for request, outcome in ended if _is_complete(outcome)]
        n_failed = len(ended) - len(whole)
        if len(whole) < FEWEST_SEEDS:
            reason = f"{n_failed} of {len(ended)} trainings broke off"
            left_out.append(LeftOut(n_examples=part.n_examples, reason=reason))
            continue
        figures.append(part_figures(plan, part.n_examples, whole))
        points.append(_point(metric, figures[-1], n_failed=n_failed))
    y = true_of(plan)
    error = None
    found = Forecasts(fit=None, why_not="no part of the train set has a figure", forecasts=(), flat_from=None)
    if figures:
        units = plan.dev_units
        rule = decision_rule(metric, plan.data.first_folds[0].class_counts)
        error = fmean(
            standard_error(metric, of_one, y, rule=rule, units=units, seed=seed)
            for of_one in figures[-1].predictions
        )
        dev = DevSet(y, units, rule)
        found = forecast(metric, figures, dev, dev_standard_error=error, seed=seed, factors=factors)
    return LearningCurve(
        trial=plan.learner.trial,
        metric=metric,
        points=tuple(points),
        left_out=tuple(sorted(left_out, key=lambda each: each.n_examples)),
        dev_standard_error=error,
        fit=found.fit,
        why_not=found.why_not,
        forecasts=found.forecasts,
        flat_from=found.flat_from,
    )


def _is_complete(outcome: Outcome) -> TypeGuard[TrialEnded]:
    return isinstance(outcome, TrialEnded) and outcome.ending is Ending.COMPLETE


def _point(metric: Metric, figures: PartFigures, *, n_failed: int) -> CurvePoint:
    n_seeds = len(figures.badness)
    return CurvePoint(
        n_examples=figures.n_examples,
        dev_figures=tuple(metric.badness(float(badness)) for badness in figures.badness),
        mean=metric.badness(float(figures.badness.mean())),
        standard_error=float(figures.badness.std(ddof=1)) / sqrt(n_seeds),
        n_failed=n_failed,
    )
