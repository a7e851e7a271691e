"""Tables of the database that are Proctor's own, beside Optuna's: made where they are missing."""

from sqlalchemy import Engine, Table, inspect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import CreateTable


def create_missing(engine: Engine, table: Table) -> None:
    """Make a table where it is missing; any number of processes may try at once.

    Raises
    ------
    sqlalchemy.exc.DBAPIError
        When the database cannot be written.
    """
    if inspect(engine).has_table(table.name):
        return
    try:
        with engine.begin() as connection:
            connection.execute(CreateTable(table, if_not_exists=True))
    except DBAPIError:  # PostgreSQL: of two that create at once, one may fail although asked not to
        if not inspect(engine).has_table(table.name):
            raise
