"""The reference pages: which there are, and whether the files are what the code says now."""

from collections.abc import Callable, Mapping
from pathlib import Path

from docs.generator.command_page import command_page
from docs.generator.hyperparameter_page import hyperparameter_page
from docs.generator.metric_page import metric_page
from docs.generator.report_page import report_page
from docs.generator.study_file_page import study_file_page

DIRECTORY = Path(__file__).parents[1] / "reference"

PAGES: Mapping[str, Callable[[], str]] = {
    "commands.md": command_page,
    "hyperparameters.md": hyperparameter_page,
    "metrics.md": metric_page,
    "report.md": report_page,
    "study-file.md": study_file_page,
}
"""Who writes each file of `docs/reference/`."""


def write_reference() -> None:
    """Write every reference page anew."""
    for name, written in PAGES.items():
        (DIRECTORY / name).write_text(written(), "utf-8")
