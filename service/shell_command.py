"""Proctor's own commands as people paste them into a shell: every name and path quoted."""

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

REASON = '"REASON"'
"""Stands for a reason that the user is to give; the quotes say that it may have spaces."""

END_OF_FLAGS = "--"
"""What a shell's command has before names that begin with a dash."""


def shell_command(command: str, *names: str, flags: Sequence[str] = ()) -> str:
    """Return a command of Proctor's for a shell.

    Parameters
    ----------
    command
        Its word, such as `resume`.
    names
        What follows: names of studies, and paths as `path_word` writes them.
    flags
        Words of flags and their values, `REASON` among them.
    """
    quoted_names = [shlex.quote(name) for name in names]
    quoted_flags = [flag if flag == REASON else shlex.quote(flag) for flag in flags]
    if any(name.startswith("-") for name in names):
        words = [*quoted_flags, END_OF_FLAGS, *quoted_names]
    else:
        words = [*quoted_names, *quoted_flags]
    return " ".join(("proctor", command, *words))


def typed_command(words: Sequence[str]) -> str:
    """Return a command of Proctor's for a shell, from the words that Proctor would be given."""
    return shlex.join(("proctor", *words))


def with_flags(command: str, flags: Mapping[str, str]) -> str:
    """Return a `proctor run` command with other values of some flags; another command stays as it is.

    Parameters
    ----------
    command
        The command, quoted for a shell.
    flags
        Values by their flags, such as `--trials`; a flag that is not there yet is added.
    """
    if not command.startswith("proctor run "):
        return command
    words = shlex.split(command)
    for flag, value in flags.items():
        if flag in words:
            words[words.index(flag) + 1] = value
        else:
            words += [flag, value]
    return shlex.join(words)


def path_word(path: Path | str) -> str:
    """Return a path as the word of a command, which no shell command takes for a flag."""
    return f"./{path}" if str(path).startswith("-") else str(path)
