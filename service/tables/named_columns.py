"""The columns that a user names: the target, and those of which it is said what they hold."""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

from search_spaces.nearest_word import nearest_word
from service.errors import BadInputError
from service.tables.column_kinds import ColumnKind
from service.tables.csv_cells import shown
from service.tables.csv_header import listed


def kinds_by_name(
    said: Mapping[str, ColumnKind], names: Sequence[str], *, target: str, file: str
) -> dict[str, ColumnKind]:
    """Find the columns that a user's words are about.

    Parameters
    ----------
    said
        Kinds by a column's name, or by a pattern such as `pixel_*`; a name goes before a pattern, a later
        pattern before an earlier one.
    names
        All columns.
    target
        The one among them that is predicted.
    file
        Where they stand, for messages.

    Raises
    ------
    BadInputError
        A word fits no column, or the target; or there are two columns of groups, or two of times.
    """
    kinds: dict[str, ColumnKind] = {}
    for word, kind in sorted(said.items(), key=lambda item: item[0] in names):
        fitting = [word] if word in names else [name for name in names if fnmatchcase(name, word)]
        if word == target:
            raise BadInputError(f"columns.{word}: the target is no feature, found {kind} ({file})")
        if not fitting:
            nearest = nearest_word(word, names)
            hint = f"did you mean {shown(nearest)}?" if nearest else f"the columns are {listed(tuple(names))}"
            raise BadInputError(f"columns.{word}: no column is called so; {hint} ({file})")
        kinds |= {name: kind for name in fitting if name != target}
    for kind in (ColumnKind.GROUP, ColumnKind.TIME):
        of_kind = tuple(name for name in names if kinds.get(name) is kind)
        if len(of_kind) > 1:
            raise BadInputError(f"columns: at most one column is a {kind}, found {listed(of_kind)} ({file})")
    return kinds
