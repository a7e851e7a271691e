"""The ledger's contract, on SQLite and on PostgreSQL: once, in order, whoever races or dies."""

import os
import signal
import socket
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from getpass import getuser
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, create_engine, event, inspect, update
from sqlalchemy.exc import IntegrityError, OperationalError

from service.errors import BadInputError, ProctorError
from service.seal.identity import StudyIdentity
from service.seal.ledger import AlreadyOpenedError, Ledger, OpenedByOthersError, openings
from tests.service.seal.opening_race import opening_race

FINGERPRINT = "ab" * 32
OTHER = "cd" * 32


def killed_between_opening_and_figure(url: str) -> int:
    """Return the number of a process that opened and was killed before it had a figure."""
    with opening_race(url, ["study"]) as said:
        ((pid, words),) = said.items()
        assert words == "won"
        os.kill(pid, signal.SIGKILL)
    return pid


def named(name: str) -> StudyIdentity:
    return StudyIdentity(name, key=name, study_id=1)


STUDY = named("study")


def ledger_on(engine: Engine) -> Ledger:
    """Return a ledger of a database that has all studies of these tests."""
    return Ledger(
        engine, lambda: [named(name) for name in ("study", "a", "b", "c", "first", "second", "faster")]
    )


@pytest.fixture
def engine(storage_url: str) -> Iterator[Engine]:
    """Return an engine on an empty database; every opening in it must make sense when the test is over."""
    engine = create_engine(storage_url)
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def set_write_ahead_log(connection: sqlite3.Connection, _: object) -> None:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")

    yield engine
    for fingerprint in (FINGERPRINT, OTHER):
        for look in ledger_on(engine).looks_at(fingerprint):
            assert look.is_finished == (look.figures is not None)
            assert look.look >= 1
    engine.dispose()


@pytest.fixture
def ledger(engine: Engine) -> Ledger:
    """Return a ledger whose table is made."""
    made = ledger_on(engine)
    made.create_table()
    return made


def just_before(engine: Engine, verb: str, act: Callable[[], object]) -> None:
    """Let a rival act between what the ledger reads and what it then writes."""
    acted: list[str] = []

    @event.listens_for(engine, "before_cursor_execute")
    def rival(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith(verb) and not acted:
            acted.append(verb)
            act()


def lose_the_answer_to_the_next_commit(engine: Engine) -> None:
    """Let it come to pass, and who asked for it be told that the database is gone."""

    def commit_and_fail(connection: Connection) -> None:
        connection.connection.commit()
        raise OperationalError("COMMIT", {}, Exception("the database went away"))

    event.listen(engine, "commit", commit_and_fail, once=True)


def pretend(engine: Engine, **columns: object) -> None:
    """Change what the ledger remembers of the last opening's process."""
    with engine.begin() as connection:
        connection.execute(update(openings).values(**columns))


def test_a_first_look_is_committed_before_it_is_returned(ledger: Ledger, storage_url: str) -> None:
    before = datetime.now(UTC)
    opening = ledger.open(STUDY, FINGERPRINT, 7)
    elsewhere = create_engine(storage_url)
    (look,) = ledger_on(elsewhere).looks(STUDY)
    elsewhere.dispose()
    assert (opening.look, opening.winner_trial, opening.resumed) == (1, 7, False)
    assert (look.look, look.winner_trial, look.reason, look.figures) == (1, 7, None, None)
    assert before - timedelta(seconds=1) < look.opened_at <= datetime.now(UTC)
    process = (look.process.host, look.process.pid, look.process.user)
    assert process == (socket.gethostname(), os.getpid(), getuser())
    assert str(look).endswith("opened without a figure")


def test_figures_are_kept_as_they_were_given(ledger: Ledger) -> None:
    given = {"test": {"error": 0.1, "interval": [0.05, 0.15]}, "n_examples": 30}
    ledger.finish(ledger.open(STUDY, FINGERPRINT, 7), given)
    (look,) = ledger.looks(STUDY)
    assert (look.figures, look.is_finished) == (given, True)
    assert look.finished_at is not None
    assert look.opened_at <= look.finished_at


def test_a_second_look_is_refused_and_told_who_was_first_and_when(ledger: Ledger) -> None:
    ledger.finish(ledger.open(STUDY, FINGERPRINT, 7), {"error": 0.1})
    (look,) = ledger.looks(STUDY)
    when = f"{look.opened_at:%Y-%m-%d %H:%M:%S} UTC"
    who = f"look 1 of study 'study', trial 7: opened {when} by process {os.getpid()}"
    with pytest.raises(
        AlreadyOpenedError, match=f"{who} on {socket.gethostname()}, user {getuser()}; finished"
    ):
        ledger.open(STUDY, FINGERPRINT, 7)
    assert ledger.looks(STUDY) == (look,)


def test_a_reason_gives_the_next_look(ledger: Ledger, engine: Engine) -> None:
    ledger.finish(ledger.open(STUDY, FINGERPRINT, 7), {"error": 0.1})
    ledger.finish(ledger.open(STUDY, FINGERPRINT, 9, "a slip in the target"), {"error": 0.2})
    third = ledger_on(engine).open(STUDY, FINGERPRINT, 9, "once more")
    assert third.look == 3
    assert [look.reason for look in ledger.looks(STUDY)] == [None, "a slip in the target", "once more"]
    with pytest.raises(AlreadyOpenedError, match=r", 3 times: first look 1 .*; last look 3 .* without a"):
        ledger.open(STUDY, FINGERPRINT, 9)


def test_a_refusal_can_be_had_before_the_work_and_leaves_no_trace(ledger: Ledger, engine: Engine) -> None:
    ledger.check_may_open(STUDY, FINGERPRINT)
    ledger_on(engine).open(STUDY, FINGERPRINT, 7)
    before = ledger.looks(STUDY)
    with pytest.raises(
        AlreadyOpenedError, match=r"opened before, once: look 1 .* to look again, give a reason: --look-again"
    ):
        ledger.check_may_open(STUDY, FINGERPRINT)
    with pytest.raises(BadInputError, match=r"a reason in words .*got none"):
        ledger.check_may_open(STUDY, FINGERPRINT, " ")
    ledger.check_may_open(STUDY, FINGERPRINT, "a slip in the target")
    assert ledger.looks(STUDY) == before
    pretend(engine, host="a-machine-long-gone")
    ledger.check_may_open(STUDY, FINGERPRINT)


def test_a_reason_that_nobody_asked_for_is_not_kept(ledger: Ledger) -> None:
    ledger.open(STUDY, FINGERPRINT, 7, "in case somebody looked")
    (look,) = ledger.looks(STUDY)
    assert look.reason is None


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_a_blank_reason_is_none(ledger: Ledger, reason: str) -> None:
    with pytest.raises(BadInputError, match=r"a reason in words .*got none"):
        ledger.open(STUDY, FINGERPRINT, 7, reason)
    assert ledger.looks(STUDY) == ()


def test_looks_at_one_test_set_are_counted_across_studies(ledger: Ledger) -> None:
    for study, fingerprint in (("a", FINGERPRINT), ("b", OTHER), ("c", FINGERPRINT)):
        ledger.finish(ledger.open(named(study), fingerprint, 0, "as a test"), {})
    assert [look.study_name for look in ledger.looks_at(FINGERPRINT)] == ["a", "c"]


def test_another_studys_look_is_a_look_and_a_further_one_needs_a_reason(ledger: Ledger) -> None:
    ledger.finish(ledger.open(named("first"), FINGERPRINT, 7), {"error": 0.1})
    for refused in (
        lambda: ledger.check_may_open(named("second"), FINGERPRINT),
        lambda: ledger.open(named("second"), FINGERPRINT, 3),
    ):
        with pytest.raises(OpenedByOthersError, match=r"look 1 of study 'first'.* give a reason"):
            refused()
    ledger.check_may_open(named("second"), OTHER)
    opening = ledger.open(named("second"), FINGERPRINT, 3, "another space")
    assert (opening.look, [look.reason for look in ledger.looks_at(FINGERPRINT)]) == (
        1,
        [None, "another space"],
    )


def test_an_opening_without_figures_is_a_look_too(ledger: Ledger, engine: Engine) -> None:
    ledger.open(named("first"), FINGERPRINT, 7)
    pretend(engine, host="a-machine-long-gone")
    with pytest.raises(OpenedByOthersError, match="opened without a figure"):
        ledger.open(named("second"), FINGERPRINT, 3)


def test_an_opening_that_was_begun_is_finished_whoever_looked_since(ledger: Ledger, engine: Engine) -> None:
    ledger.open(named("first"), FINGERPRINT, 7)
    pretend(engine, host="a-machine-long-gone")
    ledger.finish(ledger.open(named("second"), FINGERPRINT, 3, "another space"), {})
    ledger.check_may_open(named("first"), FINGERPRINT)
    opening = ledger.open(named("first"), FINGERPRINT, 7)
    assert (opening.look, opening.resumed) == (1, True)


def test_figures_are_written_once(ledger: Ledger) -> None:
    opening = ledger.open(STUDY, FINGERPRINT, 7)
    ledger.finish(opening, {"error": 0.1})
    with pytest.raises(
        AlreadyOpenedError,
        match=r"finished only once, and only by the process that holds it; look 1 .* finished",
    ):
        ledger.finish(opening, {"error": 0.0})
    assert ledger.looks(STUDY)[0].figures == {"error": 0.1}


def test_an_opening_that_was_never_made_cannot_be_finished(ledger: Ledger) -> None:
    invented = replace(ledger.open(STUDY, FINGERPRINT, 7), id=99)
    with pytest.raises(AlreadyOpenedError, match="finished only once, and only by the process that holds it"):
        ledger.finish(invented, {"error": 0.0})


def test_while_the_opener_lives_nobody_else_may_finish(ledger: Ledger, engine: Engine) -> None:
    ledger.open(STUDY, FINGERPRINT, 7)
    with pytest.raises(AlreadyOpenedError, match="opened without a figure"):
        ledger_on(engine).open(STUDY, FINGERPRINT, 7)


def test_who_opened_may_finish_also_where_the_database_failed_on_the_way(
    ledger: Ledger, engine: Engine
) -> None:
    lose_the_answer_to_the_next_commit(engine)
    with pytest.raises(OperationalError, match="went away"):
        ledger.open(STUDY, FINGERPRINT, 7)
    ledger.check_may_open(STUDY, FINGERPRINT)
    with pytest.raises(AlreadyOpenedError, match="opened without a figure"):
        ledger_on(engine).open(STUDY, FINGERPRINT, 7)
    opening = ledger.open(STUDY, FINGERPRINT, 7)
    assert (opening.look, opening.resumed) == (1, True)
    ledger.finish(opening, {"error": 0.1})
    with pytest.raises(AlreadyOpenedError, match="finished"):
        ledger.open(STUDY, FINGERPRINT, 7)


def test_after_kill_between_opening_and_figure_it_is_shown_and_may_be_finished(
    ledger: Ledger, storage_url: str
) -> None:
    pid = killed_between_opening_and_figure(storage_url)
    (look,) = ledger.looks(STUDY)
    assert (look.process.pid, look.is_finished, look.resumes) == (pid, False, 0)
    opening = ledger.open(STUDY, FINGERPRINT, 7)
    assert (opening.look, opening.resumed) == (1, True)
    ledger.finish(opening, {"error": 0.1})
    (finished,) = ledger.looks(STUDY)
    assert (finished.figures, finished.resumes, finished.process.pid) == ({"error": 0.1}, 1, os.getpid())
    assert finished.opened_at == look.opened_at


def test_a_second_look_that_was_killed_is_finished_with_its_own_reason(
    ledger: Ledger, engine: Engine
) -> None:
    ledger.finish(ledger.open(STUDY, FINGERPRINT, 7), {})
    ledger.open(STUDY, FINGERPRINT, 7, "why not")
    pretend(engine, host="a-machine-long-gone")
    assert ledger.open(STUDY, FINGERPRINT, 7, "why not").resumed
    pretend(engine, host="a-machine-long-gone")
    assert ledger.open(STUDY, FINGERPRINT, 7, "another reason").look == 3


@pytest.mark.parametrize(("fingerprint", "trial"), [(FINGERPRINT, 8), (OTHER, 7)])
def test_another_winner_or_test_set_cannot_finish_it(
    ledger: Ledger, engine: Engine, fingerprint: str, trial: int
) -> None:
    ledger.open(STUDY, FINGERPRINT, 7)
    pretend(engine, host="a-machine-long-gone")
    with pytest.raises(AlreadyOpenedError, match=f"got trial {trial}, test set {fingerprint[:12]}"):
        ledger.open(STUDY, fingerprint, trial)
    assert ledger.looks(STUDY)[0].resumes == 0


def test_who_was_taken_over_can_no_longer_finish(ledger: Ledger, engine: Engine) -> None:
    slow = ledger.open(STUDY, FINGERPRINT, 7)
    pretend(engine, host="a-machine-long-gone")
    quick = ledger.open(STUDY, FINGERPRINT, 7)
    with pytest.raises(AlreadyOpenedError, match="by the process that holds it"):
        ledger.finish(slow, {"error": 0.1})
    ledger.finish(quick, {"error": 0.1})


@pytest.mark.parametrize("reason", [None, "a slip in the target"])
def test_who_is_overtaken_between_reading_and_writing_is_told_who_was_faster(
    ledger: Ledger, engine: Engine, storage_url: str, reason: str | None
) -> None:
    if reason is not None:
        ledger.finish(ledger.open(STUDY, FINGERPRINT, 7), {})
    elsewhere = create_engine(storage_url)
    just_before(engine, "INSERT", lambda: ledger_on(elsewhere).open(STUDY, FINGERPRINT, 8, reason))
    with pytest.raises(AlreadyOpenedError, match=rf"trial 8: opened .* by process {os.getpid()}"):
        ledger.open(STUDY, FINGERPRINT, 7, reason)
    elsewhere.dispose()
    assert [look.winner_trial for look in ledger.looks(STUDY)] == ([8] if reason is None else [7, 8])


@pytest.mark.parametrize("reason", [None, "another space"])
def test_who_is_overtaken_by_another_study_needs_a_reason_then(
    ledger: Ledger, engine: Engine, storage_url: str, reason: str | None
) -> None:
    elsewhere = create_engine(storage_url)
    just_before(engine, "INSERT", lambda: ledger_on(elsewhere).open(named("faster"), FINGERPRINT, 8))
    if reason is None:
        with pytest.raises(OpenedByOthersError, match="study 'faster'"):
            ledger.open(STUDY, FINGERPRINT, 7)
    else:
        ledger.finish(ledger.open(STUDY, FINGERPRINT, 7, reason), {})
    elsewhere.dispose()
    names = [look.study_name for look in ledger.looks_at(FINGERPRINT)]
    assert names == (["faster"] if reason is None else ["faster", "study"])


def test_who_is_overtaken_in_resuming_is_refused(ledger: Ledger, engine: Engine, storage_url: str) -> None:
    ledger.open(STUDY, FINGERPRINT, 7)
    pretend(engine, host="a-machine-long-gone")
    elsewhere = create_engine(storage_url)
    just_before(engine, "UPDATE", lambda: ledger_on(elsewhere).open(STUDY, FINGERPRINT, 7))
    with pytest.raises(AlreadyOpenedError, match=rf"by process {os.getpid()} .* opened without a figure"):
        ledger.open(STUDY, FINGERPRINT, 7)
    elsewhere.dispose()
    assert ledger.looks(STUDY)[0].resumes == 1


def test_who_is_overtaken_in_making_the_table_uses_it(engine: Engine, storage_url: str) -> None:
    elsewhere = create_engine(storage_url)
    just_before(engine, "\nCREATE", ledger_on(elsewhere).create_table)
    ledger_on(engine).create_table()
    elsewhere.dispose()
    assert ledger_on(engine).open(STUDY, FINGERPRINT, 7).look == 1


def test_eight_processes_race_to_open_and_one_wins(storage_url: str) -> None:
    with opening_race(storage_url, ["study"] * 8) as said:
        ((winner, _),) = ((pid, words) for pid, words in said.items() if words == "won")
        refused = [words for words in said.values() if words.startswith("refused")]
        assert len(refused) == 7
        assert all(f"by process {winner} on {socket.gethostname()}" in words for words in refused)


def test_eight_studies_race_to_open_one_test_set_and_one_wins(storage_url: str) -> None:
    with opening_race(storage_url, [f"study-{number}" for number in range(8)]) as said:
        assert sorted(words.split(":")[0] for words in said.values()) == ["refused"] * 7 + ["won"]


def test_eight_processes_race_to_resume_and_one_wins(storage_url: str) -> None:
    killed_between_opening_and_figure(storage_url)
    with opening_race(storage_url, ["study"] * 8) as said:
        assert sorted(words.split(":")[0] for words in said.values()) == ["refused"] * 7 + ["resumed"]


def test_making_the_table_twice_keeps_what_is_in_it(ledger: Ledger) -> None:
    ledger.open(STUDY, FINGERPRINT, 7)
    ledger.create_table()
    assert len(ledger.looks(STUDY)) == 1


def test_a_database_that_no_opening_came_to_has_no_looks_and_stays_as_it_is(engine: Engine) -> None:
    assert ledger_on(engine).looks(STUDY) == ()
    assert not inspect(engine).has_table("proctor_openings")


def test_the_ledger_of_an_older_version_is_refused_in_words(ledger: Ledger, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE proctor_openings RENAME COLUMN look_at_set TO forgotten")
    with pytest.raises(ProctorError, match=r"another version made .* use another database: --storage URL"):
        ledger.looks(STUDY)
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE proctor_openings RENAME COLUMN forgotten TO look_at_set")


def test_a_database_that_takes_no_table_says_so_itself(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "proctor.db").close()
    read_only = create_engine(f"sqlite:///file:{tmp_path / 'proctor.db'}?mode=ro&uri=true")
    with pytest.raises(OperationalError, match="readonly database"):
        ledger_on(read_only).create_table()
    read_only.dispose()


def test_a_row_that_the_database_refuses_is_not_taken_for_a_race(ledger: Ledger) -> None:
    with pytest.raises(IntegrityError, match=r"winner_trial"):
        ledger.open(STUDY, FINGERPRINT, None)  # type: ignore[arg-type]  # what no caller should pass
