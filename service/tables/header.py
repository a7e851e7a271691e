"""A table's header: its columns' names, and which of them is the target."""

import re
from collections.abc import Sequence
from itertools import chain, count

from search_spaces.nearest_word import nearest_word
from service.errors import BadInputError, TargetError
from service.tables.cells import shown

MAX_COLUMNS_LISTED = 20


UNNAMED = "unnamed"
"""What a first column without a name is called: most often it is an index that was written with the table."""

TARGET_WORDS = frozenset({"target", "label", "class", "outcome", "response", "y"})
"""Words in the name of a column that is to be predicted."""


def column_names(header: list[str], place: str) -> tuple[str, ...]:
    """Check the header's cells; spaces around a name are ignored.

    If the first of several names alone is missing, the column is called `unnamed`, or `unnamed_2` and so on
    where there is such a column.

    Raises
    ------
    BadInputError
        A name is missing elsewhere, or there twice.
    """
    names = [cell.strip() for cell in header]
    if len(names) > 1 and not names[0] and all(names[1:]):
        names[0] = _free_name(UNNAMED, names)
    positions: dict[str, int] = {}
    for position, name in enumerate(names, start=1):
        if not name:
            raise BadInputError(f"expected a name for every column, got none for column {position} ({place})")
        if name in positions:
            raise BadInputError(
                f"duplicate column name: columns {positions[name]} and {position} are both {shown(name)}"
                f" ({place})"
            )
        positions[name] = position
    return tuple(positions)


def _free_name(name: str, taken: list[str]) -> str:
    """Return the name, or the first of name_2, name_3, ... that is not taken."""
    candidates = chain((name,), (f"{name}_{number}" for number in count(2)))
    return next(candidate for candidate in candidates if candidate not in taken)


def refuse_single_column(names: tuple[str, ...], place: str) -> None:
    """Refuse a table that cannot have both target and features.

    Raises
    ------
    BadInputError
        There is one column.
    """
    if len(names) == 1:
        raise BadInputError(
            f"expected a target and at least one feature, separated by commas, got one column,"
            f" {shown(names[0])} ({place})"
        )


def target_index(names: tuple[str, ...], target: str | None, place: str) -> int:
    """Find the target among the columns, counted from 0.

    Raises
    ------
    TargetError
        No target is named, or no column is called so: the nearest name is offered.
    """
    if target in names:
        return names.index(target)
    likely = likely_target(names)
    columns = f"the columns are {listed(names)}; it is probably {shown(likely)}"
    if target is None:
        wanted = "expected the target column (--target COLUMN, or target in a study file), got none"
        message = f"{wanted}; {columns} ({place})"
        raise TargetError(message, columns=names, meant=likely, is_named=False)
    nearest = nearest_word(target, names)
    hint = f"did you mean {shown(nearest)}?" if nearest else columns
    message = f"no column {shown(target)} to use as target; {hint} ({place})"
    raise TargetError(message, columns=names, meant=nearest or likely, is_named=True)


def likely_target(names: Sequence[str]) -> str:
    """Guess the target by the columns' names alone: the first that says so, else the last.

    Parameters
    ----------
    names
        Of the columns, at least one.
    """
    return next((name for name in names if words_of_name(name) & TARGET_WORDS), names[-1])


def listed(names: tuple[str, ...]) -> str:
    """List columns for a message: quoted, and not endlessly many."""
    more = f" and {len(names) - MAX_COLUMNS_LISTED} more" if len(names) > MAX_COLUMNS_LISTED else ""
    return ", ".join(map(shown, names[:MAX_COLUMNS_LISTED])) + more


_BETWEEN_WORDS = re.compile(r"[\W\d_]+|(?<=[a-z])(?=[A-Z])")


def words_of_name(name: str) -> frozenset[str]:
    """Return the words of a column's name in small letters: `created_at2` and `createdAt` have two."""
    return frozenset(word.lower() for word in _BETWEEN_WORDS.split(name) if word)
