"""A step of the recipe that a study's diagnosis advises."""

from collections.abc import Callable, Iterable
from enum import StrEnum

from pydantic import BaseModel, ConfigDict


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
    """By how much the dev metric might get better at most, in its unit; None where nothing tells."""

    expectation: str
    """Where that comes from, in words."""


MakeStep = Callable[[StepKind, str, Iterable[str]], AdvisedStep]
"""From a kind, what to do, and why."""


def unsized(kind: StepKind, text: str, evidence: Iterable[str]) -> AdvisedStep:
    """Make a step whose gain is unknown."""
    return AdvisedStep(
        step=kind,
        text=text,
        evidence=tuple(evidence),
        expected_gain=None,
        expectation="gain unknown",
    )


def closing(expectation: str, size: float) -> MakeStep:
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
