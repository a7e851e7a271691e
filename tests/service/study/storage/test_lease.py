"""One coordinator runs a study; a dead one is replaced, and one that was thought dead can no longer write."""

import os
import signal
import socket
import time
from collections.abc import Iterator
from typing import Any

import optuna
import pytest
from optuna.trial import TrialState
from sqlalchemy import update

from service.configuration.launch_config import LaunchConfig
from service.errors import BadInputError
from service.report.facts.study_summaries import summaries_in
from service.seal.identity import current_process
from service.study.storage.kept_trials import AskedTrial, TrialResult
from service.study.storage.lease import Lease, heartbeat
from service.study.storage.lease_table import DatabaseSeconds, create_leases, holder_here, holder_of, leases
from service.study.storage.storage_errors import (
    LeaseLostError,
    StorageError,
    StudyConflictError,
    StudyHeldError,
)
from service.study.storage.study_store import StudyStore
from tests.service.study.storage.lease_holders import holder

LONG = 60.0
"""Longer than any test: a lease that does not lapse."""

TRIAL = AskedTrial(0, {}, {}, {})


@pytest.fixture
def store(studies_url: str) -> Iterator[StudyStore]:
    store = StudyStore(studies_url, create=True)
    store.create("study", {})
    yield store
    store.close()


def never(seconds: float) -> None:
    raise AssertionError(f"nothing is waited for, got {seconds} s")


def take(store: StudyStore) -> Lease:
    return Lease.take(store.engine, "study", lapse_seconds=LONG, wait=never)


def change(store: StudyStore, **values: object) -> None:
    """Change the lease's row behind everybody's back."""
    with store.engine.begin() as connection:
        assert connection.execute(update(leases).values(**values)).rowcount == 1


def test_a_second_coordinator_is_told_who_runs_the_study_since_when_and_what_to_type(
    store: StudyStore, studies_url: str
) -> None:
    with holder(studies_url, lapse_seconds=LONG) as first:
        assert first.said == "holds"
        told = (
            rf"study 'study' is running: process {first.process.pid} on {socket.gethostname()}, user \S+,"
            r" since 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC; `proctor watch study --storage \S+` shows it,"
            r" `proctor stop study --storage \S+` stops it$"
        )
        with pytest.raises(StudyHeldError, match=told):
            take(store)
        with holder(studies_url, lapse_seconds=LONG) as second:
            assert second.said.startswith(
                f"StudyHeldError study 'study' is running: process {first.process.pid}"
            )
        assert first.write(0) == "wrote"


def test_the_leases_of_another_version_are_refused_in_words(store: StudyStore, studies_url: str) -> None:
    create_leases(store.engine)
    with store.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE proctor_leases RENAME COLUMN is_run TO forgotten")
    other = r"another version of Proctor made .*proctor_leases has other columns; use another database"
    for command in (take, lambda store: store.holder("study")):
        with pytest.raises(BadInputError, match=other):
            command(store)
    with pytest.raises(BadInputError, match=other):
        summaries_in(LaunchConfig(storage=studies_url))
    with store.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE proctor_leases RENAME COLUMN forgotten TO is_run")


def test_the_lease_of_a_killed_coordinator_is_taken_over_at_once_and_its_steps_count_on(
    store: StudyStore, studies_url: str
) -> None:
    with holder(studies_url, lapse_seconds=LONG) as first:
        assert first.write(0) == "wrote"
        first.process.send_signal(signal.SIGKILL)
        first.process.wait()
        lease = take(store)
    assert lease.steps == 1
    store.record("study", ended=[], asked=[AskedTrial(1, {}, {}, {})], lease=lease)
    assert [trial.number for trial in store.trials("study")] == [0, 1]


def test_a_paused_coordinator_that_wakes_up_can_no_longer_write(store: StudyStore, studies_url: str) -> None:
    with holder(studies_url, lapse_seconds=0.6) as first:
        assert first.write(0) == "wrote"
        first.process.send_signal(signal.SIGSTOP)
        time.sleep(0.7)
        taken = Lease.take(store.engine, "study", lapse_seconds=LONG)
        first.process.send_signal(signal.SIGCONT)
        said = first.write(1)
    assert said.startswith(f"LeaseLostError study 'study' is run by process {os.getpid()} on ")
    assert len(store.trials("study")) == 1
    store.record("study", ended=[], asked=[AskedTrial(1, {}, {}, {})], lease=taken)


def test_a_lease_that_is_given_back_is_free_and_remembers_how_long_was_searched(store: StudyStore) -> None:
    with take(store) as first:
        time.sleep(0.05)
    with take(store) as second:
        assert second.searched_seconds >= 0.05
        time.sleep(0.05)
    third = take(store)
    assert 0.1 <= third.searched_seconds < 30
    assert first.token != second.token != third.token


def test_a_holder_on_another_host_is_waited_for(store: StudyStore) -> None:
    first = take(store)
    change(store, host="elsewhere", pid=1)
    with pytest.raises(StudyHeldError, match=r"process 1 on elsewhere, .* the study is free in (59|60) s$"):
        take(store)
    change(store, renewed_at=leases.c.renewed_at - LONG - 1)
    waited: list[float] = []
    Lease.take(store.engine, "study", lapse_seconds=LONG, wait=waited.append)
    assert waited == [LONG / 3]
    with pytest.raises(LeaseLostError, match=f"is run by process {os.getpid()}"):
        store.record("study", ended=[], asked=[TRIAL], lease=first)


@pytest.mark.parametrize("jump_seconds", [3600.0, -3600.0])
def test_a_clock_that_jumps_takes_no_lease_from_a_holder_that_renews_it(
    store: StudyStore, jump_seconds: float
) -> None:
    """As if the database's clock had jumped since the last renewal, ahead or back."""
    lease = take(store)
    change(store, host="elsewhere", renewed_at=leases.c.renewed_at - jump_seconds)
    with pytest.raises(StudyHeldError, match=r"process \d+ on elsewhere"):
        Lease.take(store.engine, "study", lapse_seconds=LONG, wait=lambda _: lease.renew())
    store.record("study", ended=[], asked=[TRIAL], lease=lease)


def test_a_clock_set_back_keeps_no_dead_coordinators_study(store: StudyStore) -> None:
    take(store)
    change(store, host="elsewhere", renewed_at=leases.c.renewed_at + 3600)
    assert Lease.take(store.engine, "study", lapse_seconds=LONG, wait=lambda _: None).steps == 0


def test_of_several_that_find_a_study_free_one_gets_it(store: StudyStore) -> None:
    def is_faster(_: float) -> None:
        renewed = {"renewed_at": DatabaseSeconds(), "renewals": leases.c.renewals + 1}
        change(store, host="elsewhere", holder="another", **renewed)

    take(store)
    change(store, host="elsewhere", renewed_at=leases.c.renewed_at - LONG - 1)
    with pytest.raises(StudyHeldError, match="is running: process"):
        Lease.take(store.engine, "study", wait=is_faster)


def test_a_step_whose_answer_was_lost_is_written_once(store: StudyStore) -> None:
    lease = take(store)
    store.record("study", ended=[], asked=[TRIAL], lease=lease)
    lease.steps -= 1  # as if the first commit's answer had never come
    store.record("study", ended=[], asked=[TRIAL], lease=lease)
    assert [trial.number for trial in store.trials("study")] == [0]
    assert lease.steps == 1

    ended = TrialResult(0, TrialState.COMPLETE, 0.5, [0.5], {})
    store.record("study", ended=[ended], asked=[AskedTrial(1, {}, {}, {})], lease=lease)
    assert [trial.state.name for trial in store.trials("study")] == ["COMPLETE", "RUNNING"]


def test_attributes_of_a_running_study_are_its_holders(store: StudyStore) -> None:
    first = take(store)
    store.set_attribute("study", "ending", {"reason": "trials"}, lease=first)
    change(store, holder=None)
    second = take(store)
    with pytest.raises(LeaseLostError, match="paused or cut off for too long"):
        store.set_attribute("study", "ending", {"reason": "seconds"}, lease=first)
    assert store.attributes("study")["ending"] == {"reason": "trials"}
    store.set_attribute("study", "ending", {"reason": "epochs"}, lease=second)


def test_a_lease_that_another_has_is_not_given_back_nor_renewed(store: StudyStore) -> None:
    first = take(store)
    change(store, holder=None)
    second = take(store)
    first.release()
    with pytest.raises(LeaseLostError, match="is run by process"):
        first.renew()
    with pytest.raises(LeaseLostError, match="is run by process"):
        first.check()
    second.check()
    with store.engine.connect() as connection:
        now = holder_of(connection, "study")
    assert now is not None
    assert now.token == second.token
    assert now.process == current_process()


def test_a_new_study_of_a_deleted_ones_name_begins_with_nothing(store: StudyStore) -> None:
    lease = take(store)
    store.record("study", ended=[], asked=[TRIAL], lease=lease)
    store.optuna_storage.delete_study(store.optuna_storage.get_study_id_from_name("study"))
    with pytest.raises(StorageError, match="no study 'study'"):
        store.record("study", ended=[], asked=[AskedTrial(1, {}, {}, {})], lease=lease)
    store.create("study", {})
    assert take(store).steps == 0
    with pytest.raises(LeaseLostError, match="is run by process"):
        store.record("study", ended=[], asked=[TRIAL], lease=lease)


def test_what_is_remembered_of_one_study_is_not_taken_for_the_next(store: StudyStore) -> None:
    """SQLite gives a deleted study's key, and its trials' keys, to the next one."""
    with take(store) as lease:
        for number in range(3):
            store.record("study", ended=[], asked=[AskedTrial(number, {}, {}, {})], lease=lease)
    store.optuna_storage.delete_study(store.optuna_storage.get_study_id_from_name("study"))
    store.create("next", {})
    with Lease.take(store.engine, "next") as lease:
        store.record("next", ended=[], asked=[TRIAL], lease=lease)
        store.record("next", ended=[TrialResult(0, TrialState.FAIL, None, [], {})], asked=[], lease=lease)
    assert [trial.state for trial in store.trials("next")] == [TrialState.FAIL]


def test_a_trial_takes_the_next_number_that_another_tool_has_left_free(store: StudyStore) -> None:
    lease = take(store)
    store.record("study", ended=[], asked=[TRIAL], lease=lease)
    optuna.load_study(study_name="study", storage=store.optuna_storage).ask()
    asked = [AskedTrial(number, {}, {}, {"virtual_start": 0.5}) for number in (1, 2)]
    assert store.record("study", ended=[], asked=asked, lease=lease) == [2, 3]
    assert [trial.user_attrs.get("place") for trial in store.trials("study")] == [None, None, 1, 2]
    with pytest.raises(StudyConflictError, match="trial 2 cannot be begun, the study has 4 trials"):
        store.record("study", ended=[], asked=asked[1:], lease=lease)


def test_a_step_whose_answer_was_lost_tells_the_numbers_that_it_was_given(store: StudyStore) -> None:
    lease = take(store)
    store.record("study", ended=[], asked=[TRIAL], lease=lease)
    optuna.load_study(study_name="study", storage=store.optuna_storage).ask()
    step: dict[str, Any] = {"ended": [], "asked": [AskedTrial(1, {}, {}, {"virtual_start": 0.5})]}
    assert store.record("study", **step, lease=lease) == [2]
    lease.steps -= 1  # as if nobody had heard of the commit
    assert store.record("study", **step, lease=lease) == [2]
    assert len(store.trials("study")) == 3


def test_a_database_from_before_there_were_leases_is_given_their_table(store: StudyStore) -> None:
    leases.drop(store.engine)
    take(store)
    with pytest.raises(StudyHeldError, match="is running: process"):
        take(store)


def test_a_heartbeat_keeps_a_lease_while_a_step_takes_long(store: StudyStore) -> None:
    lease = Lease.take(store.engine, "study", lapse_seconds=0.6)
    change(store, host="elsewhere")
    with heartbeat(lease):
        time.sleep(0.9)
        with pytest.raises(StudyHeldError, match="is running: process"):
            Lease.take(store.engine, "study", wait=never)
    time.sleep(0.7)
    Lease.take(store.engine, "study")


def test_a_heartbeat_finds_out_that_the_lease_is_anothers(store: StudyStore) -> None:
    lease = Lease.take(store.engine, "study", lapse_seconds=0.3)
    with heartbeat(lease):
        lease.check()
        change(store, holder="another")
        time.sleep(0.3)
        with pytest.raises(LeaseLostError, match="is run by process"):
            lease.check()


def test_a_study_that_is_changed_is_no_study_that_is_run(store: StudyStore) -> None:
    with store.take_lease("study"), store.engine.connect() as connection:
        assert holder_here(connection, os.getpid()) is None
        with pytest.raises(StudyHeldError, match=r"study 'study' is being changed by process .*: try again"):
            take(store)
    with store.take_lease("study", is_run=True), store.engine.connect() as connection:
        assert holder_here(connection, os.getpid()) == current_process()
