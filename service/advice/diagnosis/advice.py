"""The basic recipe: which steps to try next, in their order."""

from service.advice.diagnosis.advised_step import AdvisedStep, StepKind, unsized
from service.advice.diagnosis.facts import Facts
from service.advice.diagnosis.gaps import Trouble
from service.advice.diagnosis.steps.against_bias import against_bias, where_cut_short, where_not_tried
from service.advice.diagnosis.steps.against_mismatch import against_mismatch
from service.advice.diagnosis.steps.against_variance import against_variance
from service.advice.diagnosis.steps.of_the_search import of_the_search

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
        steps = [*where_cut_short(facts, unsized), *where_not_tried(facts)]
    by_kind: dict[StepKind, AdvisedStep] = {}
    for step in (*steps, *of_the_search(facts, has_trouble=bool(named or steps))):
        by_kind.setdefault(step.step, step)
    return tuple(by_kind.values())
