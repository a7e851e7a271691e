"""A database that is away is told from one at fault, and what could not be written is written later, once."""

import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from optuna.trial import TrialState
from sqlalchemy import event
from sqlalchemy.engine import Connection

from service.study.storage.database_url import file_url
from service.study.storage.kept_trials import AskedTrial, TrialResult
from service.study.storage.lease import Lease
from service.study.storage.storage_errors import StorageAwayError, StorageError
from service.study.storage.study_store import StudyStore
from tests.postgresql import PostgresqlServer

FIRST = AskedTrial(0, {}, {}, {"seed": 7})
SECOND = AskedTrial(1, {}, {}, {"seed": 8})
END = TrialResult(0, TrialState.COMPLETE, 0.5, [0.75, 0.5], {"learning_curve": {}})


def new_store(url: str) -> StudyStore:
    store = StudyStore(url, create=True)
    store.create("study", {})
    return store


def states(store: StudyStore) -> list[str]:
    return [trial.state.name for trial in store.trials("study")]


@pytest.fixture
def served(postgresql_server_apart: PostgresqlServer) -> Iterator[StudyStore]:
    store = new_store(postgresql_server_apart.new_database())
    yield store
    store.close()


def test_what_a_stopped_server_refused_is_written_once_when_it_is_back(
    served: StudyStore, postgresql_server_apart: PostgresqlServer
) -> None:
    lease = Lease.take(served.engine, "study")
    served.record("study", ended=[], asked=[FIRST], lease=lease)
    postgresql_server_apart.stop()

    for _ in range(2):
        with pytest.raises(StorageAwayError, match=r"storage postgresql\+psycopg://postgres@127\.0\.0\.1:"):
            served.record("study", ended=[END], asked=[SECOND], lease=lease)
    with pytest.raises(StorageAwayError, match="storage postgresql"):
        lease.renew()
    with pytest.raises(StorageAwayError, match="storage postgresql"):
        served.set_attribute("study", "ending", {}, lease=lease)
    with pytest.raises(StorageAwayError, match="storage postgresql"):
        served.trials("study")

    postgresql_server_apart.start()
    served.record("study", ended=[END], asked=[SECOND], lease=lease)
    assert states(served) == ["COMPLETE", "RUNNING"]
    assert served.trials("study")[0].intermediate_values == {1: 0.75, 2: 0.5}
    lease.renew()


def test_a_step_is_written_once_where_the_connection_broke_after_the_commit(storage_url: str) -> None:
    """The commit is made, and its answer lost: nobody can tell it from one that was not made."""
    store = new_store(storage_url)
    lease = Lease.take(store.engine, "study")
    store.record("study", ended=[], asked=[FIRST], lease=lease)

    def commit_and_break(connection: Connection) -> None:
        assert connection.connection.dbapi_connection is not None
        connection.connection.dbapi_connection.commit()
        raise StorageAwayError("the server closed the connection unexpectedly")

    event.listen(store.engine, "commit", commit_and_break)
    with pytest.raises(StorageAwayError, match="closed the connection"):
        store.record("study", ended=[END], asked=[SECOND], lease=lease)
    event.remove(store.engine, "commit", commit_and_break)
    with pytest.raises(ValueError, match="expected the step whose outcome is unknown"):
        store.record("study", ended=[END], asked=[], lease=lease)

    store.record("study", ended=[END], asked=[SECOND], lease=lease)
    assert states(store) == ["COMPLETE", "RUNNING"]
    third = AskedTrial(2, {}, {}, {})
    store.record("study", ended=[TrialResult(1, TrialState.FAIL, None, [], {})], asked=[third], lease=lease)
    assert states(store) == ["COMPLETE", "FAIL", "RUNNING"]
    store.close()


def test_a_session_that_the_server_ends_is_away(postgresql_url: str) -> None:
    store = new_store(postgresql_url)
    lease = Lease.take(store.engine, "study")

    def end_session(connection: Connection) -> None:
        connection.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")

    event.listen(store.engine, "commit", end_session)
    with pytest.raises(StorageAwayError, match=r"storage postgresql.*: terminating connection"):
        store.record("study", ended=[], asked=[FIRST], lease=lease)
    event.remove(store.engine, "commit", end_session)
    store.record("study", ended=[], asked=[FIRST], lease=lease)
    assert states(store) == ["RUNNING"]
    store.close()


def test_a_process_paused_inside_a_transaction_keeps_nobody_out_for_ever(postgresql_url: str) -> None:
    store = new_store(postgresql_url)
    with store.engine.connect() as connection:
        waits = connection.exec_driver_sql("SHOW idle_in_transaction_session_timeout").scalar_one()
    assert waits == "30s"
    store.close()


def test_a_file_that_others_have_locked_is_away(tmp_path: Path) -> None:
    url = file_url(tmp_path / "proctor.db")
    store = new_store(url)
    store.engine.dispose()
    event.listen(store.engine, "connect", lambda session, _: session.execute("PRAGMA busy_timeout = 50"))
    other = sqlalchemy.create_engine(url)
    with other.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        with pytest.raises(StorageAwayError, match=r"proctor\.db: database is locked"):
            store.record("study", ended=[], asked=[FIRST])
    store.record("study", ended=[], asked=[FIRST])
    assert states(store) == ["RUNNING"]
    other.dispose()
    store.close()


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from typing import Any
from service.study.storage.database_url import file_url
from service.study.storage.lease import Lease
from service.study.storage.storage_errors import StorageAwayError
from tests.service.study.storage.test_database_away import END, FIRST, SECOND, new_store, states
from dataclasses import replace

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
file = Path(sys.argv[1])
store = new_store(file_url(file))
lease = Lease.take(store.engine, "study")
store.record("study", ended=[], asked=[FIRST], lease=lease)
log = file.with_name(file.name + "-wal").stat().st_size
large = replace(END, attributes={"learning_curve": ["x" * 100_000]})
resource.setrlimit(resource.RLIMIT_FSIZE, (max(log, file.stat().st_size) + 20_000, resource.RLIM_INFINITY))
for _ in range(2):
    try:
        store.record("study", ended=[large], asked=[SECOND], lease=lease)
        print("written")
    except StorageAwayError as error:
        print(error)
print(states(store))
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
store.record("study", ended=[large], asked=[SECOND], lease=lease)
print(states(store), len(store.trials("study")[0].user_attrs["learning_curve"][0]))
"""


def test_a_full_disk_keeps_nothing_of_a_step_and_all_of_it_once_there_is_room(tmp_path: Path) -> None:
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
    run = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path / "proctor.db")],
        capture_output=True,
        text=True,
        check=False,
    )
    first, second, full, room = run.stdout.splitlines() or [run.stderr]
    assert "proctor.db: database or disk is full" in first or "disk I/O error" in first
    assert first == second
    assert full == "['RUNNING']"
    assert room == "['COMPLETE', 'RUNNING'] 100000"


def test_a_file_that_cannot_grow_is_away(tmp_path: Path) -> None:
    store = new_store(file_url(tmp_path / "proctor.db"))
    with store.engine.connect() as connection:
        n_pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()

    def keep_small(session: Any, _: object) -> None:  # noqa: ANN401 (a driver's connection)
        session.execute(f"PRAGMA max_page_count = {n_pages}")

    store.engine.dispose()
    event.listen(store.engine, "connect", keep_small)
    large = AskedTrial(0, {}, {}, {"worker": "x" * 10_000})
    with pytest.raises(StorageAwayError, match="database or disk is full"):
        store.record("study", ended=[], asked=[large])
    event.remove(store.engine, "connect", keep_small)
    store.engine.dispose()
    store.record("study", ended=[], asked=[large])
    assert states(store) == ["RUNNING"]
    store.close()


def test_what_is_wrong_for_good_is_not_away(storage_url: str) -> None:
    store = new_store(storage_url)
    store.record("study", ended=[], asked=[FIRST])
    with store.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE trial_intermediate_values")
    with pytest.raises(StorageError, match="trial_intermediate_values") as caught:
        store.trials("study")
    assert not isinstance(caught.value, StorageAwayError)
    store.close()
