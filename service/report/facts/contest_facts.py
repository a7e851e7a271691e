"""A contest of kinds of model: what each reached on the dev set, what sets them apart, and which to use."""

from collections.abc import Sequence
from math import hypot, inf, sqrt

from pydantic import BaseModel, ConfigDict

from service.advice.confirmation import winner_over_seeds
from service.advice.contest import DevPair, pair_of
from service.advice.rounds import Chain, winners_rank
from service.report.facts.comparison import Difference, Part, Verdict, difference_of, half_width
from service.study.search.search_budget import training_seconds
from service.study.search.winner import has_winner
from service.study.storage.kept_trials import searched
from service.study.storage.stored_study import StoredStudy
from service.winner.examination.measured_winner import measured_winner
from workers.metrics.metric import Metric

SIMPLEST_FIRST = ("linear", "boosting", "network")
"""The order in which kinds that are level are recommended; others come after, as the user named them."""

_VALUE_OBJECT = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class ContestLine(BaseModel):
    """One kind of model."""

    model_config = _VALUE_OBJECT

    kind: str
    """Its name."""

    study: str | None
    """Its study's name; None until that is begun."""

    trials: int
    """Trials that ended, confirmation runs left out."""

    winner: int | None
    """Number of its winner; None while there is none."""

    dev_metric: float | None
    """The confirmed dev figure, which decides the contest: the winner's mean over its other seeds, or its one
    figure where it was trained with no other."""

    n_seeds: int
    """Seeds that this is a mean over."""

    standard_error: float | None
    """Of that mean, by the dev rows and by the seeds; None until the winner has been measured."""

    difference: Difference | None
    """Its figure less the best kind's, on the same dev rows; None of the best, and until all have ended."""

    training_seconds: float
    """Sum of the durations of its trials and confirmation runs."""


class Contest(BaseModel):
    """Kinds of model side by side, on dev rows that all winners were selected on."""

    model_config = _VALUE_OBJECT

    kinds: tuple[ContestLine, ...]
    """In the order in which they are searched."""

    best: str | None
    """The kind with the best confirmed dev figure, whose winner is evaluated on the test set; None until all
    have ended, and where none has a winner."""

    recommended: str | None
    """The simplest of the best and those with no clear difference from it: linear before boosting before
    network; None while there is no best."""

    @property
    def line_of_best(self) -> ContestLine | None:
        """The best kind's line."""
        return next((line for line in self.kinds if line.kind == self.best), None)

    @property
    def level(self) -> tuple[str, ...]:
        """The best kind, and those with no clear difference from it, the simplest first."""
        level = [line.kind for line in self.kinds if line.kind == self.best or _is_level(line)]
        return tuple(sorted(level, key=simplicity))


def contest_of(chain: Chain) -> Contest | None:
    """Return a contest as it stands; None of a study that is in none."""
    config = chain.first.config
    if not config.contest:
        return None
    has_best = chain.ending is not None and has_winner(chain.best.trials)
    lines = [
        _line(entrant.model.kind, chain, number, has_best=has_best)
        for number, entrant in enumerate(config.contest, 1)
    ]
    best = lines[chain.number_of_best - 1].kind if has_best else None
    contest = Contest(kinds=tuple(lines), best=best, recommended=None)
    return contest.model_copy(update={"recommended": contest.level[0]}) if has_best else contest


def simplicity(kind: str) -> int:
    """Return a kind's place among the others, the simplest first."""
    return SIMPLEST_FIRST.index(kind) if kind in SIMPLEST_FIRST else len(SIMPLEST_FIRST)


def _is_level(line: ContestLine) -> bool:
    return line.difference is not None and line.difference.verdict in (Verdict.NO_DIFFERENCE, Verdict.BETTER)


def _line(kind: str, chain: Chain, number: int, *, has_best: bool) -> ContestLine:
    if number > len(chain.studies):
        return ContestLine(
            kind=kind,
            study=None,
            trials=0,
            winner=None,
            dev_metric=None,
            n_seeds=0,
            standard_error=None,
            difference=None,
            training_seconds=0.0,
        )
    study = chain.studies[number - 1]
    is_beside_best = has_best and has_winner(study.trials) and number != chain.number_of_best
    difference = _difference(study, chain.best, pair_of(chain, number)) if is_beside_best else None
    figure = _Figure(study) if has_winner(study.trials) else None
    return ContestLine(
        kind=kind,
        study=study.config.name,
        trials=sum(trial.state.is_finished() for trial in searched(study.trials)),
        winner=None if figure is None else figure.trial,
        dev_metric=None if figure is None else figure.value,
        n_seeds=0 if figure is None else figure.n_seeds,
        standard_error=None if figure is None else figure.standard_error(study),
        difference=difference,
        training_seconds=training_seconds(study.trials),
    )


class _Figure:
    """A winner's confirmed dev figure, and what is known of its scatter over seeds."""

    def __init__(self, study: StoredStudy) -> None:
        over_seeds = winner_over_seeds(study.trials, study.metric)
        self.trial = over_seeds.trial
        self.value = study.metric.badness(winners_rank(study)[0])
        n_others = len(over_seeds.other_figures)
        is_confirmed = n_others > 0 and not over_seeds.n_failed
        self.n_seeds = n_others if is_confirmed else 1 + n_others
        self._deviation, self._n_all = over_seeds.deviation, 1 + n_others

    @property
    def of_seeds(self) -> list[Part]:
        """The part of the mean's variance that the seeds make up; none where there is but one."""
        if self._deviation is None:
            return []
        return [Part(self._deviation**2 / self.n_seeds, self._n_all - 1)]

    def standard_error(self, study: StoredStudy) -> float | None:
        """Return that of the mean, by dev rows and seeds."""
        measured = measured_winner(study, self.trial)
        if measured is None:
            return None
        return hypot(measured.standard_errors["dev"], *(sqrt(part.variance) for part in self.of_seeds))


def _difference(study: StoredStudy, best: StoredStudy, pair: DevPair | None) -> Difference:
    """Return how far a kind is from the best.

    One training of each is compared by rows, so that what seeds do comes on top.
    """
    one, other = _Figure(study), _Figure(best)
    return paired_difference_of_means(
        study.metric,
        one.value - other.value,
        rows=None if pair is None else pair.standard_error,
        seeds=[*one.of_seeds, *other.of_seeds],
        method="a winner was set aside since the contest ended" if pair is None else pair.method,
    )


def paired_difference_of_means(
    metric: Metric, value: float, *, rows: float | None, seeds: Sequence[Part], method: str
) -> Difference:
    """Return a difference of two means over seeds on the same dev rows, with its 95 % interval.

    Parameters
    ----------
    metric
        Of what.
    value
        The difference.
    rows
        Its standard error by the row-by-row differences; None where that is not known, nor then the interval.
    seeds
        Parts of its variance that are the seeds'.
    method
        How `rows` was found, or why not.
    """
    if rows is None:
        return difference_of(metric, value=value, interval=None, method=method)
    half = half_width([Part(rows**2, inf), *seeds]) or 0.0
    over = ", and Welch over seeds" if seeds else ""
    return difference_of(metric, value=value, interval=(value - half, value + half), method=method + over)
