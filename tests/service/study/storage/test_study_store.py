"""Studies are kept whole, in plain Optuna's form, and errors never show a password."""

import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import optuna
import pytest
import sqlalchemy
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import TrialState

from search_spaces.values import Value
from service.study.storage.database_url import file_url
from service.study.storage.kept_trials import AskedTrial, TrialResult
from service.study.storage.storage_errors import StorageError, StudyConflictError
from service.study.storage.study_store import StudyStore

DISTRIBUTIONS = {
    "learning_rate": FloatDistribution(1e-5, 1.0, log=True),
    "width": IntDistribution(8, 64, step=8),
    "optimizer": CategoricalDistribution(("adam", "sgd")),
    "batch_size": CategoricalDistribution((16, 32)),
}
VALUES: dict[str, Value] = {"learning_rate": 0.1 + 0.2, "width": 24, "optimizer": "sgd", "batch_size": 32}
METRICS = [0.5, 1 / 3, 0.1 + 0.2]


@pytest.fixture
def store(storage_url: str) -> Iterator[StudyStore]:
    store = StudyStore(storage_url, create=True)
    store.create("study", {"seed": 3})
    yield store
    store.close()


def asked(number: int) -> AskedTrial:
    return AskedTrial(number, VALUES, DISTRIBUTIONS, {"seed": number, "virtual_start": 0.0})


def ended(number: int) -> TrialResult:
    return TrialResult(number, TrialState.COMPLETE, METRICS[-1], METRICS, {"worker": "here", "runs": 1})


def test_what_is_kept_comes_back_through_plain_optuna_to_the_last_bit(
    store: StudyStore, storage_url: str
) -> None:
    store.record("study", ended=[], asked=[asked(0), asked(1)])
    store.record("study", ended=[ended(1)], asked=[asked(2)])

    storage = optuna.storages.RDBStorage(storage_url)
    trials = optuna.load_study(study_name="study", storage=storage).trials
    assert [trial.state.name for trial in trials] == ["RUNNING", "COMPLETE", "RUNNING"]
    assert [trial.number for trial in trials] == [0, 1, 2]
    assert trials[1].params == VALUES
    assert trials[1].distributions == DISTRIBUTIONS
    assert trials[1].value == METRICS[-1]
    assert trials[1].intermediate_values == dict(enumerate(METRICS, start=1))
    assert trials[1].user_attrs == {"seed": 1, "virtual_start": 0.0, "worker": "here", "runs": 1}
    assert trials[1].datetime_complete is not None
    storage.remove_session()
    storage.engine.dispose()


def test_a_step_is_kept_whole_or_not_at_all(store: StudyStore) -> None:
    store.record("study", ended=[], asked=[asked(0)])
    with pytest.raises(StudyConflictError, match="trial 5 is not running in the database"):
        store.record("study", ended=[ended(0), ended(5)], asked=[asked(1)])

    (trial,) = store.trials("study")
    assert trial.state is TrialState.RUNNING
    assert not trial.intermediate_values


def test_a_result_is_written_once(store: StudyStore) -> None:
    store.record("study", ended=[], asked=[asked(0)])
    store.record("study", ended=[ended(0)], asked=[])
    with pytest.raises(StudyConflictError, match=r"trial 0 is not running .* another process works on"):
        store.record("study", ended=[ended(0)], asked=[])


def test_a_trials_number_is_given_once(store: StudyStore) -> None:
    store.record("study", ended=[], asked=[asked(0)])
    with pytest.raises(StudyConflictError, match="trial 0 cannot be begun, the study has 1 trials"):
        store.record("study", ended=[], asked=[asked(0)])
    assert len(store.trials("study")) == 1


def test_of_two_coordinators_at_once_one_writes_and_the_other_is_refused(
    store: StudyStore, storage_url: str
) -> None:
    """Eight trials, each asked and ended by both at once: whoever comes second finds it taken."""
    other = StudyStore(storage_url, create=False)
    at_once = threading.Barrier(2, timeout=30)

    def record(mine: StudyStore, step: Mapping[str, Any]) -> bool:
        at_once.wait()
        try:
            mine.record("study", **step)
        except StudyConflictError:
            return False
        return True

    with ThreadPoolExecutor(2) as threads:
        for number in range(8):
            for step in ({"ended": [], "asked": [asked(number)]}, {"ended": [ended(number)], "asked": []}):
                wrote = threads.map(record, [store, other], [step, step])
                assert sorted(wrote) == [False, True]
    other.close()
    assert [trial.number for trial in store.trials("study")] == list(range(8))


def test_a_database_that_is_gone_is_told_and_no_traceback(tmp_path: Path) -> None:
    file = tmp_path / "proctor.db"
    store = StudyStore(file_url(file), create=True)
    store.create("study", {})
    store.close()
    for path in tmp_path.iterdir():
        path.unlink()

    with pytest.raises(StorageError, match=r"storage sqlite:///.*proctor\.db: no such table"):
        store.record("study", ended=[], asked=[asked(0)])


def test_a_study_keeps_its_attributes(store: StudyStore) -> None:
    store.set_attribute("study", "winner", {"trial": 4})
    kept = store.attributes("study")
    assert (kept["seed"], kept["winner"]) == (3, {"trial": 4})


def test_an_attribute_that_many_change_at_once_loses_no_change(store: StudyStore, storage_url: str) -> None:
    others = [StudyStore(storage_url, create=False) for _ in range(4)]

    def add(number: int) -> None:
        others[number % 4].update_attribute("study", "enqueued", lambda found: [*(found or []), number])

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(add, range(24)))
    assert sorted(store.attributes("study")["enqueued"]) == list(range(24))
    for other in others:
        other.close()


def test_a_change_that_fails_leaves_an_attribute_as_it_is(store: StudyStore) -> None:
    def refuse(found: int) -> int:
        raise ValueError(f"not {found}")

    with pytest.raises(ValueError, match="not 3"):
        store.update_attribute("study", "seed", refuse)
    assert store.attributes("study")["seed"] == 3
    with pytest.raises(StorageError, match=r"no study 'studdy' in .*; did you mean study\?"):
        store.set_attribute("studdy", "seed", 4)


def test_a_name_is_given_once(store: StudyStore) -> None:
    with pytest.raises(StorageError, match=r"study 'study' exists in .*proctor resume study"):
        store.create("study", {})
    assert store.study_names() == ["study"]


def test_a_study_that_is_not_there_is_told_with_the_nearest(store: StudyStore) -> None:
    with pytest.raises(StorageError, match=r"no study 'studdy' in .*; did you mean study\?"):
        store.trials("studdy")


def test_others_read_while_the_coordinator_writes(store: StudyStore, storage_url: str) -> None:
    faults: list[Exception] = []
    is_over = threading.Event()

    def read() -> None:
        reader = StudyStore(storage_url, create=False)
        try:
            while not is_over.is_set():
                for trial in reader.trials("study"):
                    assert trial.state is TrialState.RUNNING or len(trial.intermediate_values) == len(METRICS)
        except Exception as error:  # noqa: BLE001 (told by the test's own thread)
            faults.append(error)
        finally:
            reader.close()

    thread = threading.Thread(target=read)
    thread.start()
    for number in range(30):
        store.record("study", ended=[], asked=[asked(number)])
        store.record("study", ended=[ended(number)], asked=[])
    is_over.set()
    thread.join()
    assert not faults


def test_sqlite_files_are_written_ahead_and_synced_in_full(tmp_path: Path) -> None:
    store = StudyStore(file_url(tmp_path / "proctor.db"), create=True)
    with store.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
    store.close()


def test_reading_makes_no_file_and_no_tables(tmp_path: Path) -> None:
    missing = tmp_path / "missing.db"
    with pytest.raises(StorageError, match=r"no studies here: .*missing\.db does not exist"):
        StudyStore(file_url(missing), create=False)
    assert not missing.exists()
    empty = tmp_path / "empty.db"
    empty.touch()
    with pytest.raises(StorageError, match=r"no studies in .* yet: `proctor run` begins one"):
        StudyStore(file_url(empty), create=False)
    assert empty.read_bytes() == b""


def test_what_is_no_database_is_told(tmp_path: Path) -> None:
    letter = tmp_path / "letter.db"
    letter.write_text("Dear reader, " * 100)
    with pytest.raises(StorageError, match=r"letter\.db: file is not a database"):
        StudyStore(file_url(letter), create=True)
    with pytest.raises(StorageError, match="unable to open database file"):
        StudyStore(file_url(tmp_path / "no" / "such" / "proctor.db"), create=True)


@pytest.mark.parametrize("password", ["s3cret", "p%40ss%2Fw%3Ard"])
def test_a_password_is_never_shown(password: str) -> None:
    with pytest.raises(StorageError) as caught:
        StudyStore(f"postgresql+psycopg://someone:{password}@127.0.0.1:1/studies", create=True)
    said = str(caught.value)
    decoded = sqlalchemy.make_url(f"x://u:{password}@h").password
    assert "someone:***@127.0.0.1:1/studies" in said
    assert password not in said
    assert str(decoded) not in said


@pytest.mark.parametrize("url", ["nonsense", "", "cuckoo://nest", "postgresql+psycopg://u@host:port/studies"])
def test_an_url_that_is_none_is_told(url: str) -> None:
    with pytest.raises(StorageError, match=r"expected a database URL|no driver for it is installed"):
        StudyStore(url, create=True)


@pytest.mark.parametrize("alike", [((1, 2), (1.0, 2.0)), ((True, False), (1, 0))])
def test_choices_that_are_equal_to_optuna_are_each_written_as_they_are(
    alike: tuple[tuple[Value, ...], ...], store: StudyStore, storage_url: str
) -> None:
    for number, choices in enumerate(alike):
        distributions = {"width": CategoricalDistribution(choices)}
        store.record("study", ended=[], asked=[AskedTrial(number, {"width": choices[0]}, distributions, {})])

    storage = optuna.storages.RDBStorage(storage_url)
    trials = optuna.load_study(study_name="study", storage=storage).trials
    read = [trial.distributions["width"] for trial in trials]
    storage.remove_session()
    storage.engine.dispose()
    assert [repr(distribution) for distribution in read] == [
        f"{CategoricalDistribution(it)!r}" for it in alike
    ]
