"""What each of the recipe's steps changes in a search space."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from search_spaces.dimensions import CategoricalDimension, ConstantDimension, Dimension
from search_spaces.fields import limits_of
from search_spaces.hyperparameters import Activation, Hyperparameters, NumericEncoding, Switch
from search_spaces.ranges import FloatDimension, IntegerDimension
from search_spaces.regularizers import DROPOUT, NO_STRENGTH
from search_spaces.space import SearchSpace
from search_spaces.values import Value
from service.diagnosis.advised_step import StepKind
from service.diagnosis.finding import Finding, FindingKind
from service.diagnosis.next_study.change import Change
from service.diagnosis.next_study.ranges import moved

GROWTH = 4
"""A bigger network has up to so many times the units, a smaller one as few."""

MORE_LAYERS = 2
"""A bigger network has up to so many hidden layers more."""

_STRENGTHS = ("l2_lambda", "l1_lambda", "weight_decay", *DROPOUT)
"""Regularization that is made stronger where it is searched; of L2 and dropout what is missing is added."""


@dataclass(frozen=True, slots=True)
class Searched:
    """What was searched, and what came out.

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
    """

    space: SearchSpace
    winner: Hyperparameters
    best: Sequence[Mapping[str, Value]]
    findings: Sequence[Finding]
    has_images: bool

    def values(self, name: str) -> list[Value]:
        """Return what the best trials have."""
        return [values[name] for values in self.best if name in values]

    def lacks(self, name: str) -> bool:
        """Tell whether a hyperparameter is not searched."""
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
            shift = 0.5 if finding.is_upward else -0.5
            yield _shifted(searched, name, dimension, shift=shift, reason=f"moved: {finding.text}")


def _shifted(
    searched: Searched, name: str, dimension: FloatDimension | IntegerDimension, *, shift: float, reason: str
) -> Change:
    range_ = moved(name, dimension, low=shift, high=1 + shift, values=searched.values(name))
    return Change(name, range_, reason)


def _bigger(searched: Searched) -> Iterator[Change]:
    width, depth = searched.winner.width, searched.winner.depth
    reason = "enlarged: the train set is not fitted"
    if own := list(_own_widths(searched, shift=0.5, reason=reason)):
        yield from own
    else:
        yield _whole(searched, "width", width // 2, GROWTH * width, reason=reason)
    yield _whole(searched, "depth", depth - 1, depth + MORE_LAYERS, reason=reason)


def _smaller(searched: Searched) -> Iterator[Change]:
    width, depth = searched.winner.width, searched.winner.depth
    reason = "made smaller: dev is done much worse than train"
    if own := list(_own_widths(searched, shift=-0.5, reason=reason)):
        yield from own
    else:
        yield _whole(searched, "width", width // GROWTH, width, reason=reason)
    yield _whole(searched, "depth", 1, depth, reason=reason)


def _own_widths(searched: Searched, *, shift: float, reason: str) -> Iterator[Change]:
    """Move the ranges of layers that have a width of their own."""
    for name, dimension in searched.space.dimensions.items():
        if name.startswith("width_") and isinstance(dimension, IntegerDimension):
            yield _shifted(searched, name, dimension, shift=shift, reason=reason)


def _whole(searched: Searched, name: str, low: int, high: int, *, reason: str) -> Change:
    """Search whole numbers from low to high, and as far as the best trials' lie, within what is allowed."""
    values = [value for value in searched.values(name) if isinstance(value, int)]
    least, most = limits_of(name)
    low, high = max(min([low, *values]), int(least)), min(max([high, *values]), int(most))
    dimension: Dimension = IntegerDimension(low=low, high=high, log=name == "width")
    return Change(name, dimension if low < high else ConstantDimension(value=low), reason)


def _other(searched: Searched) -> Iterator[Change]:
    reason = "added: another architecture may fit what this one does not"
    options: dict[str, tuple[str, ...]] = {
        "activation": (Activation.RELU.value, Activation.TANH.value, Activation.GELU.value),
        "batch_normalization": (Switch.OFF.value, Switch.ON.value),
    }
    if not searched.has_images:
        options["numeric_encoding"] = (NumericEncoding.PLAIN.value, NumericEncoding.PIECEWISE_LINEAR.value)
    for name, choices in options.items():
        if searched.lacks(name):
            own = str(getattr(searched.winner, name))
            yield Change(name, CategoricalDimension(choices=tuple(dict.fromkeys((own, *choices)))), reason)


def _regularized(searched: Searched) -> Iterator[Change]:
    stronger = [name for name in _STRENGTHS if not searched.lacks(name)]
    for name in stronger:
        dimension = searched.space.dimensions[name]
        if isinstance(dimension, FloatDimension):
            shift = -0.5 if name in DROPOUT else 0.5
            reason = "made stronger: dev is done much worse than train"
            yield _shifted(searched, name, dimension, shift=shift, reason=reason)
    added = {
        "l2_lambda": FloatDimension(low=1e-2, high=1e2, log=True),
        "keep_prob": FloatDimension(low=0.5, high=1.0),
    }
    for name, dimension in added.items():
        if searched.lacks(name):
            own = getattr(searched.winner, name)
            low = min(dimension.low, own) if own > 0 else dimension.low
            held = dimension.model_copy(update={"low": low, "high": max(dimension.high, own)})
            yield Change(name, held, "added: dev is done much worse than train")


def _augmented(searched: Searched) -> Iterator[Change]:
    strongest = {"noise_deviation": 0.5, "mixup_alpha": 0.4}
    if searched.has_images:
        strongest = {"shift_fraction": 0.15, "rotation_degrees": 15.0, "zoom_fraction": 0.15}
    for name, high in strongest.items():
        if searched.lacks(name):
            reason = "added: dev is done much worse than train, and augmentation is as good as more data"
            yield Change(name, FloatDimension(low=NO_STRENGTH[name], high=high), reason)


def _mended(searched: Searched) -> Iterator[Change]:
    for finding in searched.findings:
        if finding.kind is FindingKind.DEEP_NETWORKS_BREAK_OFF:
            high = max(int(finding.evidence["depth"]), searched.winner.depth)
            yield _whole(searched, "depth", 1, high, reason=f"made shallower: {finding.text}")


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
    StepKind.MEND_FAILURES: _mended,
    StepKind.MORE_TRIALS: _as_it_is,
}
"""Steps that a search can take."""

SEARCHABLE = tuple(_CHANGES)
"""The others ask for data, or for nothing."""
