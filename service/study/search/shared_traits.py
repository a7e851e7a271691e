"""What some trials share that others do not, how likely it is to be chance; what failed ones share."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import comb, log

from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from search_spaces.values import Value

Values = Mapping[str, Value]

SIGNIFICANCE = 0.05
"""A statement that is likelier than this by chance, given all that are tried, is not made."""


@dataclass(frozen=True, slots=True)
class Statement:
    """Something that holds for all of some trials, and how likely it is to hold by chance."""

    text: str
    holds: Callable[[Values], bool]
    chance: float


def telling_statements(
    group: Sequence[Values], others: Sequence[Values], distributions: Mapping[str, BaseDistribution]
) -> list[Statement]:
    """Return at most two statements that hold for all of a group, and would hardly do so by chance.

    The first is the unlikeliest, the second what more tells the group from those others that have the first
    too. Where k of n trials are the group, and c of the n have something, the chance that all of the group
    have it is C(c, k) / C(n, k), as in Fisher's exact test. Where there are no others, values are held
    against random draws: the chance is the k-th power of the share of draws that have it. Either is
    multiplied by the number of statements tried (Bonferroni).

    Parameters
    ----------
    group
        Hyperparameters of the trials that are told apart, at least one.
    others
        Those of all other trials.
    distributions
        What hyperparameters were drawn from; needed only where there are no others.
    """
    first = _unlikeliest(group, others, distributions)
    if first is None:
        return []
    like_them = [values for values in others if first.holds(values)]
    second = _unlikeliest(group, like_them, {}) if like_them else None
    return [first] if second is None else [first, second]


def _unlikeliest(
    group: Sequence[Values], others: Sequence[Values], distributions: Mapping[str, BaseDistribution]
) -> Statement | None:
    """Return what is unlikeliest to hold for all of a group by chance; of equals a choice, then the first."""
    names = [name for name in group[0] if all(name in values for values in group)]
    choices = [name for name in names if isinstance(group[0][name], str)]
    numbers = [name for name in names if name not in choices]
    statements = [
        _choice(name, group, others, distributions.get(name))
        for name in choices
        if len({values[name] for values in group}) == 1
    ]
    for name in numbers:
        statements += _bounds(name, group, others, distributions.get(name))
    n_tried = 2 * len(numbers) + sum(_n_choices(name, group, others) for name in choices)
    best = min(statements, key=lambda statement: statement.chance, default=None)
    return None if best is None or best.chance * n_tried >= SIGNIFICANCE else best


def _n_choices(name: str, group: Sequence[Values], others: Sequence[Values]) -> int:
    return len({values[name] for values in (*group, *others) if name in values})


def _choice(
    name: str, group: Sequence[Values], others: Sequence[Values], distribution: BaseDistribution | None
) -> Statement:
    value = group[0][name]

    def holds(values: Values) -> bool:
        return values.get(name) == value

    n_choices = len(distribution.choices) if isinstance(distribution, CategoricalDistribution) else 1
    return Statement(f"{name} {value}", holds, _chance(holds, len(group), others, share=1 / n_choices))


def _bounds(
    name: str, group: Sequence[Values], others: Sequence[Values], distribution: BaseDistribution | None
) -> tuple[Statement, Statement]:
    """Return that all have the lowest number of the group or more, and the highest or less."""
    numbers = [float(values[name]) for values in group]
    low, high = min(numbers), max(numbers)

    def is_high(values: Values) -> bool:
        return name in values and float(values[name]) >= low

    def is_low(values: Values) -> bool:
        return name in values and float(values[name]) <= high

    k, (below, above) = len(group), _shares(distribution, low, high)
    return (
        Statement(f"{name} {low:.3g} or more", is_high, _chance(is_high, k, others, share=above)),
        Statement(f"{name} {high:.3g} or less", is_low, _chance(is_low, k, others, share=below)),
    )


def _shares(distribution: BaseDistribution | None, low: float, high: float) -> tuple[float, float]:
    """Return the shares of random draws that are `high` or less, and `low` or more; 1 where not known."""
    if not isinstance(distribution, FloatDistribution | IntDistribution) or distribution.single():
        return 1.0, 1.0
    # A whole number stands for all that would be rounded to it.
    half = (distribution.step or 0) / 2 if isinstance(distribution, IntDistribution) else 0.0
    ends = distribution.low - half, high + half, low - half, distribution.high + half
    first, highest, lowest, last = map(log, ends) if distribution.log else ends
    return (highest - first) / (last - first), (last - lowest) / (last - first)


def _chance(holds: Callable[[Values], bool], k: int, others: Sequence[Values], *, share: float) -> float:
    """Return the probability that all of k trials have something, by chance alone.

    Parameters
    ----------
    holds
        Tells whether a trial has it.
    k
        Trials that all have it.
    others
        The rest; where there are none, the share decides.
    share
        Share of random draws that have it.
    """
    if not others:
        return float(share**k)
    c = k + sum(map(holds, others))
    return comb(c, k) / comb(k + len(others), k)


@dataclass(frozen=True, slots=True)
class Failure:
    """A trial that failed.

    Attributes
    ----------
    values
        Its searched hyperparameters.
    reason
        Why, as it is kept with the trial.
    """

    values: Mapping[str, Value]
    reason: str


def common_failure(
    failed: Sequence[Failure],
    others: Sequence[Mapping[str, Value]] = (),
    *,
    distributions: Mapping[str, BaseDistribution] | None = None,
) -> str:
    """Say in one line what failed trials have in common: their reason, and what sets them apart.

    A hyperparameter is named if all have a value, or a bound of it, where chance would hardly do so.

    Parameters
    ----------
    failed
        Trials that failed, at least one.
    others
        Hyperparameters of trials that did not.
    distributions
        What hyperparameters were drawn from; needed only where there are no others.

    Raises
    ------
    ValueError
        When no trial failed.
    """
    if not failed:
        raise ValueError("expected failed trials, got none")
    reasons = Counter(plain_reason(failure.reason) for failure in failed)
    reason, n_of_reason = reasons.most_common(1)[0]
    is_one_group = 2 * n_of_reason < len(failed)
    group = [each.values for each in failed if is_one_group or plain_reason(each.reason) == reason]
    if is_one_group:
        said = f"{len(reasons)} different reasons"
    else:
        said = reason if len(reasons) == 1 else f"{n_of_reason} of {len(failed)}: {reason}"
    found = telling_statements(group, others, distributions or {})
    if not found:
        if not others:
            return f"{said}, whatever their hyperparameters"
        return f"{said}; nothing in their hyperparameters tells them from others"
    said += f"; all with {' and '.join(statement.text for statement in found)}"
    if not others:
        return said
    n_too = sum(all(statement.holds(values) for statement in found) for values in others)
    return said + (f", as {n_too} of {len(others)} others" if n_too else ", and none of the others")


def plain_reason(reason: str) -> str:
    """Return why a trial failed, whatever the fold, the epoch and the learning rate."""
    return re.sub(r"^fold \d+ of \d+: | in epoch \d+| \(learning rate [^)]*\)", "", reason)
