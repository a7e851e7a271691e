"""A wrong command is answered with the one that was meant, never with one that cannot be undone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.cli import proctor, run_command
from service.commands.mended_command import NEVER_SUGGESTED, SYNONYMS


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("tune", "run"),
        ("Train", "run"),
        ("fit", "run"),
        ("start", "run"),
        ("rum", "run"),
        ("resum", "resume"),
    ],
)
def test_the_command_that_was_meant_is_named(
    word: str, meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command([word, "table.csv"]) == 2
    assert capsys.readouterr().err == (
        f"proctor: No such command {word!r}. Did you mean {meant!r}? (see proctor --help);"
        f" next: proctor {meant} table.csv\n"
    )


@pytest.mark.parametrize("word", ["unsea", "unsael", "seal", "open", "tunseal"])
def test_no_slip_leads_to_an_opening(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command([word, "iris"]) == 2
    assert "unseal" not in capsys.readouterr().err.replace(f"'{word}'", "")


@given(word=st.text("aelnsuo", min_size=3, max_size=8).filter(lambda word: word not in proctor.commands))
def test_what_cannot_be_undone_is_never_suggested(word: str) -> None:
    meant = proctor.meant(word)
    assert meant is None or meant in proctor.commands.keys() - NEVER_SUGGESTED


def test_synonyms_are_no_commands_and_mean_some_that_can_be_undone() -> None:
    assert set(SYNONYMS).isdisjoint(proctor.commands)
    assert set(SYNONYMS.values()) <= proctor.commands.keys() - NEVER_SUGGESTED
    assert set(proctor.commands) >= NEVER_SUGGESTED
