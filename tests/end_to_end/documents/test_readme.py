"""The README: its commands and program run, and print what it shows; the first study starts Ray."""

from pathlib import Path

import pytest

from tests.end_to_end.documents.groups import README
from tests.end_to_end.documents.transcripts import run_pages


@pytest.mark.timeout(1200)  # many commands, one after the other
def test_its_commands_run_and_print_what_it_shows(tmp_path: Path) -> None:
    run_pages(*README, directory=tmp_path, has_first_on_ray=True)
