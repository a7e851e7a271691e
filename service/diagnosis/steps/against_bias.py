"""High bias: a bigger network, longer training, another architecture; first whatever cut the search short."""

from collections.abc import Iterator

from service.diagnosis.advised_step import AdvisedStep, StepKind, closing
from service.diagnosis.facts import Facts
from service.diagnosis.finding import Finding, FindingKind
from service.diagnosis.gaps import Trouble, has_bayes_figure

CAPACITY = ("width", "depth")
"""Hyperparameters at whose upper end a bigger network lies; a layer's own width begins with the same word."""

_BIGGER = "try a bigger network: more units, or more hidden layers"
_LONGER = "train longer: allow more epochs"
_OTHER = "try another architecture: other activations, batch normalization, another encoding of numbers"


def against_bias(facts: Facts) -> Iterator[AdvisedStep]:
    """Yield the steps against bias, those that the search itself gives evidence for before the others.

    A search that was cut short at the end of a range comes first: what it found says little of what a network
    could do.
    """
    close = closing(Trouble.BIAS, facts.diagnosis.avoidable_bias.size)
    edges = facts.told(FindingKind.SLOW_LEARNING, FindingKind.EDGE_OF_RANGE)
    of_capacity = [edge for edge in edges if str(edge.hyperparameter).startswith(CAPACITY)]
    if others := [edge for edge in edges if edge not in of_capacity]:
        yield close(StepKind.MOVE_SPACE, moving(others), [edge.text for edge in others])
    if of_capacity:
        yield close(StepKind.BIGGER_NETWORK, _BIGGER, [edge.text for edge in of_capacity])
    if cut_short := facts.told(FindingKind.LAST_EPOCH):
        yield close(StepKind.LONGER_TRAINING, _LONGER, [finding.text for finding in cut_short])
    yield close(StepKind.BIGGER_NETWORK, _BIGGER, [f"the winner has {facts.network}", *_of_bayes(facts)])
    epochs = f"at most {facts.config.training.max_epochs} epochs were allowed"
    yield close(StepKind.LONGER_TRAINING, _LONGER, [epochs])
    yield close(StepKind.ANOTHER_ARCHITECTURE, _OTHER, _of_baselines(facts))


def moving(edges: list[Finding]) -> str:
    """Say which ranges to move."""
    names = dict.fromkeys(str(edge.hyperparameter) for edge in edges)
    return f"move the range of {', '.join(names)}"


def _of_bayes(facts: Facts) -> list[str]:
    is_assumed = facts.config.bayes_error == 0 and has_bayes_figure(facts.metric)
    return ["the Bayes error is taken for 0; --bayes-error says what is known of it"] if is_assumed else []


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
