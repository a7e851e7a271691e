"""The errors and warnings that people see: each is one clear line; the command line prints it once."""

from collections.abc import Sequence
from pathlib import Path


class ProctorError(Exception):
    """Something went wrong that one line can explain; the command exits with 1."""


class BadInputError(ProctorError):
    """The input is at fault: the line names the place, what was found and what was expected; exits with 2."""


class TargetError(BadInputError):
    """No target is named, or no column is called so. The command line says what to type next, or asks.

    Parameters
    ----------
    message
        The line.
    columns
        The table's columns.
    meant
        The column that was probably meant.
    is_named
        Whether a target was named.
    """

    def __init__(self, message: str, *, columns: Sequence[str], meant: str, is_named: bool) -> None:
        super().__init__(message)
        self.columns, self.meant, self.is_named = tuple(columns), meant, is_named


class TablePlaceError(BadInputError):
    """Where a table was expected there is none. The command line says what to type next.

    Parameters
    ----------
    message
        The line.
    place
        What was named, as the study has it.
    meant
        The built-in table or the file that was probably meant; None where nothing says which.
    """

    def __init__(self, message: str, *, place: str, meant: str | Path | None) -> None:
        super().__init__(message)
        self.place, self.meant = place, meant


class ProctorWarning(UserWarning):
    """What should be known of the data and stops nothing: in Python, each sentence that a command prints.

    `warnings.filterwarnings("ignore", category=ProctorWarning)` silences them.
    """
