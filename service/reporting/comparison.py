"""Two studies' winners side by side on the dev set, and whether their difference is more than noise."""

from collections.abc import Iterator, Mapping
from math import inf
from typing import Any

from pydantic import BaseModel, ConfigDict

from service.diagnosis.confirmation import winner_over_seeds
from service.errors import BadInputError
from service.reporting.difference_interval import Part, half_width
from service.search.winner import winner_of
from service.storage.stored_study import StoredStudy
from service.storage.trial_roles import searched
from service.uncertainty.interval import Z
from workers.metrics import Metric

_VALUE_OBJECT = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Side(BaseModel):
    """One of the two studies: its winner on the dev set, and what the search took."""

    model_config = _VALUE_OBJECT

    study: str
    winner: int
    """Number of its winner."""

    figure: float
    """The metric on the dev set: the mean over the winner's seeds, or its one figure."""

    n_seeds: int
    """Seeds that it is the mean of."""

    deviation: float | None
    """Of the seeds' figures from their mean, with n - 1; None where there is but one."""

    dev_standard_error: float | None
    """What the choice of dev examples, or of folds, adds; None where it is not known."""

    dev_reach: tuple[float, float] | None
    """How far the dev figure's 95 % interval reaches below and above it; None where it is not known."""

    n_trials: int
    """Trials that ended, confirmation runs left out."""

    epochs: int
    """Sum of these trials' epochs."""

    training_seconds: float
    """Sum of these trials' durations."""


class Comparison(BaseModel):
    """Two studies' winners on the dev set, which both were selected on: both figures flatter."""

    model_config = _VALUE_OBJECT

    metric: Metric
    first: Side
    second: Side
    difference: float
    """The second's figure less the first's, in the metric's unit and sense."""

    interval: tuple[float, float] | None
    """95 % interval of the difference; None where there is nothing to tell the noise by."""

    method: str
    """How the interval was made, or why there is none."""

    verdict: str
    """One line."""

    warnings: tuple[str, ...]
    """What makes the two hard to compare."""


def compare_studies(first: StoredStudy, second: StoredStudy) -> Comparison:
    """Compare two studies' winners on the dev set.

    Where both winners were trained with two seeds or more, the interval is Welch's over seeds. It holds for
    the dev set that the two share. Where they were judged on different examples, the dev figures' intervals
    are further parts, known with infinite degrees of freedom: at each end of the difference, those sides of
    them that face each other (MOVER). Without seeds there are only these, as of independent samples, which is
    too wide where the examples are the same.
    A paired interval would need predictions, which are not kept.

    Parameters
    ----------
    first, second
        The studies; the ledger has no part in it.

    Raises
    ------
    BadInputError
        When they have different tasks or metrics, or are the same.
    ProctorError
        When one has no winner.
    """
    _check(first, second)
    metric = first.metric
    sides = side_of(first), side_of(second)
    difference = sides[1].figure - sides[0].figure
    is_same_dev = _has_same_dev(first, second)
    below, method = _parts(sides[1], sides[0], is_same_dev=is_same_dev)
    above, _ = _parts(sides[0], sides[1], is_same_dev=is_same_dev)
    down, up = half_width(below), half_width(above)
    interval = None if down is None or up is None else (difference - down, difference + up)
    return Comparison(
        metric=metric,
        first=sides[0],
        second=sides[1],
        difference=difference,
        interval=interval,
        method=method if interval is not None else "there are neither seeds that differ nor standard errors",
        verdict=_verdict(metric, sides, difference, interval),
        warnings=tuple(_warnings(first, second)),
    )


def side_of(study: StoredStudy) -> Side:
    """Return a study's winner on the dev set, and what the search took.

    Raises
    ------
    ProctorError
        When it has no winner.
    """
    winner = winner_of(study.trials, study.metric)
    over_seeds = winner_over_seeds(study.trials, study.metric)
    ended = [trial for trial in searched(study.trials) if trial.state.is_finished()]
    measured = study.winner or {"trial": None}
    error = winner.user_attrs.get("standard_error")
    reach = None if error is None else (Z * error, Z * error)
    if error is None and measured["trial"] == winner.number:
        error = measured["standard_errors"]["dev"]
        reach = _reach(measured, study.metric)
    return Side(
        study=study.config.name,
        winner=winner.number,
        figure=over_seeds.mean,
        n_seeds=1 + len(over_seeds.other_figures),
        deviation=over_seeds.deviation,
        dev_standard_error=error,
        dev_reach=reach,
        n_trials=len(ended),
        epochs=sum(trial.user_attrs.get("epochs", 0) for trial in ended),
        training_seconds=sum(trial.user_attrs.get("seconds", 0.0) for trial in ended),
    )


def _reach(measured: Mapping[str, Any], metric: Metric) -> tuple[float, float]:
    """Return how far the dev figure's interval reaches down and up."""
    figure = measured["models"]["winner"]["dev"][metric]
    low, high = measured["dev_interval"]
    return figure - low, high - figure


def _check(first: StoredStudy, second: StoredStudy) -> None:
    if first.config.name == second.config.name:
        raise BadInputError(f"a comparison needs two studies, got {first.config.name!r} twice")
    for what, one, other in (
        ("task", first.task, second.task),
        ("metric", first.metric, second.metric),
    ):
        if one != other:
            raise BadInputError(
                f"studies are compared by one {what}: {first.config.name!r} has {one},"
                f" {second.config.name!r} has {other}"
            )


def _has_same_dev(first: StoredStudy, second: StoredStudy) -> bool:
    """Tell whether both were judged on the same dev examples: the same rows, divided alike."""
    return (
        first.known_fingerprint == second.known_fingerprint
        and first.config.seed == second.config.seed
        and first.config.split == second.config.split
        and first.n_examples == second.n_examples
    )


def _parts(lower: Side, higher: Side, *, is_same_dev: bool) -> tuple[list[Part], str]:
    """Return the parts of the variance of a difference that is smaller than it looks, and how they were told.

    The figure that is taken off is `higher` than it looks then, or the other one `lower`.
    """
    of_dev = []
    if lower.dev_reach is not None and higher.dev_reach is not None:
        of_dev = [Part((reach / Z) ** 2, inf) for reach in (lower.dev_reach[0], higher.dev_reach[1])]
    seeds = [
        Part(side.deviation**2 / side.n_seeds, side.n_seeds - 1)
        for side in (lower, higher)
        if side.deviation is not None
    ]
    if len(seeds) < 2 or not any(part.variance for part in seeds):
        how = "intervals of the dev figures"
        return of_dev, f"{how}, too wide as the examples are the same" if is_same_dev else how
    if is_same_dev:
        return seeds, "Welch, over seeds, on the dev set that both have"
    if of_dev:
        return [*seeds, *of_dev], "Welch, over seeds, with the intervals of the dev figures"
    return seeds, "Welch, over seeds; too narrow, as it leaves out that the dev examples differ"


def _verdict(
    metric: Metric,
    sides: tuple[Side, Side],
    difference: float,
    interval: tuple[float, float] | None,
) -> str:
    if interval is None:
        return "whether the difference is more than noise cannot be told"
    if interval[0] <= 0 <= interval[1]:
        return "no difference you could tell"
    better = sides[1] if metric.badness(difference) < 0 else sides[0]
    return f"{better.study} is better on the dev set"


def _warnings(first: StoredStudy, second: StoredStudy) -> Iterator[str]:
    if first.target != second.target:
        yield f"they predict different targets, {first.target!r} and {second.target!r}"
    if first.known_fingerprint != second.known_fingerprint:
        yield "their data differ: the figures are of different examples"
    elif not _has_same_dev(first, second):
        yield "their data are the same, but divided otherwise: the dev sets differ"
