"""Optuna's own command upgrades a database of ours, and one that needs it is refused with that command."""

import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
import sqlalchemy
from sqlalchemy import Engine

from service.study.storage.kept_trials import AskedTrial
from service.study.storage.lease import Lease
from service.study.storage.storage_errors import StorageError
from service.study.storage.study_store import StudyStore

BEFORE = "v3.0.0.d"
"""The schema before Optuna 3.2, which lacks an index."""


def upgrade(url: str) -> str:
    """Run Optuna's command; return what it says."""
    program = "import sys; from optuna.cli import main; sys.exit(main())"
    command = [sys.executable, "-W", "ignore", "-c", program, "storage", "upgrade", "--storage", url, "-v"]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    return run.stdout + run.stderr


@pytest.fixture
def engine(storage_url: str) -> Iterator[Engine]:
    """Return a database with a study that has a trial."""
    store = StudyStore(storage_url, create=True)
    store.create("study", {"seed": 3})
    with Lease.take(store.engine, "study") as lease:
        store.record("study", ended=[], asked=[AskedTrial(0, {}, {}, {"seed": 7})], lease=lease)
    yield store.engine
    store.close()


def contents(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    """Return all rows of all tables, and the tables' indices."""
    tables = sqlalchemy.inspect(engine).get_table_names()
    with engine.connect() as connection:
        rows = {
            table: [tuple(row) for row in connection.exec_driver_sql(f'SELECT * FROM "{table}" ORDER BY 1')]  # noqa: S608 (the database's own names)
            for table in tables
        }
    indices = sqlalchemy.inspect(engine).get_multi_indexes()
    return rows | {"indices": sorted((str(key), str(value)) for key, value in indices.items())}


def test_optunas_upgrade_finds_nothing_to_do_and_changes_nothing(engine: Engine, storage_url: str) -> None:
    before = contents(engine)
    assert "This storage is up-to-date." in upgrade(storage_url)
    assert contents(engine) == before


def test_an_older_schema_is_refused_with_the_command_and_goes_on_after_it(
    engine: Engine, storage_url: str
) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP INDEX ix_trials_study_id")
        connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{BEFORE}'")  # noqa: S608 (a constant)
    for create in (False, True):
        with pytest.raises(
            StorageError,
            match=rf"^storage .* `optuna storage upgrade --storage {re.escape(storage_url)}` upg",
        ):
            StudyStore(storage_url, create=create)

    assert "Completed to upgrade the storage." in upgrade(storage_url)
    store = StudyStore(storage_url, create=False)
    with Lease.take(store.engine, "study") as lease:
        store.record("study", ended=[], asked=[AskedTrial(1, {}, {}, {})], lease=lease)
    assert [trial.number for trial in store.trials("study")] == [0, 1]
    store.close()


def test_a_schema_of_a_newer_optuna_is_refused(engine: Engine, storage_url: str) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'v9.0.0.a'")
    with pytest.raises(StorageError, match=r"have Optuna's schema v9\.0\.0\.a, .* a newer Optuna made them"):
        StudyStore(storage_url, create=False)
