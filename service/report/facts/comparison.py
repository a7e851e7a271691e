"""What differs beyond noise: a paired difference with what can be said of it, and two studies side by side.

The winners of two studies are compared on the dev set, by each metric.
"""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from math import inf, sqrt
from statistics import fmean, stdev
from typing import NamedTuple

from optuna.trial import FrozenTrial, TrialState
from pydantic import BaseModel, ConfigDict

from service.errors import BadInputError
from service.study.search.search_budget import training_seconds
from service.study.search.trial_records import dev_figures_of
from service.study.search.winner import winner_of
from service.study.storage.kept_trials import confirmations, record_of, searched
from service.study.storage.stored_study import StoredStudy
from service.uncertainty.interval import Z, students_quantile
from service.winner.examination.measured_winner import measured_winner
from workers.metrics.metric import Metric, metrics_of


class Verdict(StrEnum):
    """What a difference's interval allows to say of the winner beside another model."""

    BETTER = "better"
    WORSE = "worse"
    NO_DIFFERENCE = "no clear difference"
    """None that these rows can show: the interval holds 0. It does not say that the two are equal."""
    UNKNOWN = "unknown"
    """There is no interval."""


class Difference(BaseModel):
    """The winner's figure less another model's, on the same rows."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    value: float
    """In the metric's own unit and sense."""

    interval: tuple[float, float] | None
    """95 % interval of it, by the row-by-row differences; None where there is none."""

    method: str
    """How the interval was made, or why there is none."""

    verdict: Verdict
    """What can be said of the winner: only this, and never where one figure lies in the other's interval."""


def difference_of(
    metric: Metric, *, value: float, interval: tuple[float, float] | None, method: str
) -> Difference:
    """Return a difference with its verdict.

    Parameters
    ----------
    metric
        Of what; its sense says which way is better.
    value, interval, method
        As the attributes are called.
    """
    return Difference(value=value, interval=interval, method=method, verdict=_verdict_of(metric, interval))


def _verdict_of(metric: Metric, interval: tuple[float, float] | None) -> Verdict:
    """Return what can be said of the first of two models where their difference has that interval."""
    if interval is None:
        return Verdict.UNKNOWN
    low, high = sorted(map(metric.badness, interval))
    if high < 0:
        return Verdict.BETTER
    return Verdict.WORSE if low > 0 else Verdict.NO_DIFFERENCE


class Part(NamedTuple):
    """A part of the difference's variance, and the degrees of freedom that it is known with."""

    variance: float
    degrees: float


def half_width(parts: Sequence[Part]) -> float | None:
    """Return half of the interval's width: t sqrt(v); None where the variance v is 0, which is of no use.

    v is the sum of the parts v_i, and t the quantile of Student's distribution with Satterthwaite's degrees
    of freedom, v^2 / sum(v_i^2 / degrees_i). Of two means with variances of their own it is Welch's interval.

    Parameters
    ----------
    parts
        Independent parts of the variance; of a part that is known for sure the degrees are infinite.

    References
    ----------
    Welch, B. L. (1947). The generalization of "Student's" problem when several different population variances
    are involved. Biometrika 34. Satterthwaite, F. E. (1946). An approximate distribution of estimates of
    variance components. Biometrics Bulletin 2.
    """
    total = sum(part.variance for part in parts)
    if total == 0:
        return None
    doubt = sum(part.variance**2 / part.degrees for part in parts)
    degrees = total**2 / doubt if doubt else inf
    return students_quantile(degrees) * sqrt(total)


_VALUE_OBJECT = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Side(BaseModel):
    """One of the two studies: its winner, and what the search took."""

    model_config = _VALUE_OBJECT

    study: str
    metric: Metric
    """What its winner was chosen by."""

    winner: int
    """Number of its winner."""

    n_seeds: int
    """Seeds that its figures are means over."""

    n_trials: int
    """Trials that ended, confirmation runs left out."""

    epochs: int
    """Sum of these trials' epochs."""

    training_seconds: float
    """Sum of these trials' durations."""


class SideFigure(BaseModel):
    """A metric of one of the two winners on the dev set."""

    model_config = _VALUE_OBJECT

    figure: float
    """The mean over the winner's seeds, or its one figure."""

    deviation: float | None
    """Of the seeds' figures from their mean, with n - 1; None where there is but one."""

    dev_reach: tuple[float, float] | None
    """How far the dev figure's 95 % interval reaches below and above it; None where it is not known."""


class MetricComparison(BaseModel):
    """The two winners by one metric."""

    model_config = _VALUE_OBJECT

    metric: Metric
    first: SideFigure
    second: SideFigure
    difference: float
    """The second's figure less the first's, in the metric's unit and sense."""

    interval: tuple[float, float] | None
    """95 % interval of the difference; None where there is nothing to estimate the noise by."""

    method: str
    """How the interval was made, or why there is none."""

    verdict: Verdict
    """What the interval allows to say of the second study's winner beside the first's."""


class Comparison(BaseModel):
    """Two studies' winners on the dev set, which both were selected on: both figures flatter."""

    model_config = _VALUE_OBJECT

    first: Side
    second: Side
    metrics: tuple[MetricComparison, ...]
    """By each metric of the task: first what the winners were chosen by."""

    warnings: tuple[str, ...]
    """What makes the two hard to compare."""

    @property
    def chosen_by(self) -> tuple[MetricComparison, ...]:
        """The comparison by the studies' own metrics: one, or two where they differ."""
        own = (self.first.metric, self.second.metric)
        return tuple(found for found in self.metrics if found.metric in own)

    def better(self, found: MetricComparison) -> str | None:
        """Name the study whose winner is better by one metric; None where that cannot be said."""
        names = {Verdict.BETTER: self.second.study, Verdict.WORSE: self.first.study}
        return names.get(found.verdict)


def compare_studies(first: StoredStudy, second: StoredStudy) -> Comparison:
    """Compare two studies' winners on the dev set, by each metric of their task.

    Where both winners were trained with two seeds or more, the interval is Welch's over seeds. It holds for
    the dev set that the two share. Where they were judged on different examples, the dev figures' intervals
    are further parts, known with infinite degrees of freedom: at each end of the difference, those sides of
    them that face each other (MOVER). Without seeds there are only these, as of independent samples, which is
    too wide where the examples are the same.

    Parameters
    ----------
    first, second
        The studies; the ledger has no part in it.

    Raises
    ------
    BadInputError
        When they have different tasks or targets, or are the same.
    ProctorError
        When one has no winner.
    """
    _check(first, second)
    metrics = dict.fromkeys((first.metric, second.metric, *metrics_of(first.task)))
    is_same_dev = _has_same_dev(first, second)
    return Comparison(
        first=side_of(first),
        second=side_of(second),
        metrics=tuple(_by_metric(metric, first, second, is_same_dev=is_same_dev) for metric in metrics),
        warnings=tuple(_warnings(first, second)),
    )


def side_of(study: StoredStudy) -> Side:
    """Return a study's winner, and what the search took.

    Raises
    ------
    ProctorError
        When it has no winner.
    """
    ended = [trial for trial in searched(study.trials) if trial.state.is_finished()]
    over_seeds = _over_seeds(study)
    return Side(
        study=study.config.name,
        metric=study.metric,
        winner=over_seeds[0].number,
        n_seeds=len(over_seeds),
        n_trials=len(ended),
        epochs=sum(record_of(trial).epochs for trial in ended),
        training_seconds=training_seconds(ended),
    )


def _by_metric(
    metric: Metric, first: StoredStudy, second: StoredStudy, *, is_same_dev: bool
) -> MetricComparison:
    sides = _figure_of(first, metric), _figure_of(second, metric)
    n_seeds = len(_over_seeds(first)), len(_over_seeds(second))
    difference = sides[1].figure - sides[0].figure
    below, method = _parts(sides[::-1], n_seeds[::-1], is_same_dev=is_same_dev)
    above, _ = _parts(sides, n_seeds, is_same_dev=is_same_dev)
    down, up = half_width(below), half_width(above)
    interval = None if down is None or up is None else (difference - down, difference + up)
    return MetricComparison(
        metric=metric,
        first=sides[0],
        second=sides[1],
        difference=difference,
        interval=interval,
        method=method if interval is not None else "neither several seeds nor standard errors are known",
        verdict=_verdict_of(metric, interval),
    )


def _over_seeds(study: StoredStudy) -> list[FrozenTrial]:
    """Return the winner and its complete confirmation runs."""
    winner = winner_of(study.trials, study.metric)
    runs = confirmations(study.trials).get(winner.number, ())
    return [winner, *(run for run in runs if run.state is TrialState.COMPLETE)]


def _figure_of(study: StoredStudy, metric: Metric) -> SideFigure:
    trials = _over_seeds(study)
    if metric is study.metric:
        figures = [dev_figures_of(trial).metric for trial in trials]
    else:
        figures = [record_of(trial).dev_metrics[metric] for trial in trials]
    deviation = stdev(figures) if len(figures) > 1 else None
    return SideFigure(figure=fmean(figures), deviation=deviation, dev_reach=_reach(study, trials[0], metric))


def _reach(study: StoredStudy, winner: FrozenTrial, metric: Metric) -> tuple[float, float] | None:
    """Return how far the dev figure's interval reaches down and up; over folds of its own metric alone."""
    error = record_of(winner).standard_error
    if error is not None:
        return (Z * error, Z * error) if metric is study.metric else None
    measured = measured_winner(study, winner.number)
    if measured is None or measured.dev_intervals is None:
        return None
    figure, interval = measured.figures["dev"][metric], measured.dev_intervals[metric]
    return figure - interval.low, interval.high - figure


def _check(first: StoredStudy, second: StoredStudy) -> None:
    if first.config.name == second.config.name:
        raise BadInputError(f"a comparison needs two studies, got {first.config.name!r} twice")
    for what, one, other in (
        ("task", first.task, second.task),
        ("target", first.target, second.target),
    ):
        if one != other:
            raise BadInputError(
                f"two studies can be compared when they have the same {what}: {first.config.name!r} has"
                f" {one}, {second.config.name!r} has {other}"
            )


def _has_same_dev(first: StoredStudy, second: StoredStudy) -> bool:
    """Tell whether both were judged on the same dev examples: the same rows, divided alike."""
    return (
        first.known_fingerprint == second.known_fingerprint
        and first.config.seed == second.config.seed
        and first.config.split == second.config.split
        and first.n_examples == second.n_examples
    )


def _parts(
    sides: tuple[SideFigure, SideFigure], n_seeds: tuple[int, int], *, is_same_dev: bool
) -> tuple[list[Part], str]:
    """Return the variance's parts of a difference that is smaller than it looks, and their method.

    The figure that is taken off, the second, is higher than it looks then, or the first one lower.
    """
    lower, higher = sides
    of_dev = []
    if lower.dev_reach is not None and higher.dev_reach is not None:
        of_dev = [Part((reach / Z) ** 2, inf) for reach in (lower.dev_reach[0], higher.dev_reach[1])]
    seeds = [
        Part(side.deviation**2 / n, n - 1)
        for side, n in zip(sides, n_seeds, strict=True)
        if side.deviation is not None
    ]
    if len(seeds) < 2 or not any(part.variance for part in seeds):
        how = "intervals of the dev figures"
        return of_dev, f"{how}, too wide, because the examples are the same" if is_same_dev else how
    if is_same_dev:
        return seeds, "Welch, over seeds, on the dev set that both share"
    if of_dev:
        return [*seeds, *of_dev], "Welch, over seeds, with the intervals of the dev figures"
    return seeds, "Welch, over seeds; too narrow, because it ignores that the dev examples differ"


def _warnings(first: StoredStudy, second: StoredStudy) -> Iterator[str]:
    if first.metric is not second.metric:
        yield f"their winners were chosen by different metrics, {first.metric} and {second.metric}"
    if first.known_fingerprint != second.known_fingerprint:
        yield "their data differ: the figures come from different examples"
    elif not _has_same_dev(first, second):
        yield "their data are the same, but split differently: the dev sets differ"
