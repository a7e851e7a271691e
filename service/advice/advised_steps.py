"""The basic recipe: which steps to try next, in their order, against bias, variance and mismatch.

`advise` gives them, with their reasons, from the study's own facts, which are gathered once.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from search_spaces.boosting.point import BoostingPoint
from search_spaces.counted import counted
from search_spaces.dimensions import ConstantDimension
from search_spaces.network.point import NetworkPoint
from search_spaces.network.regularizers import AUGMENTATION, DROPOUT
from search_spaces.point import Point
from service.advice.findings import Finding, FindingKind
from service.advice.gaps import Diagnosis, Trouble
from service.advice.tried import Tried
from service.configuration.model_config import model_noun
from service.configuration.study_config import StudyConfig
from service.data.checks.separation import AdversarialCheck
from service.winner.learning_curve.learning_curve import LearningCurve
from service.winner.noise_floor.estimate import has_bayes_figure
from service.winner.noise_floor.floor import NoiseFloor
from workers.metrics.metric import Metric


class StepKind(StrEnum):
    """The recipe's steps, and those that mend a search."""

    BIGGER_NETWORK = "bigger network"
    LONGER_TRAINING = "longer training"
    ANOTHER_ARCHITECTURE = "another architecture"
    ANOTHER_MODEL = "another model"
    MORE_DATA = "more data"
    MORE_REGULARIZATION = "more regularization"
    AUGMENTATION = "augmentation"
    SMALLER_NETWORK = "smaller network"
    BIGGER_TREES = "bigger trees"
    SMALLER_TREES = "smaller trees"
    DATA_LIKE_DEV = "data like dev"
    MOVE_SPACE = "move the space"
    MEND_FAILURES = "mend failures"
    MORE_DEV_EXAMPLES = "more dev examples"
    MORE_TRIALS = "more trials"
    STOP = "stop"


class AdvisedStep(BaseModel):
    """One step, with its reasons."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    step: StepKind
    text: str
    """What to do, in one sentence, without a full stop."""

    evidence: tuple[str, ...]
    """Why, a sentence each."""

    expected_gain: float | None
    """By how much the dev metric might get better at most, in its unit; None where nothing shows it."""

    expectation: str
    """Where that comes from, in words."""


_MakeStep = Callable[[StepKind, str, Iterable[str]], AdvisedStep]
"""From a kind, what to do, and why."""


def _unsized(kind: StepKind, text: str, evidence: Iterable[str]) -> AdvisedStep:
    """Make a step whose gain is unknown."""
    return AdvisedStep(
        step=kind,
        text=text,
        evidence=tuple(evidence),
        expected_gain=None,
        expectation="gain unknown",
    )


def _closing(expectation: str, size: float) -> _MakeStep:
    """Return what makes steps that may close a gap: they gain no more than so much.

    Parameters
    ----------
    expectation
        What that is, in words.
    size
        The most that they gain, in the metric's unit.
    """

    def step(kind: StepKind, text: str, evidence: Iterable[str]) -> AdvisedStep:
        return AdvisedStep(
            step=kind,
            text=text,
            evidence=tuple(evidence),
            expected_gain=size,
            expectation=expectation,
        )

    return step


@dataclass(frozen=True, slots=True)
class Facts:
    """What advice is given from.

    Attributes
    ----------
    config, metric
        The study.
    diagnosis
        Its gaps.
    findings
        What its search shows.
    winner
        The winner's hyperparameters.
    dev_figures
        The metric on the dev set by model: `winner`, and the baselines.
    late_gain
        What the second half of the trials gained (metric's unit).
    noise
        By how much figures of one point differ (metric's unit); None where that is not known.
    adversarial
        How far train and dev are apart, where dev is from elsewhere.
    learning_curve
        What more data would bring, where it was measured.
    tried
        What the trials show of values that the winner has not.
    floor
        The noise floor, where it is estimated.
    train_figure
        The winner's metric on the train set.
    """

    config: StudyConfig
    metric: Metric
    diagnosis: Diagnosis
    findings: tuple[Finding, ...]
    winner: Point
    dev_figures: Mapping[str, float]
    late_gain: float
    noise: float | None
    adversarial: AdversarialCheck | None
    learning_curve: LearningCurve | None
    tried: Tried
    floor: NoiseFloor | None
    train_figure: float

    def told(self, *kinds: FindingKind) -> list[Finding]:
        """Return the findings of some kinds."""
        return [finding for finding in self.findings if finding.kind in kinds]

    @property
    def network(self) -> str | None:
        """The winner's hidden layers in words; None where it is another kind of model."""
        if not isinstance(self.winner, NetworkPoint):
            return None
        widths = " - ".join(map(str, self.winner.layer_widths))
        return f"{counted(self.winner.depth, 'hidden layer')} of {widths} units"

    @property
    def trees(self) -> str | None:
        """The size of the winner's trees in words; None where it is another kind of model."""
        if not isinstance(self.winner, BoostingPoint):
            return None
        return f"the winner's trees have up to {self.winner.max_leaf_nodes} leaves"


LEAVES = "max_leaf_nodes"
"""Boosting's hyperparameter of the size of trees."""

_TEXT = (
    "look at what differs between train and dev examples, and collect or synthesize train examples that are"
    " more like dev; tuning does not close this gap"
)


def against_mismatch(facts: Facts) -> Iterator[AdvisedStep]:
    """Yield the step against mismatch, with the columns that tell dev from train rows."""
    evidence = ["examples from the source of train are predicted better, though nothing was fitted on them"]
    check, mismatch = facts.adversarial, facts.diagnosis.data_mismatch
    if check is not None and check.are_apart:
        columns = ", ".join(telling.column for telling in check.columns)
        evidence.append(f"a classifier tells dev from train rows by {columns} (ROC AUC {check.area:.2f})")
    if mismatch is not None:
        close = _closing(f"the whole {Trouble.MISMATCH}", mismatch.size)
        yield close(StepKind.DATA_LIKE_DEV, _TEXT, evidence)


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
    close = _closing(expectation, size)
    yield from where_cut_short(facts, close)
    reasons = [*_of_reached(facts), *_of_bayes(facts)]
    if facts.network and (bigger := _bigger(facts)) is not None:
        yield close(StepKind.BIGGER_NETWORK, bigger, [f"the winner has {facts.network}", *reasons])
    if facts.trees and not facts.tried.is_settled(LEAVES, larger=True):
        yield close(StepKind.BIGGER_TREES, "try bigger trees: more leaves", [facts.trees, *reasons])
    if not facts.tried.ended_early and facts.config.training.max_epochs > 1:
        epochs = f"at most {facts.config.training.max_epochs} epochs were allowed"
        yield close(StepKind.LONGER_TRAINING, _LONGER, [epochs])
    if facts.network and (other := _other(facts)) is not None:
        yield close(StepKind.ANOTHER_ARCHITECTURE, other, _of_baselines(facts))
    if facts.floor is not None and not facts.floor.reached.is_winner:
        text = f"use another model: {facts.floor.reached.model}"
        yield close(StepKind.ANOTHER_MODEL, text, [*_of_reached(facts), *of_larger(facts)])


def where_cut_short(facts: Facts, make: _MakeStep) -> Iterator[AdvisedStep]:
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
        if facts.network and str(edge.hyperparameter).startswith(CAPACITY) and edge.is_upward is not False
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
    if facts.network and len(facts.tried.open_capacity) == len(CAPACITY):
        evidence = [f"the winner has {facts.network}", NOT_TRIED]
        yield _unsized(StepKind.BIGGER_NETWORK, _text_of_bigger(CAPACITY), evidence)


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
    """Name what else a network may have; None if all of it was searched."""
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
    noun = model_noun(facts.config.model.kind)
    return [f"on new rows, {reached.model}: {figure}; on its train rows, the {noun}: {train}"]


def of_larger(facts: Facts) -> list[str]:
    """Say which larger networks were tried and did no better."""
    names = [name for name in facts.tried.values if facts.network and name.startswith(CAPACITY)]
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


_MEND = "fix what breaks off: another init, batch normalization, a lower learning rate, or less depth"
_STOP = "stop: these examples show no further gain"
_STOP_AT_THE_FLOOR = (
    "stop searching: no model did better on new rows. Add more informative columns, or measure some cases"
    " twice to see the noise"
)


def of_the_search(facts: Facts, *, has_trouble: bool) -> Iterator[AdvisedStep]:
    """Yield the steps that the search gives evidence for; without a clear gap, to stop comes before them."""
    is_at_floor = facts.diagnosis.trouble in (Trouble.NOISE_FLOOR, Trouble.NOTHING_LEARNED)
    if not has_trouble:
        verdict = facts.diagnosis.verdict
        if any(gap.n_to_tell for gap in facts.diagnosis.gaps.values()):
            yield _unsized(StepKind.MORE_DEV_EXAMPLES, "get more examples to evaluate on", [verdict])
        stalled = [finding.text for finding in facts.told(FindingKind.STALLED)]
        evidence = [*stalled, *(of_larger(facts) if is_at_floor else ())] or [verdict]
        yield _unsized(StepKind.STOP, _STOP_AT_THE_FLOOR if is_at_floor else _STOP, evidence)
    if edges := facts.told(FindingKind.SLOW_LEARNING, FindingKind.EDGE_OF_RANGE):
        yield _unsized(StepKind.MOVE_SPACE, moving(edges), [edge.text for edge in edges])
    if broken := facts.told(FindingKind.DEEP_NETWORKS_BREAK_OFF):
        yield _unsized(StepKind.MEND_FAILURES, _MEND, [finding.text for finding in broken])
    # At the floor, what later trials gained is as likely luck on the dev set.
    if not is_at_floor and facts.noise is not None and facts.noise < facts.late_gain < float("inf"):
        yield AdvisedStep(
            step=StepKind.MORE_TRIALS,
            text="try more trials",
            evidence=("the second half of the trials gained more than the noise of one score",),
            expected_gain=facts.late_gain,
            expectation="as much as the second half of them did, for twice as many",
        )


STRENGTHS = ("l2_lambda", "l1_lambda", "weight_decay", *DROPOUT)
"""Regularization that is made stronger where it is searched; of L2 and dropout what is missing is added."""


def against_variance(facts: Facts) -> Iterator[AdvisedStep]:
    """Yield the steps against variance.

    Regularization comes first where there is none to choose, or the best trials want more than was allowed;
    it is left out where they want none, or where stronger ones were tried and did no better. So is a smaller
    network where smaller ones did no better.
    """
    close = _closing_variance(facts)
    searched = [
        name for name in facts.config.space.searched_names if name in facts.config.space.fields.no_strength
    ]
    strongest = [finding.text for finding in facts.told(FindingKind.STRONGEST_REGULARIZATION)]
    useless = facts.told(FindingKind.NO_REGULARIZATION, FindingKind.DROPOUT_NEVER_HELPED)
    text = _regularizing(facts)
    evidence = strongest or [_of_regularization(facts, searched)]
    is_first = bool(strongest) or not searched
    if text is not None and is_first:
        yield close(StepKind.MORE_REGULARIZATION, text, evidence)
    yield _more_data(facts, close)
    if text is not None and not useless:
        yield close(StepKind.MORE_REGULARIZATION, text, evidence)
    if facts.network and not any(name in facts.config.space.dimensions for name in AUGMENTATION):
        how = "shift, rotate and zoom images" if facts.config.data.image_shape else "noise, or mixup"
        yield close(StepKind.AUGMENTATION, f"augment the train set: {how}", ["no augmentation is searched"])
    if facts.trees and not facts.tried.is_settled(LEAVES, larger=False):
        yield close(StepKind.SMALLER_TREES, "try smaller trees: fewer leaves", [facts.trees])
    if facts.network and _may_be_smaller(facts):
        reasons = [f"the winner has {facts.network}", *(finding.text for finding in useless)]
        yield close(StepKind.SMALLER_NETWORK, "try a smaller network", reasons)


def _may_be_smaller(facts: Facts) -> bool:
    """Tell whether fewer units, or layers, are possible and were not tried in vain."""
    widths = [name for name in facts.tried.values if name.startswith("width")] or ["width"]
    if (
        isinstance(facts.winner, NetworkPoint)
        and facts.winner.depth > 1
        and not facts.tried.is_settled("depth", larger=False)
    ):
        return True
    return any(not facts.tried.is_settled(name, larger=False) for name in widths)


def _closing_variance(facts: Facts) -> _MakeStep:
    """Return what makes steps: they gain at most the gap, less the part that is noise."""
    size, expectation = facts.diagnosis.variance.size, f"the whole {Trouble.VARIANCE}"
    if facts.floor is not None:
        badness = facts.metric.badness
        above_noise = badness(facts.train_figure) + size - badness(facts.floor.lowest)
        if above_noise < size:
            return _closing("the part of the variance that noise does not explain", max(above_noise, 0.0))
    return _closing(expectation, size)


def _regularizing(facts: Facts) -> str | None:
    """Say how to regularize more; None where all of that was tried and did no better."""
    if facts.trees:
        return _regularizing_trees(facts)
    if not facts.network:
        return None
    searched = [name for name in STRENGTHS if name in facts.config.space.searched_names]
    stronger = [name for name in searched if not facts.tried.is_settled(name, larger=name not in DROPOUT)]
    lacks_l2 = "l2_lambda" not in searched
    lacks_dropout = "keep_prob" not in searched
    ways = []
    if lacks_l2 or [name for name in stronger if name not in DROPOUT]:
        ways.append("a stronger L2" if "l2_lambda" in stronger or lacks_l2 else "stronger penalties")
    if lacks_dropout or [name for name in stronger if name in DROPOUT]:
        ways.append("dropout" if lacks_dropout else "more dropout")
    return f"regularize more: {', or '.join(ways)}" if ways else None


def _regularizing_trees(facts: Facts) -> str | None:
    words = {"l2_regularization": "a stronger L2", "min_samples_leaf": "more examples a leaf"}
    ways = [way for name, way in words.items() if not facts.tried.is_settled(name, larger=True)]
    return f"regularize more: {', or '.join(ways)}" if ways else None


def _more_data(facts: Facts, close: _MakeStep) -> AdvisedStep:
    """Advise more data, with what the learning curve foretells where there is one."""
    text, curve = "get more data", facts.learning_curve
    if curve is None or not curve.forecasts:
        unknown = "the learning curve is not known: `proctor learning-curve STUDY` measures it"
        evidence = unknown if curve is None else f"the learning curve is inconclusive: {curve.why_not}"
        return close(StepKind.MORE_DATA, text, [evidence])
    badness, more = facts.metric.badness, curve.forecasts[0]
    now = curve.points[-1]  # its seeds were not selected on, as the winner's dev figure was
    return AdvisedStep(
        step=StepKind.MORE_DATA,
        text=text,
        evidence=(f"the learning curve still falls at {now.n_examples:,} train examples",),
        expected_gain=max(badness(now.mean) - badness(more.figure), 0.0),
        expectation=f"{more.factor:g} times the train examples, by the learning curve",
    )


def _of_regularization(facts: Facts, searched: list[str]) -> str:
    """Say what regularization the study has."""
    if searched:
        return f"searched so far: {', '.join(searched)}"
    values = facts.winner.model_dump()
    fixed = [
        f"{name} {values[name]:g}"
        for name, nothing in facts.config.space.fields.no_strength.items()
        if values[name] != nothing
    ]
    return f"none is searched; fixed: {', '.join(fixed)}" if fixed else "the study has none"


_AGAINST = {
    Trouble.BIAS: against_bias,
    Trouble.VARIANCE: against_variance,
    Trouble.MISMATCH: against_mismatch,
}


def advise(facts: Facts) -> tuple[AdvisedStep, ...]:
    """Return the steps to try next, the first one first; each kind of step stands once.

    Named gaps are gone through from the largest to the smallest; what mends the search comes after them, but
    for what stands in the way of closing a gap, or of telling bias from noise. A step that the study's own
    trials speak against is none.
    """
    named = facts.diagnosis.named
    steps = [step for trouble in named for step in _AGAINST[trouble](facts)]
    if facts.diagnosis.trouble is Trouble.BIAS_OR_NOISE:
        steps = [*where_cut_short(facts, _unsized), *where_not_tried(facts)]
    by_kind: dict[StepKind, AdvisedStep] = {}
    for step in (*steps, *of_the_search(facts, has_trouble=bool(named or steps))):
        by_kind.setdefault(step.step, step)
    return tuple(by_kind.values())
