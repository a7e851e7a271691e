"""A command that is printed is one that a shell runs, whatever names and paths are in it."""

import pytest

from service.shell_command import REASON, path_word, shell_command
from tests.service.pasted import pasted

ODD_NAMES = (
    "plain",
    "a b&c'd",
    'q"uo`te',
    "$HOME",
    "semi;colon|pipe>file",
    "#hash",
    "größe",
    "*",
    "--flag",
    "-d",
)


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_shell_passes_names_and_flags_on_as_they_are(name: str) -> None:
    words = pasted(shell_command("export", name, flags=["-o", f"{name}-model"]))
    assert words[0] == "export"
    assert [word for word in words[1:] if word != "--"].count(name) == 1
    assert words[words.index("-o") + 1] == f"{name}-model"
    if name.startswith("-"):
        assert words[-2:] == ["--", name]


def test_a_plain_name_needs_no_quotes() -> None:
    assert shell_command("resume", "iris") == "proctor resume iris"
    assert shell_command("unseal", "iris", flags=["--look-again", REASON]) == (
        'proctor unseal iris --look-again "REASON"'
    )


@pytest.mark.parametrize("path", ["-table.csv", "table.csv", "a b/-c.csv"])
def test_a_path_is_never_a_flag(path: str) -> None:
    word = path_word(path)
    assert not word.startswith("-")
    assert word.removeprefix("./") == path
