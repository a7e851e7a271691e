"""`proctor list`: the figures of the reports, from a handful of queries, however many studies there are."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import optuna
import pytest
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy import event, text

from service.cli import run_command
from service.commands.trials import set_aside
from service.configuration.data_config import SplitConfig
from service.configuration.launch_config import LaunchConfig
from service.configuration.study_config import ConfirmationConfig
from service.report.facts.study_report import StudyReport, build_report
from service.report.facts.study_summaries import StudyState, StudySummary, Wanted, summaries_in
from service.study.search.more_trials import NewLimits, extend_study
from service.study.search.winner import ranking, winner_of
from service.study.storage.database_url import parse_url
from service.study.storage.kept_trials import record_of, searched
from service.study.storage.lease import Lease
from service.study.storage.stored_study import load_study
from service.study.storage.study_keeping import archive_studies, copy_studies, rename_studies
from service.study.storage.study_overviews import engine_for_reading, read_overviews
from service.study.storage.study_store import StudyStore
from tests.service.confirmed_study import begin_run, confirm
from tests.service.iris_study import IrisStudy, begin_iris, search_iris
from workers.metrics.metric import Metric

HEAVY = {"alembic", "optuna", "pandas", "polars", "ray", "scipy", "sklearn"}


@pytest.fixture
def store(studies_url: str) -> Iterator[StudyStore]:
    with closing(StudyStore(studies_url, create=True)) as store:
        yield store


def listed(store: StudyStore) -> dict[str, StudySummary]:
    found = summaries_in(LaunchConfig(storage=store.url))
    assert found.refusals == []
    return {each.study: each for each in found.readable}


def of_report(report: StudyReport) -> dict[str, object]:
    """Return what a listing shows, from the whole report."""
    counts, winner = report.trials, report.winner
    return {
        "study": report.study,
        "table": report.table,
        "budget": counts.budget,
        "complete": counts.complete,
        "pruned": counts.pruned,
        "failed": counts.failed,
        "metric": report.metric,
        "dev_metric": None if winner is None else winner.dev_metric,
        "has_test_set": report.has_test_set,
        "looks": len(report.own_looks),
        "optimism": None if report.has_test_set else report.optimism,
    }


def assert_as_reported(store: StudyStore, lines: dict[str, StudySummary]) -> None:
    for name, line in lines.items():
        study = load_study(store, name)
        report = build_report(study, store)
        expected = of_report(report)
        assert line.model_dump(include=set(expected)) == {
            **expected,
            "optimism": expected["optimism"] and report.optimism.model_dump(),  # type: ignore[union-attr]
        }
        assert (line.state is StudyState.ENDED) == study.is_over


def test_each_line_has_the_figures_of_the_study_s_report(store: StudyStore) -> None:
    opened = search_iris(store)
    opened.conclude()
    search_iris(store, name="sealed", trials=7)
    search_iris(store, name="no-test", split=SplitConfig(no_test=True)).conclude()
    search_iris(store, name="unmeasured", split=SplitConfig(no_test=True))
    begin_iris(store, name="empty")
    confirmed = search_iris(store, name="confirmed")
    complete = [trial for trial in confirmed.stored.trials if trial.state.name == "COMPLETE"]
    ranked = sorted(complete, key=lambda trial: trial.value or 0.0)
    worse, best = ranked[-1].number, ranked[0].number
    confirm(store, "confirmed", {best: [0.9, 0.9], worse: [0.0, 0.0]})
    search_iris(store, name="broken-off")
    confirm(store, "broken-off", {best: [0.9, None], worse: [0.95, 0.95]})
    search_iris(store, name="incomplete")
    confirm(store, "incomplete", {best: [0.9, 0.9], worse: [0.0]})
    search_iris(store, table="diabetes", name="r-squared", metric="r_squared")
    copy_studies(store, {"iris": "copy"})
    rename_studies(store, {"sealed": "renamed"})
    went_on = search_iris(store, name="went-on", confirmation=ConfirmationConfig(finalists=2, seeds=1))
    went_on.conclude(look_again="as a test")
    assert extend_study("went-on", store, NewLimits(9, {}), look_again=None)
    went_on.run()
    aside = search_iris(store, name="aside")
    winner = winner_of(aside.stored.trials, Metric.ERROR).number
    set_aside("aside", LaunchConfig(storage=store.url), winner, None)
    store.create("somebody-elses", {"owner": "optuna"})

    lines = listed(store)
    assert len(lines) == 12
    assert [name for name, line in lines.items() if line.went_on_after_look] == ["went-on"]
    assert_as_reported(store, lines)
    of_worse = next(trial.value for trial in confirmed.stored.trials if trial.number == worse)
    assert lines["confirmed"].dev_metric == of_worse


def test_the_optimism_is_that_of_the_winner_and_of_all_that_was_looked_at(store: StudyStore) -> None:
    no_test = SplitConfig(no_test=True)
    aside = search_iris(store, name="aside", split=no_test)
    aside.conclude()
    first = winner_of(aside.stored.trials, Metric.ERROR).number
    of_first = aside.stored.winner
    set_aside("aside", LaunchConfig(storage=store.url), first, None)
    went_on = search_iris(store, name="went-on", split=no_test)
    went_on.conclude()
    assert extend_study(went_on.name, store, NewLimits(9, {}), look_again=None)
    assert store.attributes("went-on")["winner"] is None

    lines = listed(store)
    assert_as_reported(store, lines)
    assert [line.optimism and line.optimism.size for line in lines.values()] == [None, None]
    aside.conclude()
    went_on.run()
    went_on.conclude()
    lines = listed(store)
    assert_as_reported(store, lines)
    assert [line.optimism and line.optimism.n_trials for line in lines.values()] == [
        sum(trial.value is not None for trial in study.stored.trials) for study in (aside, went_on)
    ]
    assert all(line.optimism and line.optimism.size for line in lines.values())
    store.set_attribute("aside", "winner", of_first)  # an older winner's
    lines = listed(store)
    assert_as_reported(store, lines)
    assert lines["aside"].optimism is not None
    assert lines["aside"].optimism.size is None


def test_of_equals_the_winner_is_the_one_with_the_lower_loss(store: StudyStore) -> None:
    study = search_iris(store, trials=12, split=SplitConfig(no_test=True))
    complete = [trial for trial in study.stored.trials if trial.state.name == "COMPLETE"]
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE trial_values SET value = 0.25"))
    losses = {trial.number: trial.user_attrs["dev_loss"] for trial in complete}
    winner = min(losses, key=losses.__getitem__)
    assert winner != min(losses)
    for measured in losses:
        store.set_attribute("iris", "winner", {"trial": measured, "standard_errors": {"dev": 0.1}})
        optimism = listed(store)["iris"].optimism
        assert optimism is not None
        assert (optimism.size is not None) == (measured == winner)


@pytest.mark.parametrize(
    ("state", "value"), [(TrialState.COMPLETE, 0.0), (TrialState.FAIL, None), (TrialState.PRUNED, None)]
)
@pytest.mark.parametrize("is_confirmation", [False, True])
def test_what_another_tool_tells_of_a_running_trial_is_no_figure(
    is_confirmation: bool,  # noqa: FBT001 (a parameter of the test)
    state: TrialState,
    value: float | None,
    store: StudyStore,
) -> None:
    study = begin_iris(store, split=SplitConfig(no_test=True))
    if not is_confirmation:
        study.run_some(2)
    else:
        study.run()
        # Confirmed by what was told, it would win.
        worst = ranking(study.stored.trials, Metric.ERROR)[-1]
        begin_run(store, "iris", worst, number=len(study.stored.trials))
    told = running(study)
    assert [record_of(trial).is_confirmation for trial in told[:1]] == [is_confirmation]
    before = listed(store)["iris"]
    plain = optuna.load_study(study_name="iris", storage=store.optuna_storage)
    for trial in told:
        plain.tell(trial.number, value, state=state)

    line = listed(store)["iris"]
    assert line == before
    assert_as_reported(store, {"iris": line})
    assert line.state is StudyState.STOPPED


def running(study: IrisStudy) -> list[FrozenTrial]:
    return [trial for trial in study.stored.trials if trial.state is TrialState.RUNNING]


def test_a_running_confirmation_of_one_that_is_no_finalist_is_left_to_run(store: StudyStore) -> None:
    confirmed = ConfirmationConfig(finalists=1, seeds=1)
    study = search_iris(store, confirmation=confirmed)
    assert extend_study(study.name, store, NewLimits(7, {}), look_again=None)
    study.run()
    assert listed(store)["iris"].state is StudyState.ENDED
    trials = store.trials("iris")
    other = next(trial for trial in searched(trials) if trial.number not in (study.stored.finalists or ()))
    begin_run(store, "iris", other, number=len(trials))
    assert not study.stored.is_over
    assert_as_reported(store, listed(store))
    assert listed(store)["iris"].state is StudyState.STOPPED


def test_a_study_is_running_stopped_or_ended(store: StudyStore) -> None:
    search_iris(store, name="ended")
    begin_iris(store, name="begun")
    confirmed = ConfirmationConfig(finalists=1, seeds=1)
    search_iris(store, name="to-confirm", confirmation=confirmed)
    with Lease.take(store.engine, "begun"):
        states = {name: line.state for name, line in listed(store).items()}
        assert states == {
            "ended": StudyState.ENDED,
            "begun": StudyState.RUNNING,
            "to-confirm": StudyState.ENDED,
        }
    assert listed(store)["begun"].state is StudyState.STOPPED
    for name in states:
        is_over = load_study(store, name).is_over
        assert (listed(store)[name].state is StudyState.ENDED) == is_over


def test_one_that_cannot_be_read_hides_no_other(
    store: StudyStore, capsys: pytest.CaptureFixture[str]
) -> None:
    search_iris(store)
    for name, key, value in (
        ("newer", "format", 1000),
        ("odd", "config", {"name": "odd"}),
        ("bent", "config", "none"),
    ):
        begin_iris(store, name=name)
        store.set_attribute(name, key, value)
    found = summaries_in(LaunchConfig(storage=store.url))
    assert [each.study for each in found.readable] == ["iris"]
    newer, odd, bent = found.refusals
    assert "study 'newer' was written by a newer Proctor" in newer
    assert odd.startswith("study 'odd': what is stored of it cannot be read: KeyError: ")
    assert bent.startswith("study 'bent': what is stored of it cannot be read: TypeError: ")
    assert run_command(["list", "--storage", store.url]) == 0
    out = capsys.readouterr().out
    assert "iris" in out
    assert all(refusal in out for refusal in found.refusals)


DAMAGE = {
    "test_fingerprint": ["{", '{"bent": 1'],
    "identity": ["{}", "3", "null", "{"],
    "round": ['{"number": 2}', '"second"', '{"first": 3, "number": 2}', '{"first": {"key": []}}'],
    "extensions": ["3", "[3]", "{"],
    "finalists": ["{", "3"],
    "rounds_ending": ['{"reason": "x"}', "3"],
    "winner": ["3", '{"trial": 0}', "{"],
}


@pytest.mark.parametrize(("key", "written"), [(key, each) for key, all_ in DAMAGE.items() for each in all_])
def test_one_that_is_damaged_hides_no_other(key: str, written: str, tmp_path: Path) -> None:
    with closing(StudyStore(f"sqlite:///{tmp_path / 'proctor.db'}", create=True)) as store:
        search_iris(store, trials=2, split=SplitConfig(no_test=True)).conclude()
        copy_studies(store, {"iris": "whole"})
        for name in (key, "archived"):
            store.set_attribute("iris", name, None)
        with store.engine.begin() as connection:
            statement = (
                "UPDATE study_user_attributes SET value_json = :json WHERE key = :key AND study_id = 1"
            )
            connection.execute(text(statement), {"json": written, "key": key})
        assert_the_other_is_listed(store)


@pytest.mark.parametrize("written", [None, [], {"count": "many"}])
def test_rounds_that_are_damaged_hide_no_other_study(written: object, tmp_path: Path) -> None:
    with closing(StudyStore(f"sqlite:///{tmp_path / 'proctor.db'}", create=True)) as store:
        search_iris(store, trials=2, split=SplitConfig(no_test=True)).conclude()
        copy_studies(store, {"iris": "whole"})
        config = dict(store.attributes("iris")["config"])
        store.set_attribute("iris", "config", {**config, "rounds": written})
        assert_the_other_is_listed(store)


def assert_the_other_is_listed(store: StudyStore) -> None:
    found = summaries_in(LaunchConfig(storage=store.url))
    (whole,) = [each for each in found.readable if each.study == "whole"]
    assert whole.optimism is not None
    assert len(found.readable) + len(found.refusals) == 2
    assert all(
        refusal.startswith("study 'iris': what is stored of it cannot be read: ")
        for refusal in found.refusals
    )


def test_a_locked_file_is_waited_for_as_long_as_by_other_commands(tmp_path: Path) -> None:
    with closing(StudyStore(f"sqlite:///{tmp_path / 'proctor.db'}", create=True)) as store:
        waits = []
        for engine in (store.engine, engine_for_reading(parse_url(store.url))):
            with engine.connect() as connection:
                waits.append(connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one())
            engine.dispose()
        assert waits == [60_000, 60_000]


def test_filters(store: StudyStore, capsys: pytest.CaptureFixture[str]) -> None:
    search_iris(store).conclude()
    search_iris(store, name="iris-2")
    search_iris(store, name="plain", split=SplitConfig(no_test=True))
    begin_iris(store, table="diabetes", name="other")

    def names(*words: str) -> list[str]:
        assert run_command(["list", *words, "--json", "--storage", store.url]) == 0
        return [study["study"] for study in json.loads(capsys.readouterr().out)["studies"]]

    assert names() == ["iris", "iris-2", "plain", "other"]
    assert names("iris*") == ["iris", "iris-2"]
    assert names("iris") == ["iris"]
    assert names("--table", "diabetes") == ["other"]
    assert names("--state", "ended") == ["iris", "iris-2", "plain"]
    assert names("--state", "stopped") == ["other"]
    assert names("--opened") == ["iris"]
    assert names("--sealed") == ["iris-2", "other"]
    assert names("-n", "1") == ["plain"]
    yesterday, tomorrow = (f"{datetime.now(UTC) + timedelta(days=days):%Y-%m-%d}" for days in (-1, 2))
    assert names("--since", yesterday) == ["iris", "iris-2", "plain"]
    assert names("--since", tomorrow) == []
    assert run_command(["list", "--opened", "--sealed", "--storage", store.url]) == 2
    assert "--opened and --sealed: expected one of them" in capsys.readouterr().err


def test_what_is_archived_is_marked_and_what_is_not_found_is_told_with_what_there_is(
    store: StudyStore, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROCTOR_STORAGE", store.url)

    def says(*words: str) -> str:
        assert run_command(["list", *words]) == 0
        return capsys.readouterr().out

    search_iris(store)
    search_iris(store, name="old", trials=2)
    assert says("none*", "--state", "ended") == (
        "no study matches 'none*' --state ended: `proctor list` lists 2\n"
    )
    archive_studies(store, ["old"])
    assert "old" not in says()
    assert "ended, archived" in says("--archived")
    assert says("--sealed", "-n", "1", "--table", "x.csv") == (
        "no study matches --table x.csv --sealed: `proctor list` lists 1, and `proctor list --archived` lists"
        " 1 more, archived\n"
    )
    with Lease.take(store.engine, "old"):
        assert "running, archived" in says()
    archive_studies(store, ["iris"])
    assert says() == "no study is to be listed: `proctor list --archived` lists 2 more, archived\n"


def test_a_table_is_named_with_or_without_its_directory(tmp_path: Path) -> None:
    with closing(StudyStore(f"sqlite:///{tmp_path / 'proctor.db'}", create=True)) as store:
        search_iris(store)
        (line,) = listed(store).values()
    line = line.model_copy(update={"table": "/data/houses.csv"})
    assert [Wanted(table=table).of([line]) for table in ("houses.csv", "/data/houses.csv", "houses")] == [
        [line],
        [line],
        [],
    ]


COPY = """
INSERT INTO studies VALUES (:number, :name);
INSERT INTO study_user_attributes (study_id, key, value_json)
    SELECT :number, key, value_json FROM study_user_attributes WHERE study_id = 1;
INSERT INTO trials (trial_id, number, study_id, state, datetime_start, datetime_complete)
    SELECT trial_id + :shift, number, :number, state, datetime_start, datetime_complete
    FROM trials WHERE study_id = 1;
INSERT INTO trial_values (trial_id, objective, value, value_type)
    SELECT trial_id + :shift, objective, value, value_type FROM trial_values WHERE trial_id < 1000;
INSERT INTO trial_user_attributes (trial_id, key, value_json)
    SELECT trial_id + :shift, key, value_json FROM trial_user_attributes WHERE trial_id < 1000
"""
"""Copies the first study's rows that a listing reads."""


def many(tmp_path: Path, n: int) -> IrisStudy:
    """Make n studies of twenty trials each: one that is run, and copies of it."""
    study = search_iris(StudyStore(f"sqlite:///{tmp_path / 'proctor.db'}", create=True), trials=20)
    study.conclude()
    with study.store.engine.begin() as connection:
        for number in range(2, n + 1):
            row = {"number": number, "name": f"iris-{number}", "shift": 1000 * number}
            for statement in COPY.split(";"):
                connection.execute(text(statement), row)
    return study


@pytest.mark.parametrize("n", [1, 30])
def test_there_are_as_many_queries_for_one_study_as_for_many(n: int, tmp_path: Path) -> None:
    store, statements = many(tmp_path, n).store, []
    with store.engine.connect() as connection:
        event.listen(store.engine, "before_cursor_execute", lambda *about: statements.append(about[2]))
        assert len(read_overviews(connection)) == n
    assert len([statement for statement in statements if "PRAGMA" not in statement]) == 6
    store.close()


def test_nothing_heavy_is_imported(tmp_path: Path) -> None:
    many(tmp_path, 2).store.close()
    code = (
        "import sys; from service.cli import run_command; assert run_command(['list']) == 0;"
        f" print(sorted({HEAVY} & {{name.partition('.')[0] for name in sys.modules}}))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert ended.stdout.splitlines()[-1] == "[]"
    assert "iris-2" in ended.stdout
