"""The tutorial and the page on tables: their commands run, and print what they show."""

from pathlib import Path

import pytest

from tests.end_to_end.documents.groups import TABLES
from tests.end_to_end.documents.transcripts import run_pages


@pytest.mark.timeout(1200)  # many commands, one after the other
def test_their_commands_run_and_print_what_they_show(tmp_path: Path) -> None:
    run_pages(*TABLES, directory=tmp_path)
