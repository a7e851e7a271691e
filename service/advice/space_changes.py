"""What each of the recipe's steps changes in a search space, and why: the ranges of the next study.

Ranges are moved along their own scale, or narrowed to where the best trials lie, and held within what a
hyperparameter allows. Each change says of what kind it is, which `is_true_of` checks.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import ceil, floor, inf, log10

from search_spaces.boosting.point import BoostingPoint
from search_spaces.contradiction import ContradictionError
from search_spaces.dimensions import CategoricalDimension, ConstantDimension, Dimension
from search_spaces.fields import Fields
from search_spaces.input_choices import NumericEncoding
from search_spaces.network.point import Activation, NetworkPoint, Switch
from search_spaces.network.regularizers import DROPOUT, NO_STRENGTH
from search_spaces.point import Point
from search_spaces.ranges import FloatDimension, IntegerDimension
from search_spaces.space import SearchSpace
from search_spaces.values import Value
from service.advice.advised_steps import LEAVES, STRENGTHS, StepKind
from service.advice.findings import Finding, FindingKind


class Claim(StrEnum):
    """The kind of a change: the first words of its reason."""

    ENLARGED = "enlarged"
    MADE_SMALLER = "made smaller"
    MADE_STRONGER = "made stronger"
    MADE_SHALLOWER = "made shallower"
    MOVED = "moved"
    NARROWED = "narrowed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Change:
    """One hyperparameter's.

    Attributes
    ----------
    name
        The hyperparameter.
    dimension
        What the next study searches for it.
    claim
        What that is, beside what was searched.
    because
        Why, in a few words.
    """

    name: str
    dimension: Dimension
    claim: Claim
    because: str

    @property
    def reason(self) -> str:
        """The change and its reason, as the next study's file has them."""
        return f"{self.claim}: {self.because}"


def is_true_of(claim: Claim, name: str, *, old: Dimension | None, new: Dimension) -> bool:
    """Tell whether the change is of the kind that is claimed.

    Parameters
    ----------
    claim
        What it is set to.
    name
        The hyperparameter.
    old
        What was searched of it; None where it had its own default.
    new
        What is written.
    """
    if claim is Claim.ADDED:
        return isinstance(old, ConstantDimension | None) and not isinstance(new, ConstantDimension)
    was, will_be = _ends(old), _ends(new)
    if was is None:  # at its default, which the change is made from: any range adds to it
        return claim in (Claim.ENLARGED, Claim.MADE_SMALLER, Claim.MADE_STRONGER)
    if will_be is None:
        return False
    return _RULES[claim](name, was, will_be)


_Ends = tuple[float, float]


def _ends(dimension: Dimension | None) -> _Ends | None:
    """Return a dimension's least and greatest value; None of what has none."""
    if isinstance(dimension, FloatDimension | IntegerDimension):
        return float(dimension.low), float(dimension.high)
    if isinstance(dimension, ConstantDimension) and not isinstance(dimension.value, str):
        return float(dimension.value), float(dimension.value)
    return None


def _is_stronger(name: str, was: _Ends, will_be: _Ends) -> bool:
    return will_be[0] < was[0] if name in DROPOUT else will_be[1] > was[1]


_RULES: Mapping[Claim, Callable[[str, _Ends, _Ends], bool]] = {
    Claim.ENLARGED: lambda _, was, will_be: will_be[1] > was[1],
    Claim.MADE_SMALLER: lambda _, was, will_be: will_be[1] < was[1] or will_be[0] < was[0],
    Claim.MADE_SHALLOWER: lambda _, was, will_be: will_be[1] < was[1],
    Claim.MADE_STRONGER: _is_stronger,
    Claim.MOVED: lambda _, was, will_be: will_be[1] > was[1] or will_be[0] < was[0],
    Claim.NARROWED: lambda _, was, will_be: was[0] <= will_be[0] and will_be[1] <= was[1] and will_be != was,
}


GROWTH = 4
"""A bigger network has up to so many times the units, a smaller one as few."""

MORE_LAYERS = 2
"""A bigger network has up to so many hidden layers more."""


@dataclass(frozen=True, slots=True)
class Searched:
    """What was searched, and with what result.

    Attributes
    ----------
    space
        The study's.
    winner
        Its winner's hyperparameters.
    best
        Values of the best trials.
    findings
        What the search shows.
    has_images
        Whether the table's columns are pixels.
    larger, smaller
        Hyperparameters of which larger, or smaller, values than the winner's did no better: these are left as
        they are.
    """

    space: SearchSpace
    winner: Point
    best: Sequence[Mapping[str, Value]]
    findings: Sequence[Finding]
    has_images: bool
    larger: frozenset[str] = field(default_factory=frozenset)
    smaller: frozenset[str] = field(default_factory=frozenset)

    def values(self, name: str) -> list[Value]:
        """Return what the best trials have."""
        return [values[name] for values in self.best if name in values]

    def lacks(self, name: str) -> bool:
        """Return whether a hyperparameter is not searched."""
        return isinstance(self.space.dimensions.get(name), ConstantDimension | None)


def changes_of(step: StepKind, searched: Searched) -> list[Change]:
    """Return what a step changes in the space; nothing of a step that no search can take."""
    return list(_CHANGES[step](searched)) if step in _CHANGES else []


def moved_edges(searched: Searched) -> Iterator[Change]:
    """Move each range at whose end the best trials lie by half its length, whatever the step."""
    for finding in searched.findings:
        dimension = searched.space.dimensions.get(finding.hyperparameter or "")
        is_edge = finding.kind in (FindingKind.EDGE_OF_RANGE, FindingKind.SLOW_LEARNING)
        if is_edge and isinstance(dimension, FloatDimension | IntegerDimension):
            name = str(finding.hyperparameter)
            range_ = _shifted(searched, name, dimension, shift=0.5 if finding.is_upward else -0.5)
            yield Change(name, range_, Claim.MOVED, finding.text)


def _shifted(
    searched: Searched, name: str, dimension: FloatDimension | IntegerDimension, *, shift: float
) -> FloatDimension | IntegerDimension:
    return moved(
        name, dimension, low=shift, high=1 + shift, values=searched.values(name), fields=searched.space.fields
    )


_NOT_FITTED = "a larger network may fit the train set better"
_VARIANCE = "dev is predicted much worse than train"


def _bigger(searched: Searched) -> Iterator[Change]:
    """Search beyond the largest network that was searched, where larger ones were not tried in vain."""
    network = NetworkPoint.of(searched.winner)
    width, depth = network.width, network.depth
    claim, because = Claim.ENLARGED, _NOT_FITTED
    own = [name for name in _own_widths(searched) if name not in searched.larger]
    for name in own:
        range_ = _shifted(searched, name, _range_of(searched, name), shift=0.5)
        yield Change(name, range_, claim, because)
    if not _own_widths(searched) and "width" not in searched.larger:
        high = max(GROWTH * width, 2 * _largest(searched, "width"))
        yield Change("width", _whole(searched, "width", width // 2, high), claim, because)
    if "depth" not in searched.larger:
        high = max(depth + MORE_LAYERS, _largest(searched, "depth") + 1)
        yield Change("depth", _whole(searched, "depth", depth - 1, high), claim, because)


def _smaller(searched: Searched) -> Iterator[Change]:
    """Search below the winner's size, where smaller networks were not tried in vain."""
    network = NetworkPoint.of(searched.winner)
    width, depth = network.width, network.depth
    claim, because = Claim.MADE_SMALLER, _VARIANCE
    own = [name for name in _own_widths(searched) if name not in searched.smaller]
    for name in own:
        range_ = _shifted(searched, name, _range_of(searched, name), shift=-0.5)
        yield Change(name, range_, claim, because)
    if not _own_widths(searched) and "width" not in searched.smaller:
        yield Change("width", _whole(searched, "width", width // GROWTH, width), claim, because)
    if "depth" not in searched.smaller:
        yield Change("depth", _whole(searched, "depth", 1, depth), claim, because)


def _trees(searched: Searched, *, shift: float, claim: Claim, because: str) -> Iterator[Change]:
    """Search more leaves, or fewer."""
    if not isinstance(searched.winner, BoostingPoint):
        return
    dimension = searched.space.dimensions.get(LEAVES)
    if isinstance(dimension, IntegerDimension):
        yield Change(LEAVES, _shifted(searched, LEAVES, dimension, shift=shift), claim, because)
    elif searched.lacks(LEAVES):
        own = searched.winner.max_leaf_nodes
        low, high = (own, GROWTH * own) if shift > 0 else (own // GROWTH, own)
        yield Change(LEAVES, _whole(searched, LEAVES, low, high), claim, because)


def _bigger_trees(searched: Searched) -> Iterator[Change]:
    return _trees(
        searched, shift=0.5, claim=Claim.ENLARGED, because="larger trees may fit the train set better"
    )


def _smaller_trees(searched: Searched) -> Iterator[Change]:
    return _trees(searched, shift=-0.5, claim=Claim.MADE_SMALLER, because=_VARIANCE)


def _own_widths(searched: Searched) -> list[str]:
    """Return the layers' own widths that are searched, where they have any."""
    return [
        name
        for name, dimension in searched.space.dimensions.items()
        if name.startswith("width_") and isinstance(dimension, IntegerDimension)
    ]


def _range_of(searched: Searched, name: str) -> IntegerDimension:
    dimension = searched.space.dimensions[name]
    if not isinstance(dimension, IntegerDimension):
        raise TypeError(f"expected a range of whole numbers for {name}, got {dimension}")
    return dimension


def _largest(searched: Searched, name: str) -> int:
    """Return the largest value that was searched; the winner's own where it was not."""
    dimension = searched.space.dimensions.get(name)
    if isinstance(dimension, IntegerDimension):
        return dimension.high
    return int(getattr(searched.winner, name))


def _whole(searched: Searched, name: str, low: int, high: int) -> Dimension:
    """Return whole numbers from low to high, and as far as the best trials' lie, within what is allowed."""
    values = [value for value in searched.values(name) if isinstance(value, int)]
    least, most = searched.space.fields.limits_of(name)
    low, high = max(min([low, *values]), int(least)), min(max([high, *values]), int(most))
    if low >= high:
        return ConstantDimension(value=low)
    return IntegerDimension(low=low, high=high, log=name == "width")


def _other(searched: Searched) -> Iterator[Change]:
    because = "another architecture may fit what this one does not"
    options: dict[str, tuple[str, ...]] = {
        "activation": (Activation.RELU.value, Activation.TANH.value, Activation.GELU.value),
        "batch_normalization": (Switch.OFF.value, Switch.ON.value),
    }
    if not searched.has_images:
        options["numeric_encoding"] = (NumericEncoding.PLAIN.value, NumericEncoding.PIECEWISE_LINEAR.value)
    for name, choices in options.items():
        if searched.lacks(name):
            own = str(getattr(searched.winner, name))
            dimension = CategoricalDimension(choices=tuple(dict.fromkeys((own, *choices))))
            yield Change(name, dimension, Claim.ADDED, because)


def _regularized(searched: Searched) -> Iterator[Change]:
    strengths = STRENGTHS if isinstance(searched.winner, NetworkPoint) else searched.space.fields.no_strength
    stronger = [name for name in strengths if not searched.lacks(name)]
    for name in stronger:
        dimension = searched.space.dimensions[name]
        is_settled = name in (searched.smaller if name in DROPOUT else searched.larger)
        if isinstance(dimension, FloatDimension | IntegerDimension) and not is_settled:
            range_ = _shifted(searched, name, dimension, shift=-0.5 if name in DROPOUT else 0.5)
            yield Change(name, range_, Claim.MADE_STRONGER, _VARIANCE)
    if not isinstance(searched.winner, NetworkPoint):
        return
    added = {
        "l2_lambda": FloatDimension(low=1e-2, high=1e2, log=True),
        "keep_prob": FloatDimension(low=0.5, high=1.0),
    }
    for name, dimension in added.items():
        if searched.lacks(name):
            own = getattr(searched.winner, name)
            low = min(dimension.low, own) if own > 0 else dimension.low
            held = dimension.model_copy(update={"low": low, "high": max(dimension.high, own)})
            yield Change(name, held, Claim.ADDED, _VARIANCE)


def _augmented(searched: Searched) -> Iterator[Change]:
    strongest = {"noise_deviation": 0.5, "mixup_alpha": 0.4}
    if searched.has_images:
        strongest = {"shift_fraction": 0.15, "rotation_degrees": 15.0, "zoom_fraction": 0.15}
    for name, high in strongest.items():
        if searched.lacks(name):
            because = f"{_VARIANCE}, and augmentation is as good as more data"
            yield Change(name, FloatDimension(low=NO_STRENGTH[name], high=high), Claim.ADDED, because)


def _mended(searched: Searched) -> Iterator[Change]:
    for finding in searched.findings:
        if finding.kind is FindingKind.DEEP_NETWORKS_BREAK_OFF:
            high = max(int(finding.evidence["depth"]), NetworkPoint.of(searched.winner).depth)
            yield Change("depth", _whole(searched, "depth", 1, high), Claim.MADE_SHALLOWER, finding.text)


def _as_it_is(_: Searched) -> Iterator[Change]:
    yield from ()


_CHANGES: Mapping[StepKind, Callable[[Searched], Iterator[Change]]] = {
    StepKind.MOVE_SPACE: moved_edges,
    StepKind.BIGGER_NETWORK: _bigger,
    StepKind.LONGER_TRAINING: _as_it_is,
    StepKind.ANOTHER_ARCHITECTURE: _other,
    StepKind.MORE_REGULARIZATION: _regularized,
    StepKind.AUGMENTATION: _augmented,
    StepKind.SMALLER_NETWORK: _smaller,
    StepKind.BIGGER_TREES: _bigger_trees,
    StepKind.SMALLER_TREES: _smaller_trees,
    StepKind.MEND_FAILURES: _mended,
    StepKind.MORE_TRIALS: _as_it_is,
}
"""Steps that a search can take."""

SEARCHABLE = tuple(_CHANGES)
"""The others ask for data, or for nothing."""


ROOM = 0.25
"""Share of the range that is kept on either side of the best trials."""

LEAST_SHARE_SAVED = 0.25
"""A range stays as it is if it would shrink by less than this fraction."""

FEWEST_BEST = 3
"""Fewest trials whose values can narrow a range."""


def narrowed(searched: Searched, *, others: Collection[str]) -> Iterator[Change]:
    """Narrow the ranges that nothing else changes.

    Parameters
    ----------
    searched
        What was searched, and with what result.
    others
        Hyperparameters that are left alone.
    """
    for name, dimension in searched.space.dimensions.items():
        if name in others or not isinstance(dimension, FloatDimension | IntegerDimension):
            continue
        values = [value for value in searched.values(name) if not isinstance(value, str)]
        if len(values) < FEWEST_BEST:
            continue
        if isinstance(dimension, IntegerDimension) and dimension.step > 1:
            continue
        places = [dimension.position(value) for value in values]
        low, high = max(min(places) - ROOM, 0.0), min(max(places) + ROOM, 1.0)
        if high - low <= 1 - LEAST_SHARE_SAVED:
            range_ = moved(name, dimension, low=low, high=high, values=values, fields=searched.space.fields)
            yield Change(name, range_, Claim.NARROWED, f"the {len(values)} best trials lie there")


Range = FloatDimension | IntegerDimension

_DIGITS = 2
"""Significant digits of the ends: rounded outwards."""


def moved(  # noqa: PLR0913 (the range, where it goes, and what bounds it, each by its name)
    name: str, dimension: Range, *, low: float, high: float, values: Iterable[Value], fields: Fields
) -> Range:
    """Return a range that lies elsewhere on its own scale.

    Parameters
    ----------
    name
        The hyperparameter.
    dimension
        Its range.
    low, high
        Positions of the new ends on the old range; below 0 and above 1 they lie outside.
    values
        Values that it must contain.
    fields
        What the hyperparameter allows.
    """
    held = [value for value in values if not isinstance(value, str)]
    least = _allowed(name, min([dimension.at(low), *held]), towards=dimension.low, fields=fields)
    greatest = _allowed(name, max([dimension.at(high), *held]), towards=dimension.high, fields=fields)
    is_whole = isinstance(dimension, IntegerDimension)
    if dimension.low > 0 and fields.limits_of(name)[0] == -inf and (is_whole or not dimension.log):
        # Nothing is known of the user's own model, but that numbers above 0 mostly have to stay there.
        least = max(least, 1 if is_whole else dimension.low / 2)
    if isinstance(dimension, IntegerDimension):
        ends: dict[str, object] = {"low": round(least), "high": round(greatest), "step": 1}
    else:
        ends = {
            "low": _rounded(name, least, up=False, fields=fields),
            "high": _rounded(name, greatest, up=True, fields=fields),
        }
    changed = dimension.model_copy(update=ends)
    keeps_default = dimension.default is not None and changed.contains(dimension.default)
    # A copy is not validated; the space that it stands in is.
    return changed if keeps_default else changed.model_copy(update={"default": None})


def _allowed(name: str, value: float, *, towards: float, fields: Fields) -> float:
    """Return a value, or if the hyperparameter does not allow it the limit; halfway there if that is none."""
    low, high = fields.limits_of(name)
    if low < value < high:
        return value
    limit = low if value <= low else high
    return limit if _accepts(name, limit, fields) else (towards + limit) / 2


def _rounded(name: str, value: float, *, up: bool, fields: Fields) -> float:
    """Round to two digits, up or down, unless the hyperparameter does not allow what comes out."""
    if value == 0:
        return 0.0
    scale = 10.0 ** (floor(log10(abs(value))) - _DIGITS + 1)
    rounded = float(f"{(ceil if up else floor)(round(value / scale, 6)) * scale:.{_DIGITS}g}")
    return rounded if _accepts(name, rounded, fields) else value


def _accepts(name: str, value: float, fields: Fields) -> bool:
    if abs(value) == inf:
        return False
    try:
        fields.check_value(name, value, ())
    except ContradictionError:
        return False
    return True
