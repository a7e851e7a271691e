"""High variance: more data, more regularization, augmentation, a smaller network."""

from collections.abc import Iterator

from search_spaces.regularizers import AUGMENTATION, DROPOUT, NO_STRENGTH
from service.advice.diagnosis.advised_step import AdvisedStep, MakeStep, StepKind, closing
from service.advice.diagnosis.facts import Facts
from service.advice.diagnosis.finding import FindingKind
from service.advice.diagnosis.gaps import Trouble

STRENGTHS = ("l2_lambda", "l1_lambda", "weight_decay", *DROPOUT)
"""Regularization that is made stronger where it is searched; of L2 and dropout what is missing is added."""


def against_variance(facts: Facts) -> Iterator[AdvisedStep]:
    """Yield the steps against variance.

    Regularization comes first where there is none to choose, or the best trials want more than was allowed;
    it is left out where they want none, or where stronger ones were tried and did no better. So is a smaller
    network where smaller ones did no better.
    """
    close = _closing(facts)
    searched = [name for name in facts.config.space.searched_names if name in NO_STRENGTH]
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
    if not any(name in facts.config.space.dimensions for name in AUGMENTATION):
        how = "shift, rotate and zoom images" if facts.config.data.image_shape else "noise, or mixup"
        yield close(StepKind.AUGMENTATION, f"augment the train set: {how}", ["no augmentation is searched"])
    if _may_be_smaller(facts):
        reasons = [f"the winner has {facts.network}", *(finding.text for finding in useless)]
        yield close(StepKind.SMALLER_NETWORK, "try a smaller network", reasons)


def _may_be_smaller(facts: Facts) -> bool:
    """Tell whether fewer units, or layers, are possible and were not tried in vain."""
    widths = [name for name in facts.tried.values if name.startswith("width")] or ["width"]
    if facts.winner.depth > 1 and not facts.tried.is_settled("depth", larger=False):
        return True
    return any(not facts.tried.is_settled(name, larger=False) for name in widths)


def _closing(facts: Facts) -> MakeStep:
    """Return what makes steps: they gain at most the gap, less what noise makes of it."""
    size, expectation = facts.diagnosis.variance.size, f"the whole {Trouble.VARIANCE}"
    if facts.floor is not None:
        badness = facts.metric.badness
        above_noise = badness(facts.train_figure) + size - badness(facts.floor.lowest)
        if above_noise < size:
            return closing("the part of the variance that noise does not explain", max(above_noise, 0.0))
    return closing(expectation, size)


def _regularizing(facts: Facts) -> str | None:
    """Say how to regularize more; None where all of that was tried and did no better."""
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


def _more_data(facts: Facts, close: MakeStep) -> AdvisedStep:
    """Advise more data, with what the learning curve foretells where there is one."""
    text, curve = "get more data", facts.learning_curve
    if curve is None or not curve.forecasts:
        unknown = "the learning curve is not known: `proctor learning-curve` measures it"
        evidence = unknown if curve is None else f"the learning curve tells nothing: {curve.why_not}"
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
    fixed = [f"{name} {values[name]:g}" for name, nothing in NO_STRENGTH.items() if values[name] != nothing]
    return f"none is searched; fixed are {', '.join(fixed)}" if fixed else "there is none"
