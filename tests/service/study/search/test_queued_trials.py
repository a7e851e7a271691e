"""A trial that another tool queued is taken up as an enqueued point, once, or is passed over."""

import threading
from collections.abc import Iterator
from typing import Any

import optuna
import pytest
from optuna.trial import TrialState

from service.errors import BadInputError
from service.study.search.enqueued_points import QueuedPoints, point_of_queued
from service.study.storage.foreign_trials import Deed, mark_taken, own_trials, queued_trials, sort_trials
from service.study.storage.kept_trials import record_of
from service.study.storage.lease import Lease
from service.study.storage.storage_errors import LeaseLostError, StorageAwayError
from service.study.storage.study_store import StudyStore
from tests.service.study.search.studies import Witness, begin, run_to_end, small_config, two_moons
from workers.messages import Event, TrialEnded
from workers.pools.in_process_pool import InProcessPool

CONFIG = small_config()
WANTED = {"width": 7, "learning_rate": 0.25}


@pytest.fixture
def store(studies_url: str) -> Iterator[StudyStore]:
    store = StudyStore(studies_url, create=True)
    begin(store, CONFIG)
    yield store
    store.close()


def plain(store: StudyStore) -> optuna.Study:
    return optuna.load_study(study_name="small", storage=store.optuna_storage)


def take_up(store: StudyStore, **given: Any) -> list[str]:  # noqa: ANN401 (as QueuedPoints)
    return list(QueuedPoints(store, CONFIG, **{"room": lambda _: 9, **given}).take_up())


def test_a_running_study_takes_up_what_another_tool_queues_and_passes_over_what_lies_elsewhere(
    store: StudyStore,
) -> None:
    witness = Witness()

    def enqueue(event: Event) -> None:
        if isinstance(event, TrialEnded) and event.number == 2:
            other = threading.Thread(target=queue_two, args=(store.url,))
            other.start()
            other.join()

    witness.on_event = enqueue
    run_to_end(store, CONFIG, witness=witness, pool=SlowPool(two_moons()))

    trials = sort_trials(store.trials("small"))
    assert len(trials.own) == CONFIG.trials
    (tried,) = [trial for trial in trials.own if record_of(trial).enqueued == 0]
    assert {name: tried.params[name] for name in WANTED} == WANTED
    assert tried.params["optimizer"] == CONFIG.space.default_values()["optimizer"]
    assert [each.deed for each in trials.foreign] == [Deed.TAKEN, Deed.QUEUED]
    taken, passed_over = trials.foreign
    assert (taken.trial.state, passed_over.trial.state) == (TrialState.FAIL, TrialState.WAITING)
    assert taken.trial.number < tried.number
    told = " was queued by another tool, and is "
    assert witness.lines == [
        f"trial {taken.trial.number}{told}taken up as an enqueued point",
        f"trial {passed_over.trial.number}{told}passed over: width: expected 2 to 16 (log), got 99",
    ]


def queue_two(url: str) -> None:
    """Queue a point of the space and one that is not, as another process does."""
    elsewhere = StudyStore(url, create=False)
    plain(elsewhere).enqueue_trial(WANTED, user_attrs={"why": "a hunch"})
    plain(elsewhere).enqueue_trial({"width": 99})
    elsewhere.close()


class SlowPool(InProcessPool):
    """A pool whose trials take long enough for the study to look for points between them."""

    def events(self, timeout: float) -> list[Event]:
        """Wait a little before the events."""
        threading.Event().wait(0.03)
        return list(super().events(timeout))


def test_the_same_queue_gives_the_same_study_on_any_number_of_workers(store: StudyStore) -> None:
    plain(store).enqueue_trial(WANTED)
    run_to_end(store, CONFIG)
    once = own_trials(store.trials("small"))
    store.optuna_storage.delete_study(store.optuna_storage.get_study_id_from_name("small"))
    begin(store, CONFIG)
    plain(store).enqueue_trial(WANTED)
    run_to_end(store, CONFIG, pool=InProcessPool(two_moons(), n_workers=3))
    again = own_trials(store.trials("small"))
    assert [(trial.params, trial.value) for trial in again] == [(trial.params, trial.value) for trial in once]
    assert record_of(again[1]).enqueued == 0


def test_a_queued_trial_is_taken_once_and_none_that_a_tool_runs(store: StudyStore) -> None:
    other = plain(store)
    other.enqueue_trial({"width": 3})
    other.enqueue_trial({"width": 4})
    other.ask()  # takes the first one out of the queue

    assert take_up(store) == ["trial 1 was queued by another tool, and is taken up as an enqueued point"]
    assert take_up(store) == []
    assert [point["values"]["width"] for point in store.attributes("small")["enqueued"]] == [4]
    assert [trial.state for trial in store.trials("small")] == [TrialState.RUNNING, TrialState.FAIL]
    with pytest.raises(ValueError, match="Cannot tell a FAIL trial"):
        other.tell(1, 0.5)


def test_a_trial_that_a_tool_begins_to_run_at_that_moment_is_the_tools(store: StudyStore) -> None:
    plain(store).enqueue_trial(WANTED)
    study_id = store.optuna_storage.get_study_id_from_name("small")
    with store.engine.connect() as connection:
        (queued,) = queued_trials(connection, study_id)
    plain(store).ask()
    with store.engine.begin() as connection:
        assert not mark_taken(connection, queued, 0)
    assert [trial.state for trial in store.trials("small")] == [TrialState.RUNNING]


def test_whoever_dies_while_it_is_taken_up_leaves_it_queued(store: StudyStore) -> None:
    plain(store).enqueue_trial(WANTED)
    not_json = object()
    with pytest.raises(TypeError, match="not JSON serializable"):
        store.take_up("small", lambda queued, _: dict.fromkeys(queued, not_json), key="enqueued")
    (trial,) = store.trials("small")
    assert (trial.state, trial.user_attrs) == (TrialState.WAITING, {})
    assert "enqueued" not in store.attributes("small")


def test_each_queued_trial_is_told_once_and_later_ones_are_found(store: StudyStore) -> None:
    queue = QueuedPoints(store, CONFIG, room=lambda _: 9)
    assert queue.take_up() == []
    plain(store).enqueue_trial({"width": 99})
    assert len(queue.take_up()) == 1
    assert queue.take_up() == []
    plain(store).enqueue_trial(WANTED)
    assert queue.take_up() == ["trial 1 was queued by another tool, and is taken up as an enqueued point"]


def test_a_trial_that_could_not_be_taken_up_for_an_outage_is_taken_up_after_it(studies_url: str) -> None:
    class AwayOnce(StudyStore):
        is_away = True

        def take_up(self, name: str, choose: Any, **how: Any) -> int:  # noqa: ANN401 (as the store's)
            def chosen(*given: Any) -> Any:  # noqa: ANN401 (as choose)
                points = choose(*given)
                if self.is_away:
                    self.is_away = False
                    raise StorageAwayError("storage: it does not answer")
                return points

            return super().take_up(name, chosen, **how)

    store = AwayOnce(studies_url, create=True)
    begin(store, CONFIG)
    plain(store).enqueue_trial(WANTED)
    queue = QueuedPoints(store, CONFIG, room=lambda _: 9)
    with pytest.raises(StorageAwayError, match="does not answer"):
        queue.take_up()
    assert len(queue.take_up()) == 1
    assert len(store.attributes("small")["enqueued"]) == 1
    store.close()


def test_no_more_are_taken_up_than_can_be_tried(store: StudyStore) -> None:
    for width in (3, 4, 5):
        plain(store).enqueue_trial({"width": width})
    take_up(store, room=lambda n_points: 2 - n_points)
    assert [trial.state for trial in store.trials("small")] == [*[TrialState.FAIL] * 2, TrialState.WAITING]
    take_up(store, room=lambda n_points: 2 - n_points)
    assert len(store.attributes("small")["enqueued"]) == 2


def test_nothing_is_taken_up_by_one_who_has_lost_the_study(store: StudyStore) -> None:
    with Lease.take(store.engine, "small") as lost:
        pass
    plain(store).enqueue_trial(WANTED)
    with Lease.take(store.engine, "small"), pytest.raises(LeaseLostError, match="is run by"):
        take_up(store, lease=lost)
    assert "enqueued" not in store.attributes("small")
    assert store.trials("small")[0].state is TrialState.WAITING


@pytest.mark.parametrize(
    ("params", "said"),
    [
        (None, "expected the values that enqueue_trial keeps, got none"),
        ({"widht": 3}, "widht: not searched in this study; did you mean width"),
        ({"momentum": 0.9}, "momentum: given, but not searched with the other values"),
        ({"learning_rate": None}, "learning_rate: expected a number or a word, got None"),
        ({"learning_rate": float("nan")}, "learning_rate: expected"),
        ({"optimizer": 3}, "optimizer: expected"),
        ({"width": [3]}, "width: expected a number or a word"),
    ],
)
def test_what_does_not_lie_in_the_space_is_passed_over(params: dict[str, Any] | None, said: str) -> None:
    with pytest.raises(BadInputError, match=said):
        point_of_queued(CONFIG.space, params)


def test_what_is_not_given_has_its_default() -> None:
    assert point_of_queued(CONFIG.space, {}) == CONFIG.space.default_values()
