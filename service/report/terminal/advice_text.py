"""What to try next, on the screen: the first step in the report, all of them by themselves."""

from rich.console import Console
from rich.text import Text

from service.advice.diagnosis.study_diagnosis import StudyDiagnosis
from service.report.facts.study_report import StudyReport
from service.report.wording.advice import expectation_text, floor_lines, more_lines
from service.study.storage.next_command import next_command
from service.study.storage.stored_study import StoredStudy


def print_first_step(report: StudyReport, console: Console) -> None:
    """Print the first step with its reasons, and the names of the others."""
    if not report.advice:
        return
    first, *others = report.advice
    _say(console, ("Next: ", "bold"), first.text, expectation_text(first, report.metric))
    for reason in first.evidence:
        _say(console, f"  {reason}")
    if others:
        names = ", ".join(step.step for step in others)
        _say(console, (f"  then: {names} ({next_command(report.storage, 'advise', report.study)})", "dim"))


def print_advice(diagnosis: StudyDiagnosis, study: StoredStudy, console: Console) -> None:
    """Print what a study's search shows, its largest gap, and all steps with their reasons."""
    _say(console, f"Study {study.config.name}")
    for finding in diagnosis.findings:
        _say(console, "Found: ", finding.text)
    if diagnosis.gaps is None:
        _say(console, "Its winner has not been measured: there is no diagnosis yet")
        return
    for line in floor_lines(diagnosis.gaps):
        _say(console, line)
    _say(console, "Diagnosis: ", diagnosis.gaps.verdict)
    for line in more_lines(diagnosis.gaps):
        _say(console, line)
    for number, step in enumerate(diagnosis.advice, start=1):
        expectation = expectation_text(step, study.metric)
        _say(console, (f"{number}. {step.text}", "bold"), expectation)
        for reason in step.evidence:
            _say(console, f"     {reason}")


def _say(console: Console, *parts: str | tuple[str, str]) -> None:
    console.print(Text.assemble(*parts), soft_wrap=not console.is_terminal)
