"""The page on models: its commands and programs run, and print what it shows."""

from pathlib import Path

import pytest

from tests.end_to_end.documents.groups import MODELS
from tests.end_to_end.documents.transcripts import run_pages


@pytest.mark.timeout(1200)  # many commands, one after the other
def test_their_commands_run_and_print_what_they_show(tmp_path: Path) -> None:
    run_pages(*MODELS, directory=tmp_path)
