"""A study is the same under another name, a copy is a study of its own, and the ledger forgets nothing."""

from collections.abc import Callable, Iterator
from typing import Any

import optuna
import pytest
from sqlalchemy import MetaData, select

from service.commands.study_keeping import delete_study, rename_study
from service.commands.trials import set_aside
from service.commands.unseal import unseal_study
from service.configuration.launch_config import LaunchConfig
from service.errors import BadInputError
from service.study.search.enqueued_points import warm_start_points
from service.study.search.more_trials import NewLimits, extend_study
from service.study.storage import optuna_tables as tables
from service.study.storage.lease import Lease
from service.study.storage.storage_errors import StorageError, StudyHeldError
from service.study.storage.stored_study import load_study
from service.study.storage.study_keeping import archive_studies, copy_studies, delete_studies, rename_studies
from service.study.storage.study_store import StudyStore
from tests.service.iris_study import IrisStudy, begin_iris, search_iris
from tests.service.study.search.studies import content


@pytest.fixture
def iris(studies_url: str) -> Iterator[IrisStudy]:
    """Return a study whose test set was opened."""
    study = search_iris(StudyStore(studies_url, create=True), trials=3)
    study.conclude()
    yield study
    study.store.close()


def named(iris: IrisStudy, name: str) -> IrisStudy:
    """Return the study of a name beside it."""
    return IrisStudy(iris.store, iris.prepared, name)


def copied_by_optuna(iris: IrisStudy, name: str) -> IrisStudy:
    """Copy it as another tool does."""
    optuna.copy_study(
        from_study_name=iris.name,
        from_storage=iris.store.optuna_storage,
        to_storage=iris.store.optuna_storage,
        to_study_name=name,
    )
    return named(iris, name)


def renamed_by_the_dashboard(iris: IrisStudy, name: str) -> IrisStudy:
    """Give it a name as optuna-dashboard does: by a copy, after which the study is deleted."""
    copy = copied_by_optuna(iris, name)
    optuna.delete_study(study_name=iris.name, storage=iris.store.optuna_storage)
    return copy


def renamed(iris: IrisStudy, name: str) -> IrisStudy:
    rename_studies(iris.store, {iris.name: name})
    return named(iris, name)


def copied(iris: IrisStudy, name: str) -> IrisStudy:
    copy_studies(iris.store, {iris.name: name})
    return named(iris, name)


def rows_of(store: StudyStore) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows of a database, by table."""
    schema = MetaData()
    schema.reflect(store.engine)
    with store.engine.connect() as connection:
        return {
            name: [tuple(row) for row in connection.execute(select(table))]
            for name, table in schema.tables.items()
        }


@pytest.mark.parametrize("rename", [renamed, renamed_by_the_dashboard])
def test_under_another_name_it_is_the_same_study(
    iris: IrisStudy, rename: Callable[[IrisStudy, str], IrisStudy]
) -> None:
    before, trials = iris.report, content(iris.store, "iris")
    after = rename(iris, "a new name & more")
    assert content(after.store, after.name) == trials
    assert after.stored.config.name == after.report.study == "a new name & more"
    assert after.report.test == before.test is not None
    assert [look.study_name for look in after.looks] == ["a new name & more"]
    assert (after.report.copy_of, after.report.earlier_looks) == (None, None)
    with pytest.raises(StorageError, match="no study 'iris'"):
        load_study(iris.store, "iris")


@pytest.mark.parametrize("rename", [renamed, renamed_by_the_dashboard])
def test_a_new_study_of_the_old_name_has_nothing_of_it(
    iris: IrisStudy, rename: Callable[[IrisStudy, str], IrisStudy]
) -> None:
    old = rename(iris, "old")
    new = search_iris(iris.store, trials=1)
    assert (new.report.test, new.looks) == (None, ())
    assert new.report.earlier_looks is not None
    assert "by study old (" in new.report.earlier_looks.sentence
    assert len(old.looks) == 1


@pytest.mark.parametrize("copy", [copied, copied_by_optuna])
def test_a_copy_is_a_study_of_its_own_that_says_what_it_came_from(
    iris: IrisStudy, copy: Callable[[IrisStudy, str], IrisStudy]
) -> None:
    twin = copy(iris, "twin")
    assert content(iris.store, "twin") == content(iris.store, "iris")
    assert (twin.looks, twin.report.test, twin.report.copy_of) == ((), None, "iris")
    assert twin.report.earlier_looks is not None
    assert "by study iris (" in twin.report.earlier_looks.sentence
    twin.conclude(look_again="to see whether it is the same")
    assert (len(twin.looks), len(iris.looks)) == (1, 1)
    assert twin.report.test == iris.report.test
    assert [(look.study, look.look) for look in iris.report.looks] == [("iris", 1), ("twin", 1)]


def test_a_copy_lists_hyperparameters_in_its_originals_order(iris: IrisStudy) -> None:
    twin = copied(iris, "twin")
    orders = [list(trial.params) for trial in iris.stored.trials]
    assert [list(trial.params) for trial in twin.stored.trials] == orders


def test_what_goes_on_in_a_copy_leaves_the_original_alone(iris: IrisStudy) -> None:
    twin, before = copied(iris, "twin"), rows_of(iris.store)
    iris.store.set_attribute("twin", "winner", None)
    with Lease.take(iris.store.engine, "twin"), Lease.take(iris.store.engine, "iris"):
        pass
    twin.conclude()
    changed = rows_of(iris.store)
    mine = iris.stored.identity.study_id
    for table in ("trials", "study_user_attributes", "proctor_dev_predictions"):
        assert [row for row in changed[table] if mine in row] == [row for row in before[table] if mine in row]


RENAMED = "proctor run iris --name {}"


@pytest.mark.parametrize("rename", [renamed, renamed_by_the_dashboard, copied, copied_by_optuna])
def test_the_command_that_gives_it_again_has_the_present_name(
    iris: IrisStudy, rename: Callable[[IrisStudy, str], IrisStudy]
) -> None:
    assert iris.report.reproduce == "proctor run iris"
    new = rename(iris, "new")
    assert new.report.reproduce == RENAMED.format("new")
    with iris.store.take_lease("new"):
        pass
    assert iris.store.attributes("new")["command"] == RENAMED.format("new")
    newer = rename(new, "newer")
    assert newer.report.reproduce == RENAMED.format("newer")


@pytest.mark.parametrize("rename", [renamed, renamed_by_the_dashboard])
def test_a_study_that_points_come_from_is_told_by_its_present_name(
    iris: IrisStudy, rename: Callable[[IrisStudy, str], IrisStudy]
) -> None:
    points = warm_start_points(iris.stored, iris.stored.config.space)
    warm = begin_iris(iris.store, name="warm", trials=3, warm_start="iris", enqueued=points)
    warm.run()
    rename(iris, "new")
    report = warm.report
    assert set(report.origins) == {"default", "study new"}
    assert report.reproduce == "proctor run iris --warm-start new"
    assert warm.stored.config.warm_start == "new"
    delete_studies(iris.store, ["new"])
    assert set(warm.report.origins) == {"default", "study iris"}  # as it was called then


def go_on(iris: IrisStudy, trials: int) -> None:
    """Let a study's search go on."""
    assert extend_study(iris.name, iris.store, NewLimits(trials, {}), look_again=None)
    iris.run()
    iris.conclude()


@pytest.mark.parametrize("copy", [copied, copied_by_optuna])
def test_a_copys_search_that_goes_on_after_its_originals_look_is_marked_whatever_becomes_of_that(
    iris: IrisStudy, copy: Callable[[IrisStudy, str], IrisStudy]
) -> None:
    twin = copy(iris, "twin")
    go_on(twin, 5)
    (after,) = twin.report.searches_after_looks
    assert (after.look, after.n_trials, after.n_after) == (1, 3, 2)
    optuna.delete_study(study_name="iris", storage=iris.store.optuna_storage)
    assert (twin.report.test, twin.looks, twin.report.copy_of) == (None, (), None)
    assert len(twin.report.searches_after_looks) == 1
    twin.conclude(look_again="to see the new winner")
    assert len(twin.looks) == 1


def test_a_copy_does_not_take_a_deleted_originals_place(iris: IrisStudy) -> None:
    twin = copied_by_optuna(iris, "twin")
    delete_studies(iris.store, ["iris"])
    assert (twin.report.test, twin.looks) == (None, ())
    assert twin.report.earlier_looks is not None


@pytest.mark.parametrize("copy", [copied, copied_by_optuna])
def test_a_reason_to_look_again_is_not_copied(
    iris: IrisStudy, copy: Callable[[IrisStudy, str], IrisStudy]
) -> None:
    iris.store.set_attribute("iris", "look_again", "why not")
    twin = copy(iris, "twin")
    assert twin.stored.look_again is None
    with iris.store.take_lease("twin"):
        pass
    assert twin.stored.look_again is None


def test_a_renamed_study_that_was_run_since_keeps_its_openings_when_it_is_copied(iris: IrisStudy) -> None:
    new = renamed_by_the_dashboard(iris, "new")
    with iris.store.take_lease("new"):
        pass
    copied_by_optuna(new, "twin")
    assert len(new.looks) == 1
    assert new.report.test is not None


@pytest.mark.parametrize("copy", [copied, copied_by_optuna])
def test_no_trial_is_set_aside_in_a_copy_of_an_opened_study(
    iris: IrisStudy, copy: Callable[[IrisStudy, str], IrisStudy]
) -> None:
    copy(iris, "twin")
    with pytest.raises(BadInputError, match="the test set was opened for study 'iris'"):
        set_aside("twin", LaunchConfig(storage=iris.store.url), 0, None)


def test_an_opening_waits_for_nobody_who_runs_the_study(iris: IrisStudy) -> None:
    with Lease.take(iris.store.engine, "iris"), pytest.raises(StudyHeldError):
        unseal_study("iris", LaunchConfig(storage=iris.store.url), reason="again")
    assert len(iris.looks) == 1


def test_a_damaged_identity_is_one_studys_trouble(iris: IrisStudy) -> None:
    other = search_iris(iris.store, name="other", trials=1)
    iris.store.set_attribute("other", "identity", {"key": None})
    assert iris.report.test is not None
    with pytest.raises(StorageError, match="study 'other'"):
        _ = other.report


def test_a_study_of_another_version_is_deleted_and_renamed(iris: IrisStudy) -> None:
    iris.store.set_attribute("iris", "format", 3)
    launch = LaunchConfig(storage=iris.store.url)
    rename_study("iris", "old", launch)
    delete_study("old", launch)
    assert iris.store.study_names() == []


def test_a_copy_has_what_the_best_trials_predicted(iris: IrisStudy) -> None:
    copied(iris, "twin")
    there, here = iris.store.dev_predictions("iris"), iris.store.dev_predictions("twin")
    assert there.keys() == here.keys() != set()
    assert all((there[number] == here[number]).all() for number in there)


def test_of_a_deleted_study_the_ledger_keeps_its_openings_and_nothing_else_is_left(iris: IrisStudy) -> None:
    empty = {name: len(rows) for name, rows in rows_of(iris.store).items()}
    search_iris(iris.store, name="other", trials=2).conclude(look_again="as a test")
    before = rows_of(iris.store)
    delete_studies(iris.store, ["iris"])
    delete_studies(iris.store, ["other"])
    after = rows_of(iris.store)
    kept = {"proctor_openings", "version_info", "alembic_version"}
    assert {name for name, rows in after.items() if rows} <= kept
    assert after["proctor_openings"] == before["proctor_openings"]
    assert empty["trials"] > 0
    new = search_iris(iris.store, trials=1)
    assert new.report.earlier_looks is not None
    assert "by study iris, since deleted (" in new.report.earlier_looks.sentence
    assert "by study other, since deleted (" in new.report.earlier_looks.sentence
    assert new.looks == ()


@pytest.mark.parametrize(
    "act",
    [
        lambda store: rename_studies(store, {"iris": "new"}),
        lambda store: copy_studies(store, {"iris": "new"}),
        lambda store: delete_studies(store, ["iris"]),
        lambda store: archive_studies(store, ["iris"]),
    ],
)
def test_a_running_study_is_left_alone(iris: IrisStudy, act: Callable[[StudyStore], None]) -> None:
    with Lease.take(iris.store.engine, "iris"):
        before = rows_of(iris.store)
        with pytest.raises(StudyHeldError, match="study 'iris' is running: "):
            act(iris.store)
        assert rows_of(iris.store) == before
    act(iris.store)


@pytest.mark.parametrize("act", [rename_studies, copy_studies])
def test_a_name_that_is_taken_is_refused_and_nothing_is_done(
    iris: IrisStudy, act: Callable[[StudyStore, dict[str, str]], None]
) -> None:
    copied(iris, "twin")
    before = rows_of(iris.store)[tables.studies.name]
    with pytest.raises(StorageError, match="study 'twin' exists"):
        act(iris.store, {"iris": "other", "twin": "twin"})
    assert rows_of(iris.store)[tables.studies.name] == before
