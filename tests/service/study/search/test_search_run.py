"""A study's run is the same for every listener: what is heard when, and how long the lease is held."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import select

from service.study.search.plan import StudyObserver
from service.study.search.progress import StudyProgress
from service.study.search.search_run import SearchListener, SearchRun, Silence, search_run
from service.study.storage.lease_table import leases
from service.study.storage.stored_study import StoredStudy
from service.study.storage.study_store import StudyStore
from tests.service.iris_study import IrisStudy, begin_iris, new_store
from tests.service.study.search.studies import content


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StudyStore]:
    store = new_store(tmp_path)
    yield store
    store.close()


def run(study: IrisStudy, listener: SearchListener) -> AbstractContextManager[SearchRun]:
    data = study.prepared.trial_data
    return search_run(study.stored, data, store=study.store, pool=study.pool, listener=listener)


def is_held(store: StudyStore) -> bool:
    with store.engine.connect() as connection:
        return connection.execute(select(leases.c.holder)).scalar_one() is not None


@dataclass
class Recorder:
    """A listener that writes down what it hears, and stops the run at a number of ended trials."""

    store: StudyStore
    stops_at: int = 1_000
    heard: list[str] = field(default_factory=list)
    progress: StudyProgress | None = None

    def begin(self, study: StoredStudy, *, n_workers: int, storage: str) -> None:
        """Write down what begins, and that it is held."""
        assert is_held(self.store)
        self.heard.append(f"begins {study.config.name} on {n_workers}")
        assert storage == self.store.shown_url

    @contextmanager
    def interruptible(self) -> Iterator[Callable[[], bool]]:
        """Write down from when to when an interruption is heard."""
        self.heard.append("may be stopped")
        yield self._is_to_stop
        self.heard.append("may no longer be stopped")

    @contextmanager
    def watching(self, progress: StudyProgress, study: StoredStudy) -> Iterator[StudyObserver]:
        """Write down when the trials run."""
        self.heard.append(f"watches {study.config.trials} trials")
        self.progress = progress
        yield progress
        self.heard.append(f"saw {progress.n_ended} end")

    def _is_to_stop(self) -> bool:
        return self.progress is not None and self.progress.n_ended >= self.stops_at


def test_a_listener_hears_all_in_order_and_the_lease_is_held_to_the_end(store: StudyStore) -> None:
    study = begin_iris(store)
    listener = Recorder(store)
    with run(study, listener) as ended:
        listener.heard.append("concludes")
        assert ended.is_done
        assert not ended.is_interrupted()
        assert ended.progress is listener.progress
        assert is_held(store)
        ended.lease.check()
    assert not is_held(store)
    assert listener.heard == [
        "begins iris on 1",
        "may be stopped",
        "watches 5 trials",
        "saw 5 end",
        "concludes",
        "may no longer be stopped",
    ]


def test_the_lease_is_given_back_where_the_conclusion_fails(store: StudyStore) -> None:
    study = begin_iris(store, trials=2)
    with pytest.raises(RuntimeError, match="the winner cannot be measured"), run(study, Silence()):
        raise RuntimeError("the winner cannot be measured")
    assert not is_held(store)


def test_a_run_that_was_stopped_goes_on_to_the_same_study(store: StudyStore, tmp_path: Path) -> None:
    study = begin_iris(store)
    with run(study, Recorder(store, stops_at=2)) as stopped:
        assert not stopped.is_done
        assert stopped.is_interrupted()
    with run(study, Silence()) as gone_on:
        assert gone_on.is_done
        assert gone_on.progress.n_ended == 5

    (tmp_path / "undisturbed").mkdir()
    other = new_store(tmp_path / "undisturbed")
    with run(begin_iris(other), Silence()) as undisturbed:
        assert undisturbed.is_done
    assert content(store, "iris") == content(other, "iris")
    other.close()
