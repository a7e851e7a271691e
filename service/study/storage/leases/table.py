"""The leases' table, and the clock that all who look at it share: the database's own."""

from typing import Any

from sqlalchemy import Column, Engine, Float, Integer, MetaData, String, Table
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from service.seal.own_tables import create_missing

leases = Table(
    "proctor_leases",
    MetaData(),
    Column("study_name", String(512), primary_key=True),
    Column("holder", String(32)),  # a random token; nothing where nobody holds it
    Column("host", String(255), nullable=False),
    Column("pid", Integer, nullable=False),
    Column("user", String(255), nullable=False),
    Column("process_start", String(32), nullable=False),
    Column("since", Float(53), nullable=False),  # this and the next: seconds since 1970, UTC
    Column("renewed_at", Float(53), nullable=False),
    Column("renewals", Integer, nullable=False),
    Column("lapse_seconds", Float(53), nullable=False),
    Column("steps", Integer, nullable=False),
    Column("searched_seconds", Float(53), nullable=False),
)
"""One row a study that was ever run. `steps` counts what was recorded of it: a step is written once."""


class DatabaseSeconds(FunctionElement[float]):
    """The database's clock: seconds since 1970, UTC, with fractions."""

    type = Float(53)
    inherit_cache = True


@compiles(DatabaseSeconds)
def _seconds(element: DatabaseSeconds, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401, ARG001 (SQLAlchemy's protocol)
    return "CAST(EXTRACT(EPOCH FROM clock_timestamp()) AS DOUBLE PRECISION)"


@compiles(DatabaseSeconds, "sqlite")
def _seconds_of_sqlite(element: DatabaseSeconds, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401, ARG001 (likewise)
    return "((julianday('now') - 2440587.5) * 86400.0)"


def create_leases(engine: Engine) -> None:
    """Make the table where it is missing; any number of processes may try at once.

    Raises
    ------
    sqlalchemy.exc.DBAPIError
        When the database cannot be written.
    """
    create_missing(engine, leases)
