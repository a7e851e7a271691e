"""High bias: a bigger network, longer training, another architecture; first whatever cut the search short."""

from collections.abc import Iterator, Sequence

from search_spaces.dimensions import ConstantDimension
from service.advice.diagnosis.advised_step import AdvisedStep, MakeStep, StepKind, closing, unsized
from service.advice.diagnosis.facts import Facts
from service.advice.diagnosis.finding import Finding, FindingKind
from service.advice.diagnosis.gaps import Trouble
from service.winner.noise_floor.estimate import has_bayes_figure
from service.winner.noise_floor.floor import NETWORK
from workers.metrics import Metric

CAPACITY = ("width", "depth")
"""Hyperparameters at whose upper end a bigger network lies; a layer's own width begins with the same word."""

ARCHITECTURE = {
    "activation": "other activations",
    "batch_normalization": "batch normalization",
    "numeric_encoding": "another encoding of numbers",
}
"""What another architecture may have, where it was not searched."""

NOT_TRIED = "larger networks than the winner were not tried"

_LONGER = "train longer: allow more epochs"


def against_bias(facts: Facts) -> Iterator[AdvisedStep]:
    """Yield the steps against bias, those that the search itself gives evidence for before the others.

    A search that was cut short at the end of a range comes first: what it found says little of what a network
    could do. A step that the trials speak against is left out: more units, or layers, where those that were
    tried did no better, and more epochs where the winner's best one lay well before the last.
    """
    size = facts.diagnosis.avoidable_bias.size
    expectation = f"the whole {Trouble.BIAS}"
    if facts.floor is not None:
        badness = facts.metric.badness
        size = badness(facts.train_figure) - badness(facts.floor.lowest)
        expectation = "the part that noise does not explain"
    close = closing(expectation, size)
    yield from where_cut_short(facts, close)
    reasons = [*_of_reached(facts), *_of_bayes(facts)]
    if (bigger := _bigger(facts)) is not None:
        yield close(StepKind.BIGGER_NETWORK, bigger, [f"the winner has {facts.network}", *reasons])
    if not facts.tried.ended_early:
        epochs = f"at most {facts.config.training.max_epochs} epochs were allowed"
        yield close(StepKind.LONGER_TRAINING, _LONGER, [epochs])
    if (other := _other(facts)) is not None:
        yield close(StepKind.ANOTHER_ARCHITECTURE, other, _of_baselines(facts))
    if facts.floor is not None and facts.floor.reached.model != NETWORK:
        text = f"use another model: {facts.floor.reached.model}"
        yield close(StepKind.ANOTHER_MODEL, text, [*_of_reached(facts), *of_larger(facts)])


def where_cut_short(facts: Facts, make: MakeStep) -> Iterator[AdvisedStep]:
    """Yield what lets the search go on where it ended and still got better.

    Parameters
    ----------
    facts
        The study's.
    make
        What makes a step.
    """
    edges = facts.told(FindingKind.SLOW_LEARNING, FindingKind.EDGE_OF_RANGE)
    of_capacity = [
        edge
        for edge in edges
        if str(edge.hyperparameter).startswith(CAPACITY) and edge.is_upward is not False
    ]
    if others := [edge for edge in edges if edge not in of_capacity]:
        yield make(StepKind.MOVE_SPACE, moving(others), [edge.text for edge in others])
    if of_capacity:
        yield make(
            StepKind.BIGGER_NETWORK, _text_of_bigger(["width", "depth"]), [edge.text for edge in of_capacity]
        )
    if cut_short := facts.told(FindingKind.LAST_EPOCH):
        yield make(StepKind.LONGER_TRAINING, _LONGER, [finding.text for finding in cut_short])


def where_not_tried(facts: Facts) -> Iterator[AdvisedStep]:
    """Yield a bigger network, of which nobody knows whether it would do better, where none was tried."""
    if len(facts.tried.open_capacity) == len(CAPACITY):
        evidence = [f"the winner has {facts.network}", NOT_TRIED]
        yield unsized(StepKind.BIGGER_NETWORK, _text_of_bigger(CAPACITY), evidence)


def moving(edges: list[Finding]) -> str:
    """Say which ranges to move."""
    names = dict.fromkeys(str(edge.hyperparameter) for edge in edges)
    return f"move the range of {', '.join(names)}"


def _bigger(facts: Facts) -> str | None:
    may = facts.tried.open_capacity
    return _text_of_bigger(may) if may else None


def _text_of_bigger(may: Sequence[str]) -> str:
    words = {"width": "more units", "depth": "more hidden layers"}
    return f"try a bigger network: {', or '.join(words[name] for name in may)}"


def _other(facts: Facts) -> str | None:
    """Say what else a network may have; None where all of it was searched."""
    dimensions = facts.config.space.dimensions
    lacking = [
        words
        for name, words in ARCHITECTURE.items()
        if isinstance(dimensions.get(name), ConstantDimension | None)
        and not (name == "numeric_encoding" and facts.config.data.image_shape)
    ]
    return f"try another architecture: {', '.join(lacking)}" if lacking else None


def _of_reached(facts: Facts) -> list[str]:
    """Say which model does better on rows that are new to it."""
    if facts.floor is None:
        return []
    reached = facts.floor.reached
    figure, train = (_shown(facts.metric, value) for value in (reached.figure, facts.train_figure))
    return [f"on new rows, {reached.model}: {figure}; on its train rows, the network: {train}"]


def of_larger(facts: Facts) -> list[str]:
    """Say which larger networks were tried and did no better."""
    names = [name for name in facts.tried.values if name.startswith(CAPACITY)]
    return [
        facts.tried.text(name, larger=True) for name in names if facts.tried.is_settled(name, larger=True)
    ]


def _of_bayes(facts: Facts) -> list[str]:
    """Say of a Bayes error of 0 that it was given, as nothing else then counts as noise."""
    given = facts.config.bayes_error
    is_zero = given is not None and given == 0 and has_bayes_figure(facts.metric)
    return ["the Bayes error is given as 0: all of the train error counts as avoidable"] if is_zero else []


def _of_baselines(facts: Facts) -> list[str]:
    """Name the baselines that do as well as the winner."""
    badness = facts.metric.badness
    own = badness(facts.dev_figures["winner"])
    others = {model: badness(figure) for model, figure in facts.dev_figures.items() if model != "winner"}
    return [
        f"on the dev set it does no better than the {model}"
        for model, other in others.items()
        if other <= own
    ]


def _shown(metric: Metric, value: float) -> str:
    return f"{100 * value:.1f} %" if metric in (Metric.ERROR, Metric.BALANCED_ERROR) else f"{value:.4g}"
