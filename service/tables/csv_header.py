"""The header of a CSV file: its columns' names, and which of them is the target."""

from search_spaces.nearest_word import nearest_word
from service.errors import BadInputError
from service.tables.cells import shown

MAX_COLUMNS_LISTED = 20


def column_names(header: list[str], place: str) -> tuple[str, ...]:
    """Check the header's cells; spaces around a name are no part of it.

    Raises
    ------
    BadInputError
        A name is missing, or there twice.
    """
    positions: dict[str, int] = {}
    for position, cell in enumerate(header, start=1):
        name = cell.strip()
        if not name:
            raise BadInputError(f"every column needs a name, column {position} has none ({place})")
        if name in positions:
            raise BadInputError(
                f"no two columns have one name, columns {positions[name]} and {position} are both "
                f"{shown(name)} ({place})"
            )
        positions[name] = position
    return tuple(positions)


def refuse_single_column(names: tuple[str, ...], place: str) -> None:
    """Refuse a table that cannot have both target and features.

    Raises
    ------
    BadInputError
        There is one column.
    """
    if len(names) == 1:
        raise BadInputError(
            "a table needs a target and at least one feature, separated by commas; found one column, "
            f"{shown(names[0])} ({place})"
        )


def target_index(names: tuple[str, ...], target: str | None, place: str) -> int:
    """Find the target among the columns, counted from 0.

    Raises
    ------
    BadInputError
        No target is named, or no column is called so: the nearest name is offered.
    """
    if target in names:
        return names.index(target)
    columns = f"the columns are {listed(names)}"
    if target is None:
        raise BadInputError(f"a CSV file needs its target named; {columns} ({place})")
    nearest = nearest_word(target, names)
    hint = f"did you mean {shown(nearest)}?" if nearest else columns
    raise BadInputError(f"the target is one of the columns, {shown(target)} is not; {hint} ({place})")


def listed(names: tuple[str, ...]) -> str:
    """List columns for a message: quoted, and not endlessly many."""
    more = f" and {len(names) - MAX_COLUMNS_LISTED} more" if len(names) > MAX_COLUMNS_LISTED else ""
    return ", ".join(map(shown, names[:MAX_COLUMNS_LISTED])) + more
