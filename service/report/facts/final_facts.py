"""What the opening showed: the test figures, anything learned, overfitting; and who had looked before."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from math import hypot
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from service.advice.rounds import Chain
from service.report.facts.comparison import Difference, Verdict, difference_of
from service.report.facts.winner_facts import Figures
from service.seal.openings import Look
from service.shell_command import REASON
from service.study.storage.database_url import next_command
from service.study.storage.kept_trials import searched
from service.study.storage.stored_study import StoredStudy
from service.study.storage.study_format import looks_before
from service.uncertainty.interval import N_STANDARD_ERRORS, Interval, Z
from service.winner.examination.figures import ByClass
from service.winner.noise_floor.floor import BesideConstant
from workers.metrics.metric import Metric


class TestFigures(BaseModel):
    """What the opening for the winner showed; `searches_after_looks` has what was seen of earlier winners."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    winner_trial: int
    """The trial that sat the test set."""

    n_models: int
    """Models whose average was evaluated; 1 of a single one."""

    n_examples: int
    """Size of the test set."""

    models: dict[str, Figures]
    """By model: `winner`, and the baselines at the same opening."""

    by_class: ByClass | None
    """Recall and precision of each class, for the winner; None in regression."""
    differences: dict[str, dict[str, Difference]]
    """By baseline and metric: the winner's figure less the baseline's on the same rows."""

    interval: tuple[float, float]
    """95 % interval of the study's metric, for the winner."""

    interval_method: str
    """How the interval was made."""

    n_faulty: dict[str, int]
    """By column, cells that were none of its kind and were taken for missing; only columns with some."""


class LookLine(BaseModel):
    """One look at this test set, by this study or another in the same database."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    study: str
    """Its name now; what it was called then, where it is deleted."""

    is_deleted: bool
    """Whether that study is there no more."""

    look: int
    """The number of this look, counted within that study."""

    opened_at: datetime
    """UTC."""

    user: str
    """Whose process it was."""

    reason: str | None
    """Why it looked again; None where it did not have to say."""

    is_finished: bool
    """False where a process ended between opening and figures."""

    @property
    def named(self) -> str:
        """The study's name, as it is shown to people."""
        return f"{self.study} (deleted)" if self.is_deleted else self.study


def figures_on_test(looks: Sequence[Look]) -> TestFigures | None:
    """Return what the last look showed that came to its figures; None where none did."""
    finished = [look for look in looks if look.figures is not None]
    if not finished or finished[-1].figures is None:
        return None
    figures: dict[str, Any] = dict(finished[-1].figures)
    of_classes = figures.get("by_class")
    return TestFigures(
        winner_trial=finished[-1].winner_trial,
        n_models=figures["n_models"],
        n_examples=figures["n_examples"],
        models=figures["models"],
        by_class=ByClass.model_validate(of_classes) if of_classes else None,
        differences=_differences(figures["differences"]),
        interval=(figures["interval"]["low"], figures["interval"]["high"]),
        interval_method=figures["interval"]["method"],
        n_faulty=figures["n_faulty"],
    )


def _differences(kept: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Difference]]:
    return {
        name: {metric: difference_of(Metric(metric), **found) for metric, found in by_metric.items()}
        for name, by_metric in kept.items()
    }


def look_line(look: Look) -> LookLine:
    """Return a look as the report lists it."""
    return LookLine(
        study=look.study_name,
        is_deleted=look.is_deleted,
        look=look.look,
        opened_at=look.opened_at,
        user=look.process.user,
        reason=look.reason,
        is_finished=look.is_finished,
    )


class Learned(BaseModel):
    """The winner beside the best constant."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    is_beyond_chance: bool
    """Whether the winner is better, beyond chance. Where it is not, nothing was learned."""

    examples: Literal["dev", "test"]
    """Where the two were compared."""

    constant: str
    """`majority class` or `mean`."""

    gain: float
    """By how much the winner is better, in the metric's unit; below 0 it is worse."""

    margin: float
    """How far the gain may be off: two standard errors, or half of the paired interval."""

    flattery: float
    """By how much being chosen on these examples flatters the winner; 0 on the test set."""


def learned_on_dev(beside: BesideConstant) -> Learned:
    """Return what the dev set shows, on which the winner was chosen."""
    return Learned(
        is_beyond_chance=beside.is_beyond_chance,
        examples="dev",
        constant=beside.constant,
        gain=beside.gain,
        margin=N_STANDARD_ERRORS * beside.standard_error,
        flattery=beside.flattery,
    )


def learned_on_test(metric: Metric, difference: Difference, constant: str) -> Learned:
    """Return what the opened test set shows, by the paired difference.

    Parameters
    ----------
    metric
        The study's metric.
    difference
        The winner's figure less the constant's.
    constant
        The constant's name.
    """
    low, high = difference.interval or (difference.value, difference.value)
    return Learned(
        is_beyond_chance=difference.verdict is Verdict.BETTER,
        examples="test",
        constant=constant,
        gain=-metric.badness(difference.value),
        margin=(high - low) / 2,
        flattery=0.0,
    )


class Overfitting(BaseModel):
    """The gap between test and dev set, seen at the opening; in the metric's unit, above 0 for the worse."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    size: float
    """How much worse the winner did on the test set than on the dev set."""

    standard_error: float
    """For want of examples in both: from the sides of the two figures' intervals that face each other."""

    foretold: float | None
    """By how much the dev figure was expected to flatter before the opening; None where nothing showed it."""

    is_clear: bool
    """Whether the gap, less what was foretold, is beyond two standard errors: the dev set was overfitted."""


def overfitting_of(  # noqa: PLR0913 (two figures, each with how far it may be off)
    metric: Metric,
    *,
    dev: float,
    dev_interval: Interval,
    test: float,
    test_interval: Interval,
    foretold: float | None,
) -> Overfitting:
    """Return how much worse the winner did on the test set than on the dev set.

    A winner that was selected for its luck does worse on the test set by that luck, without any fault. Only
    what goes beyond that and chance is called overfitting. A dev figure near its best value has an interval
    that reaches much farther to the worse side than to the better one, so half its width would be too little.

    Parameters
    ----------
    metric
        The study's metric.
    dev, dev_interval
        The winner's figure on the dev set, with its 95 % interval.
    test, test_interval
        The same on the test set.
    foretold
        The optimism estimated before the opening (metric's unit).

    References
    ----------
    G. Y. Zou and A. Donner, 2008, "Construction of confidence limits about effect measures: a general
    approach", Statistics in Medicine 27, equation 3: the limits of a difference.
    """
    size = metric.badness(test) - metric.badness(dev)
    test_is_worse = size > 0
    standard_error = hypot(
        _side(metric, dev, dev_interval, to_the_worse=test_is_worse),
        _side(metric, test, test_interval, to_the_worse=not test_is_worse),
    )
    return Overfitting(
        size=size,
        standard_error=standard_error,
        foretold=foretold,
        is_clear=size - max(foretold or 0.0, 0.0) > 2 * standard_error,
    )


def _side(metric: Metric, figure: float, interval: Interval, *, to_the_worse: bool) -> float:
    """Return how far an interval reaches to one side of its figure, in standard errors' unit: over 1.96."""
    ends = [metric.badness(end) for end in interval]
    reach = max(ends) - metric.badness(figure) if to_the_worse else metric.badness(figure) - min(ends)
    return max(reach, 0.0) / Z


class SearchAfterLook(BaseModel):
    """A look at the test set after which the study's search went on: who saw the figure chose to go on."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    look: int
    """The number of this look, counted within the study or the one that it was copied from."""

    opened_at: datetime
    """UTC."""

    winner_trial: int
    """The trial that was evaluated, the winner then."""

    figure: float | None
    """Its value of the study's metric on the test set; None of a look without figures."""

    interval: tuple[float, float] | None
    """The figure's 95 % interval."""

    n_trials: int
    """Trials that had tried a point by the look."""

    n_after: int
    """Trials that have tried a point since."""


def searches_after_looks(study: StoredStudy, looks: Sequence[Look]) -> tuple[SearchAfterLook, ...]:
    """Return the looks after which a study's search went on.

    Parameters
    ----------
    study
        The study.
    looks
        Its looks, and those of what it was copied from, in the order of their opening.
    """
    n_tried = len(searched(study.trials))
    found = []
    for look in looks:
        following = (each for each in study.extensions if look.id in each.looks)
        first = next(following, None)
        if first is None:
            continue
        figures: Mapping[str, Any] = look.figures or {}
        interval = figures.get("interval")
        found.append(
            SearchAfterLook(
                look=look.look,
                opened_at=look.opened_at,
                winner_trial=look.winner_trial,
                figure=figures["models"]["winner"][study.metric] if figures else None,
                interval=(interval["low"], interval["high"]) if interval else None,
                n_trials=first.n_trials,
                n_after=n_tried - first.n_trials,
            )
        )
    return tuple(found)


_MOST_NAMED = 3


class EarlierLooks(BaseModel):
    """What keeps a study's test figure sealed: other studies opened the test set, and this one did not."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    n_looks: int
    """How often other studies opened it."""

    sentence: str
    """Which studies did, and when (UTC), in a sentence without a full stop."""

    unseal: str
    """The command that opens it all the same, once the search is done; it needs a reason."""


def earlier_looks(
    chain: Chain, looks: Sequence[Look], *, storage: str, winner: int | None = None
) -> EarlierLooks | None:
    """Return what keeps a study from its test set; None where nobody looked, or the study did itself.

    Its own looks from before its search went on keep it from the test set too, unless one was at the winner.

    Parameters
    ----------
    chain
        The study, with its rounds, which are no others.
    looks
        All looks at its test set, in the order of their opening.
    storage
        URL of the database, without a password.
    winner
        Number of the winner; None while it is not known.
    """
    rounds = [study.identity for study in chain.studies]
    own = [look for look in looks if any(each.owns(look.study_key, look.study_id) for each in rounds)]
    before = looks_before(chain.first.extensions, own)
    is_of_winner = any(look.winner_trial == winner for look in before)
    if not looks or len(own) > len(before) or is_of_winner:
        return None
    opened = (chain.ending or {}).get("winner", chain.first.config.name)
    return EarlierLooks(
        n_looks=len(looks),
        sentence=f"this test set was opened before, {_who_and_when(looks)}",
        unseal=next_command(storage, "unseal", opened, flags=["--look-again", REASON]),
    )


def _who_and_when(looks: Sequence[Look]) -> str:
    """Name each look where they are few, else the first and the last."""
    n = len(looks)
    if n > _MOST_NAMED:
        return f"{n:,} times: first by {_named(looks[0])}, last by {_named(looks[-1])}"
    times = {1: "once", 2: "twice"}.get(n, f"{n} times")
    return f"{times}: {', '.join(f'by {_named(look)}' for look in looks)}"


def _named(look: Look) -> str:
    without = "" if look.is_finished else ", without a figure"
    deleted = ", since deleted" if look.is_deleted else ""
    return f"study {look.study_name}{deleted} ({look.opened_at:%Y-%m-%d %H:%M} UTC{without})"
