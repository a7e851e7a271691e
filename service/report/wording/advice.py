"""What a step may gain, in words."""

from service.advice.diagnosis.advised_step import AdvisedStep, StepKind
from service.report.wording.numbers import size_text
from workers.metrics import Metric


def expectation_text(step: AdvisedStep, metric: Metric) -> str:
    """Say in brackets what a step may gain at most, and where that comes from; nothing of one to stop."""
    if step.step is StepKind.STOP:
        return ""
    if step.expected_gain is None:
        return f" ({step.expectation})"
    return f" (gains at most {size_text(metric, step.expected_gain)}, {step.expectation})"
