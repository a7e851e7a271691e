"""What an advised step may gain, in words."""

from service.diagnosis.advised_step import AdvisedStep
from service.wording.numbers import size_text
from workers.metrics import Metric


def expectation_text(step: AdvisedStep, metric: Metric) -> str:
    """Say what a step may gain at most, where that is known, and where the expectation comes from."""
    if step.expected_gain is None:
        return step.expectation
    return f"gains at most {size_text(metric, step.expected_gain)}, {step.expectation}"
