"""All trials are listed and written to files; one that a person sets aside is told, and never wins."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import optuna
import polars as pl
import pytest
from click.testing import CliRunner
from optuna.trial import TrialState
from sqlalchemy import text

from service.cli import proctor
from service.commands.advise import advise_study
from service.commands.export import export_study
from service.commands.trials import put_back, set_aside
from service.commands.unseal import unseal_study
from service.configuration.launch_config import LaunchConfig
from service.configuration.study_config import ConfirmationConfig
from service.errors import BadInputError
from service.report.facts.trials import trial_rows
from service.report.terminal.report_text import search_lines
from service.study.search.coordinator import Coordinator
from service.study.search.winner import ranking, winner_of
from service.study.storage.database import check_name_is_free
from service.study.storage.kept_trials import record_of, searched
from service.study.storage.lease import Lease
from service.study.storage.storage_errors import StorageError, StudyHeldError
from tests.service.iris_study import IrisStudy, begin_iris, new_store, search_iris
from tests.service.study.search.studies import Witness
from workers.metrics.metric import Metric

CONFIRMED: dict[str, Any] = {"trials": 6, "confirmation": ConfirmationConfig(finalists=2, seeds=1)}


@pytest.fixture
def iris(tmp_path: Path) -> Iterator[IrisStudy]:
    study = search_iris(new_store(tmp_path), **CONFIRMED)
    yield study
    study.store.close()


def launch_of(iris: IrisStudy) -> LaunchConfig:
    return LaunchConfig(storage=iris.store.url)


def says(iris: IrisStudy, *arguments: str) -> str:
    ran = CliRunner().invoke(proctor, ["trials", "iris", "--storage", iris.store.url, *arguments])
    assert ran.exit_code == 0, (ran.output, ran.exception)
    return ran.stdout


def winner(iris: IrisStudy) -> int:
    return winner_of(iris.stored.trials, Metric.ERROR).number


def test_all_trials_are_listed_by_number_and_written_with_typed_columns(
    iris: IrisStudy, tmp_path: Path
) -> None:
    other = optuna.load_study(study_name="iris", storage=iris.store.optuna_storage)
    other.tell(other.ask({"other": optuna.distributions.CategoricalDistribution(["wide"])}), 0.25)
    set_aside("iris", launch_of(iris), 1, "a wrong file")

    listed = json.loads(says(iris, "--json"))
    assert [row["trial"] for row in listed["trials"]] == list(range(9))
    assert [row["kind"] for row in listed["trials"]] == [
        *["searched"] * 6,
        *["confirmation"] * 2,
        "foreign",
    ]
    stored = iris.stored
    for row, trial in zip(listed["trials"], stored.trials, strict=False):
        assert (row["dev_metric"], row["hyperparameters"]) == (trial.value, trial.params)
        assert row["epochs"] == record_of(trial).epochs
    screen = says(iris, "-n", "3")
    assert "confirms" in screen
    assert "3 of 9 trials" in screen
    assert "set aside" in says(iris)
    n_complete = sum(trial.state is TrialState.COMPLETE for trial in stored.trials) + 1
    assert len(json.loads(says(iris, "--json", "--state", "complete"))["trials"]) == n_complete

    for ending in ("csv", "parquet", "json"):
        path = tmp_path / f"trials.{ending}"
        assert says(iris, "-o", f"{path}") == f"{path} written: 9 trials\n"
    frame = pl.read_parquet(tmp_path / "trials.parquet")
    assert frame.height == 9
    assert frame["trial"].to_list() == list(range(9))
    assert frame.schema["learning_rate"] == pl.Float64
    assert frame.schema["width"] == pl.Int64
    assert frame.schema["activation"] == pl.String
    assert frame.schema["started"] == pl.Datetime("ms", "UTC")
    began = stored.trials[0].datetime_start
    assert began is not None
    in_utc = began.astimezone(UTC)
    assert abs(frame["started"][0] - in_utc) < timedelta(milliseconds=1)
    written = f"{in_utc:%Y-%m-%dT%H:%M:%S}.{in_utc.microsecond // 1000:03}Z"
    assert pl.read_csv(tmp_path / "trials.csv", infer_schema=False)["started"][0] == written
    assert json.loads((tmp_path / "trials.json").read_text())[0]["started"] == written
    assert datetime.fromisoformat(listed["trials"][0]["started"]) == in_utc
    assert frame["width"].to_list() == [*(trial.params["width"] for trial in stored.trials), None]
    assert frame["dev_metric"].to_list()[-1] == 0.25
    assert frame["set_aside"].to_list()[:3] == [None, "a wrong file", None]
    assert pl.read_csv(tmp_path / "trials.csv")["learning_rate"].to_list() == frame["learning_rate"].to_list()
    assert json.loads((tmp_path / "trials.json").read_text())[0]["width"] == stored.trials[0].params["width"]
    wrong = CliRunner().invoke(proctor, ["trials", "iris", "--storage", iris.store.url, "-o", "trials.xlsx"])
    assert isinstance(wrong.exception, BadInputError)
    assert "expected a file that ends in .csv, .parquet, .json, got trials.xlsx" in f"{wrong.exception}"
    nowhere = tmp_path / "none" / "trials.csv"
    wrong = CliRunner().invoke(proctor, ["trials", "iris", "--storage", iris.store.url, "-o", f"{nowhere}"])
    assert isinstance(wrong.exception, BadInputError)
    assert f"{wrong.exception}".endswith(f"cannot be written: there is no directory {nowhere.parent}")


def test_another_tools_value_is_shown_as_it_was_written(iris: IrisStudy) -> None:
    other = optuna.load_study(study_name="iris", storage=iris.store.optuna_storage)
    other.tell(other.ask(), -5.0)
    line = next(line for line in says(iris).splitlines() if "foreign" in line)
    assert line.split()[:4] == ["8", "foreign", "complete", "-5"]


def test_a_winner_that_is_set_aside_makes_way_for_the_next_and_is_told(iris: IrisStudy) -> None:
    iris.conclude(keep_sealed=True)
    first, second = ranking(iris.stored.trials, Metric.ERROR)[:2]
    measured = iris.stored.winner
    assert measured is not None

    set_aside("iris", launch_of(iris), first.number, "its column was wrong")
    assert winner(iris) == second.number
    assert iris.stored.winner is None  # of another trial
    assert iris.stored.is_over
    told = f"  set aside by hand, neither ranked nor chosen: trial {first.number} (its column was wrong)"
    assert told in search_lines(iris.report)
    report = unseal_study("iris", launch_of(iris), reason=None)
    assert report.test is not None
    assert report.test.winner_trial == second.number
    assert report.winner is not None
    assert report.winner.trial == second.number
    assert report.set_aside == {first.number: "its column was wrong"}


def test_it_may_be_put_back_until_the_test_set_is_opened(iris: IrisStudy) -> None:
    launch, before = launch_of(iris), winner(iris)
    set_aside("iris", launch, before, None)
    assert winner(iris) != before
    put_back("iris", launch, before)
    assert winner(iris) == before
    with pytest.raises(BadInputError, match=f"trial {before} of study 'iris' is not set aside"):
        put_back("iris", launch, before)
    iris.conclude()
    with pytest.raises(BadInputError, match="the test set was opened for study 'iris'"):
        set_aside("iris", launch, before, None)
    assert winner(iris) == before


def test_what_cannot_be_set_aside_is_refused_in_a_line(iris: IrisStudy) -> None:
    launch = launch_of(iris)
    with pytest.raises(
        BadInputError, match=r"has no trial 99: `proctor trials iris --storage \S+` lists them"
    ):
        set_aside("iris", launch, 99, None)
    with pytest.raises(BadInputError, match=r"trial 6 repeats trial \d with another seed"):
        set_aside("iris", launch, 6, None)
    with Lease.take(iris.store.engine, "iris"), pytest.raises(StudyHeldError, match="is running: "):
        set_aside("iris", launch, 0, None)


RUNNING = ("study 'iris' has ", "; it is run by process ", "`proctor watch iris", "`proctor stop iris")


def test_commands_that_need_an_ended_study_say_who_runs_it(iris: IrisStudy, tmp_path: Path) -> None:
    """A resume would be refused: nobody is advised to try one."""
    launch, engine = launch_of(iris), iris.store.engine
    commands: list[Callable[[], object]] = [
        lambda: unseal_study("iris", launch, reason=None),
        lambda: export_study("iris", launch, tmp_path / "model", replace=False, with_onnx=False),
        lambda: advise_study("iris", launch, tmp_path / "next.toml"),
    ]
    with Lease.take(engine, "iris"), pytest.raises(BadInputError, match=r"no diagnosis yet.*; it is run by"):
        advise_study("iris", launch, tmp_path / "next.toml")
    with engine.begin() as connection:
        connection.execute(text("UPDATE trials SET state = 'RUNNING' WHERE number = 7"))
    for command in commands:
        with Lease.take(engine, "iris"), pytest.raises(BadInputError) as refused:
            command()
        assert all(words in str(refused.value) for words in RUNNING), refused.value
        assert "resume" not in str(refused.value)
        with pytest.raises(BadInputError, match=r"has confirmations left: .*; `proctor resume iris"):
            command()


def test_a_name_that_a_running_study_has_is_refused_with_who_runs_it(iris: IrisStudy) -> None:
    launch = launch_of(iris)
    with Lease.take(iris.store.engine, "iris"), pytest.raises(StorageError, match=r"run by .*`proctor stop"):
        check_name_is_free(launch, "iris")
    with pytest.raises(StorageError, match=r"`proctor resume iris.* continues it, --name NAME"):
        check_name_is_free(launch, "iris")
    check_name_is_free(launch, "rose")


def test_a_search_goes_on_to_the_same_points_and_confirms_others(tmp_path: Path) -> None:
    calm = search_iris(new_store(tmp_path), name="calm", **CONFIRMED)
    best = winner_of(searched(calm.stored.trials), Metric.ERROR).number
    for n_ended in (5, 7):  # in the search, and among the confirmations
        iris = begin_iris(calm.store, name=f"iris-{n_ended}", **CONFIRMED)
        run_until(iris, n_ended)
        assert iris.stored.trials[best].state is TrialState.COMPLETE
        set_aside(iris.name, launch_of(iris), best, "too good to be true")
        run_until(iris, 99)

        tried = [(trial.params, trial.value) for trial in searched(iris.stored.trials)]
        assert tried == [(trial.params, trial.value) for trial in searched(calm.stored.trials)]
        assert iris.stored.is_over
        assert winner(iris) != best
        confirmed = {row.confirms for row in trial_rows(iris.stored).trials} - {None}
        assert (best in confirmed) == (n_ended == 7)  # runs that were planned are not planned anew
    calm.store.close()


def run_until(iris: IrisStudy, n_ended: int) -> None:
    """Go on until so many trials have ended, and stop in order."""
    coordinator = Coordinator(
        iris.stored.config,
        iris.prepared.trial_data,
        store=iris.store,
        pool=iris.pool,
        observer=Witness(),
    )

    def is_enough() -> bool:
        return sum(trial.state.is_finished() for trial in iris.store.trials(iris.name)) >= n_ended

    coordinator.run(is_enough, grace_seconds=0)
