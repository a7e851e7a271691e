"""What mends the search itself, whatever the gaps, and what ends it."""

from collections.abc import Iterator

from service.advice.diagnosis.advised_step import AdvisedStep, StepKind, unsized
from service.advice.diagnosis.facts import Facts
from service.advice.diagnosis.finding import FindingKind
from service.advice.diagnosis.gaps import Trouble
from service.advice.diagnosis.steps.against_bias import moving, of_larger

_MEND = "mend what breaks off: another init, batch normalization, a lower learning rate, or less depth"
_STOP = "stop: these examples show nothing more to gain here"
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
            yield unsized(StepKind.MORE_DEV_EXAMPLES, "get more examples to judge by", [verdict])
        stalled = [finding.text for finding in facts.told(FindingKind.STALLED)]
        evidence = [*stalled, *(of_larger(facts) if is_at_floor else ())] or [verdict]
        yield unsized(StepKind.STOP, _STOP_AT_THE_FLOOR if is_at_floor else _STOP, evidence)
    if edges := facts.told(FindingKind.SLOW_LEARNING, FindingKind.EDGE_OF_RANGE):
        yield unsized(StepKind.MOVE_SPACE, moving(edges), [edge.text for edge in edges])
    if broken := facts.told(FindingKind.DEEP_NETWORKS_BREAK_OFF):
        yield unsized(StepKind.MEND_FAILURES, _MEND, [finding.text for finding in broken])
    # At the floor, what later trials gained is as likely luck on the dev set.
    if not is_at_floor and facts.noise is not None and facts.noise < facts.late_gain < float("inf"):
        yield AdvisedStep(
            step=StepKind.MORE_TRIALS,
            text="try more trials",
            evidence=("the second half of the trials gained more than the noise of one score",),
            expected_gain=facts.late_gain,
            expectation="as much as the second half of them did, for twice as many",
        )
