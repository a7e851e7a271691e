"""Data mismatch: no tuning closes it, train data more like dev's may."""

from collections.abc import Iterator

from service.advice.diagnosis.advised_step import AdvisedStep, StepKind, closing
from service.advice.diagnosis.facts import Facts
from service.advice.diagnosis.gaps import Trouble

_TEXT = (
    "look at what differs between train and dev examples, and collect or synthesize train examples that are"
    " more like dev; tuning does not close this gap"
)


def against_mismatch(facts: Facts) -> Iterator[AdvisedStep]:
    """Yield the step against mismatch, with the columns that tell dev from train rows."""
    evidence = ["examples from where train comes are done better, though nothing was fitted on them"]
    check, mismatch = facts.adversarial, facts.diagnosis.data_mismatch
    if check is not None and check.are_apart:
        columns = ", ".join(telling.column for telling in check.columns)
        evidence.append(f"a classifier tells dev from train rows by {columns} (ROC AUC {check.area:.2f})")
    if mismatch is not None:
        yield closing(f"the whole {Trouble.MISMATCH}", mismatch.size)(StepKind.DATA_LIKE_DEV, _TEXT, evidence)
