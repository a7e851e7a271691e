"""What to try next, on the screen: the first step in the report, all of them by themselves."""

from rich.console import Console
from rich.text import Text

from service.diagnosis.advised_step import AdvisedStep
from service.reporting.study_report import StudyReport
from service.terminal.wording import size_text
from workers.metrics import Metric


def print_first_step(report: StudyReport, console: Console) -> None:
    """Print the first step with its reasons, and the names of the others."""
    if not report.advice:
        return
    first, *others = report.advice
    _say(console, ("Next: ", "bold"), first.text, f" ({_expectation_text(first, report.metric)})")
    for reason in first.evidence:
        _say(console, f"  {reason}")
    if others:
        names = ", ".join(step.step for step in others)
        _say(console, (f"  then: {names} (proctor advise {report.study})", "dim"))


def print_advice(report: StudyReport, console: Console) -> None:
    """Print what the search shows, and all steps with their reasons."""
    for finding in report.findings:
        _say(console, "Found: ", finding.text)
    if report.gaps is not None:
        _say(console, "Diagnosis: ", report.gaps.verdict)
    for number, step in enumerate(report.advice, start=1):
        _say(console, (f"{number}. {step.text}", "bold"), f" ({_expectation_text(step, report.metric)})")
        for reason in step.evidence:
            _say(console, f"     {reason}")


def _expectation_text(step: AdvisedStep, metric: Metric) -> str:
    if step.expected_gain is None:
        return step.expectation
    return f"gains at most {size_text(metric, step.expected_gain)}, {step.expectation}"


def _say(console: Console, *parts: str | tuple[str, str]) -> None:
    console.print(Text.assemble(*parts), soft_wrap=not console.is_terminal)
