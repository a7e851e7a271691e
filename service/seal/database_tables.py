"""Tables of the database that are Proctor's own, beside Optuna's: made where they are missing."""

from sqlalchemy import Engine, Table, inspect
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import CreateTable

from service.errors import BadInputError


def has_own_table(database: Engine | Connection, table: Table) -> bool:
    """Return whether a database has a table of ours.

    Raises
    ------
    BadInputError
        Another version made it, with other columns.
    """
    inspector = inspect(database)
    if not inspector.has_table(table.name):
        return False
    if {column["name"] for column in inspector.get_columns(table.name)} != set(table.c.keys()):
        raise BadInputError(
            f"another version of Proctor made this database: its table {table.name} has other columns; use"
            " another database: --storage URL"
        )
    return True


def create_missing(engine: Engine, table: Table) -> None:
    """Make a table where it is missing; any number of processes may try at once.

    Raises
    ------
    BadInputError
        Another version made it, with other columns.
    sqlalchemy.exc.DBAPIError
        When the database cannot be written.
    """
    if has_own_table(engine, table):
        return
    try:
        with engine.begin() as connection:
            connection.execute(CreateTable(table, if_not_exists=True))
    except DBAPIError:  # PostgreSQL: of two that create at once, one may fail although asked not to
        if not inspect(engine).has_table(table.name):
            raise
