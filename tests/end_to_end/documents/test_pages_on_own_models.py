"""The page on models of one's own: its commands and programs run, and print what it shows."""

from pathlib import Path

import pytest

from tests.end_to_end.documents.groups import OWN_MODELS
from tests.end_to_end.documents.transcripts import run_pages


@pytest.mark.timeout(1200)  # many commands, one after the other
def test_their_commands_run_and_print_what_they_show(tmp_path: Path) -> None:
    run_pages(*OWN_MODELS, directory=tmp_path)
