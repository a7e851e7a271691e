"""High variance: more data, more regularization, augmentation, a smaller network."""

from collections.abc import Iterator

from search_spaces.regularizers import AUGMENTATION, NO_STRENGTH
from service.diagnosis.advised_step import AdvisedStep, StepKind, closing
from service.diagnosis.facts import Facts
from service.diagnosis.finding import FindingKind
from service.diagnosis.gaps import Trouble

_REGULARIZE = "regularize more: a stronger L2, or dropout"


def against_variance(facts: Facts) -> Iterator[AdvisedStep]:
    """Yield the steps against variance.

    Regularization comes first where there is none to choose, or the best trials want more than was allowed;
    it is left out where they want none.
    """
    close = closing(Trouble.VARIANCE, facts.diagnosis.variance.size)
    searched = [name for name in facts.config.space.searched_names if name in NO_STRENGTH]
    strongest = [finding.text for finding in facts.told(FindingKind.STRONGEST_REGULARIZATION)]
    useless = facts.told(FindingKind.NO_REGULARIZATION, FindingKind.DROPOUT_NEVER_HELPED)
    regularize = close(
        StepKind.MORE_REGULARIZATION, _REGULARIZE, strongest or [_of_regularization(facts, searched)]
    )
    if strongest or not searched:
        yield regularize
    yield _more_data(facts)
    if not useless:
        yield regularize
    if not any(name in facts.config.space.dimensions for name in AUGMENTATION):
        how = "shift, rotate and zoom images" if facts.config.data.image_shape else "noise, or mixup"
        yield close(StepKind.AUGMENTATION, f"augment the train set: {how}", ["no augmentation is searched"])
    evidence = [f"the winner has {facts.network}", *(finding.text for finding in useless)]
    yield close(StepKind.SMALLER_NETWORK, "try a smaller network", evidence)


def _more_data(facts: Facts) -> AdvisedStep:
    """Advise more data, with what the learning curve foretells where there is one."""
    text, curve = "get more data", facts.learning_curve
    if curve is None or not curve.forecasts:
        unknown = "the learning curve is not known: `proctor learning-curve` measures it"
        evidence = unknown if curve is None else f"the learning curve tells nothing: {curve.why_not}"
        return closing(Trouble.VARIANCE, facts.diagnosis.variance.size)(StepKind.MORE_DATA, text, [evidence])
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
