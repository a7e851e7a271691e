"""Rows inserted at once: in whatever way costs the database's driver least."""

from collections.abc import Mapping, Sequence
from enum import Enum
from functools import cache
from typing import Any

from sqlalchemy import Dialect, Float, Table, TextClause, text
from sqlalchemy.engine import Connection


def insert_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that have the same columns, if there are any.

    PostgreSQL is given an array a column, in one statement: row by row, its driver takes longer than all
    the rest of a trial. SQLite has no arrays, and no way to go: its rows are quick as they are.
    """
    if not rows:
        return
    if connection.dialect.name != "postgresql":
        connection.execute(table.insert(), rows)
        return
    columns = tuple(rows[0])
    arrays = {
        column: [_plain(row[column], is_float=isinstance(table.c[column].type, Float)) for row in rows]
        for column in columns
    }
    connection.execute(_from_arrays(table, columns, connection.dialect), arrays)


def _plain(value: Any, *, is_float: bool) -> object:  # noqa: ANN401 (whatever a column holds)
    """Return a value as the driver takes it: an array has one type, and an enum is stored by its name."""
    if is_float:
        return float(value)
    return value.name if isinstance(value, Enum) else value


@cache
def _from_arrays(table: Table, columns: tuple[str, ...], dialect: Dialect) -> TextClause:
    casts = (f"CAST(:{name} AS {table.c[name].type.compile(dialect=dialect)}[])" for name in columns)
    return text(
        f"INSERT INTO {table.name} ({', '.join(columns)}) SELECT * FROM unnest({', '.join(casts)})"  # noqa: S608 (the tables' own names)
    )
