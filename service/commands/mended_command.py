"""What a command with a slip was probably meant to be: all its words, with the wrong one mended.

The error for a command that does not exist names the likely one, unless that cannot be undone.
"""

from collections.abc import Sequence
from pathlib import Path

import click

from search_spaces.nearest_word import nearest_word
from service.errors import TablePlaceError, TargetError
from service.shell_command import END_OF_FLAGS, path_word, typed_command

_TARGET = "--target"

NEVER_SUGGESTED = frozenset({"delete", "unseal"})
"""Commands that cannot be undone: nobody is to come to one by a slip."""

SYNONYMS = {
    **dict.fromkeys(("tune", "train", "fit", "start", "begin", "search", "optimize", "study"), "run"),
    **dict.fromkeys(("continue", "restart"), "resume"),
    **dict.fromkeys(("ls", "studies"), "list"),
    **dict.fromkeys(("score", "infer"), "predict"),
}
"""What other tools call a command."""


class SlipError(click.UsageError):
    """A command that does not exist.

    Parameters
    ----------
    message
        The line.
    ctx
        Of the command's group.
    meant
        The words that were probably meant instead; none where nothing says which.
    """

    def __init__(self, message: str, ctx: click.Context, *, meant: Sequence[str]) -> None:
        super().__init__(message, ctx)
        self.meant = tuple(meant)


def mended_command(words: Sequence[str], error: Exception) -> str | None:
    """Return the command to type next, for a shell; None where nothing says which.

    Parameters
    ----------
    words
        What stands after `proctor` on the command line.
    error
        How it was refused.
    """
    mended = _mended(words, error)
    return typed_command(mended) if mended else None


def with_target(words: Sequence[str], column: str) -> list[str]:
    """Return a command's words with another target, or with one; all others stay as they are."""
    for place, word in reversed(list(enumerate(words))):  # of several, the last one counts
        if word == _TARGET and place + 1 < len(words):
            return [*words[: place + 1], column, *words[place + 2 :]]
        if word.startswith(f"{_TARGET}="):
            return [*words[:place], f"{_TARGET}={column}", *words[place + 1 :]]
    end = words.index(END_OF_FLAGS) if END_OF_FLAGS in words else len(words)
    flag = (f"{_TARGET}={column}",) if column.startswith("-") else (_TARGET, column)
    return [*words[:end], *flag, *words[end:]]


class CommandGroup(click.Group):
    """A group of commands that helps after a slip."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the first argument names.

        Raises
        ------
        SlipError
            There is no such command; the likely one is named, if it can be undone. A file is read as a run's
            table.
        """
        word = args[0]
        if word in self.commands or word.startswith("-") or ctx.resilient_parsing:
            return super().resolve_command(ctx, args)
        if _is_file(word):
            raise SlipError(f"No such command {word!r}.", ctx, meant=("run", *args))
        meant = self.meant(word)
        hint = f" Did you mean {meant!r}?" if meant else ""
        raise SlipError(f"No such command {word!r}.{hint}", ctx, meant=(meant, *args[1:]) if meant else ())

    def meant(self, word: str) -> str | None:
        """Return the command that a wrong word is most likely meant for; None where none is like it."""
        return SYNONYMS.get(word.lower()) or nearest_word(word, self.commands.keys() - NEVER_SUGGESTED)


def _mended(words: Sequence[str], error: Exception) -> Sequence[str]:
    """Return the words that were probably meant; none where nothing says which."""
    mended: Sequence[str] = ()
    match error:
        case TargetError():
            mended = with_target(words, error.meant)
        case TablePlaceError(place=place, meant=str() | Path() as table):
            mended = _with_table(words, place, table)
        case SlipError():
            mended = error.meant
        case click.NoSuchOption():
            mended = _with_option(words, error.option_name, error.possibilities or ())
        case click.MissingParameter(param=click.Parameter(name=name)):
            mended = _with_argument(words, name)
        case click.UsageError(message=message) if message.startswith("Got unexpected extra argument ("):
            mended = _with_word_as_target(words, error.ctx)
    return mended


def _with_table(words: Sequence[str], place: str, table: str | Path) -> Sequence[str]:
    """Put another table in the place of a wrong one; none where that is not among the words."""
    for number, word in enumerate(words[1:], start=1):  # the first one is the command
        flag, _, value = word.rpartition("=") if word.startswith("--") else ("", "", word)
        if value and place in {value, f"{Path(value).expanduser().absolute()}"}:
            meant = table if isinstance(table, str) else path_word(_beside(Path(value), table))
            return [*words[:number], f"{flag}={meant}" if flag else meant, *words[number + 1 :]]
    return ()


def _beside(written: Path, meant: Path) -> Path:
    """Return a file's path as the user writes paths: inside of what was written, or beside it."""
    return written / meant.name if written.expanduser().is_dir() else written.with_name(meant.name)


def _with_option(words: Sequence[str], wrong: str, possible: Sequence[str]) -> Sequence[str]:
    """Put the nearest flag in the place of a wrong one; none where none is like it."""
    meant = nearest_word(wrong, possible)
    if meant is None:
        return ()
    parts = (word.partition("=") for word in words)
    return [f"{meant if flag == wrong else flag}{equals}{value}" for flag, equals, value in parts]


def _with_argument(words: Sequence[str], name: str | None) -> Sequence[str]:
    """Add a table to a command that lacks one; what lacks a study is told how to list them."""
    from service.configuration.study_writing import DEFAULT_TABLE  # noqa: PLC0415 (only after a slip)
    from service.tables.input_files import tables_in  # noqa: PLC0415 (likewise)

    if name == "study":
        return ("list",)
    if name != "source" or len(words) == 0:
        return ()
    tables = tables_in(Path())
    return [words[0], path_word(tables[0].name) if tables else DEFAULT_TABLE, *words[1:]]


def _with_word_as_target(words: Sequence[str], context: click.Context | None) -> Sequence[str]:
    """Take a second bare word for the target, where the command has one and none is named."""
    has_target = context is not None and any(_TARGET in each.opts for each in context.command.params)
    is_named = any(word.partition("=")[0] == _TARGET for word in words)
    if not has_target or is_named or len(words) < 3 or any(word.startswith("-") for word in words[:3]):
        return ()
    if _is_file(words[2]):  # a second table, rather than a column
        return ()
    return with_target([*words[:2], *words[3:]], words[2])


def _is_file(word: str) -> bool:
    """Whether a word names a file; one that is too long, or has a NUL byte, does not."""
    try:
        return Path(word).is_file()
    except (OSError, ValueError):
        return False
