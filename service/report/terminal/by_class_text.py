"""Beside a balanced figure: the plain error, and the class to look at."""

from rich.console import Console
from rich.text import Text

from service.report.facts.study_report import StudyReport
from service.report.wording.by_class import by_class_lines
from workers.metrics import BALANCED


def print_test_by_class(report: StudyReport, console: Console) -> None:
    """Print what the balanced test figure above hides; nothing of another metric, or of a sealed test set."""
    if report.metric in BALANCED and report.test is not None and report.test.by_class is not None:
        _print(by_class_lines(report.test.by_class), console)


def print_dev_by_class(report: StudyReport, console: Console) -> None:
    """Print what the balanced dev figure hides, as long as no test figure tells it, then an empty line."""
    if report.metric not in BALANCED or report.test is not None:
        return
    if report.winner is not None and report.winner.dev_by_class is not None:
        plain, of_class = by_class_lines(report.winner.dev_by_class)
        _print((f"dev {plain}", of_class), console)
        console.print()


def _print(lines: tuple[str, str], console: Console) -> None:
    for line in lines:
        console.print(Text(f"  {line}"), soft_wrap=not console.is_terminal)
