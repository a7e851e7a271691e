"""Who follows a study from storage alone is told what its coordinator tells."""

from collections.abc import Iterator, Mapping
from typing import Any

import optuna
import pytest

from search_spaces.values import Value
from service.configuration.data_config import SplitConfig
from service.configuration.study_config import ConfirmationConfig, ResolvedStudy
from service.study.search.coordinator import Coordinator
from service.study.search.following import StudyFollower
from service.study.search.more_trials import NewLimits, extend_study
from service.study.search.progress import StudyProgress
from service.study.search.search_budget import SearchEnding
from service.study.search.trial_lifecycle import State
from service.study.search.trial_records import standard_error_of
from service.study.storage.kept_trials import record_of, searched
from service.study.storage.study_store import StudyStore
from tests.service.confirmed_study import begin_run
from tests.service.iris_study import IrisStudy, begin_iris, search_iris
from tests.service.study.search.studies import begin, folded_moons, small_config, two_moons
from workers.messages import Event, TrialEnded, TrialLost, TrialRequest
from workers.metrics.metric import Metric
from workers.pools.in_process_pool import InProcessPool
from workers.trial_data import TrialData


@pytest.fixture
def store(studies_url: str) -> Iterator[StudyStore]:
    store = StudyStore(studies_url, create=True)
    yield store
    store.close()


class Told(StudyProgress):
    """A progress that notes what it is told, but for what storage does not have."""

    def __init__(self) -> None:
        super().__init__(14, metric=Metric.ERROR)
        self.told: list[Any] = []

    def asked(self, request: TrialRequest, values: Mapping[str, Value]) -> None:
        """Note the point."""
        super().asked(request, values)
        self.told.append(("asked", request.number, dict(values), request.seed, request.rules))

    def happened(self, event: Event, state: State) -> None:
        """Note an end."""
        super().happened(event, state)
        if isinstance(event, TrialEnded):
            ended = (event.ending, event.epochs, event.reason, event.n_folds, len(event.whole_folds))
            figures = (event.best_epoch, event.dev_metric, standard_error_of(event)) if event.curve else None
            self.told.append(("ended", event.number, state, ended, figures))
        elif isinstance(event, TrialLost):
            self.told.append(("lost", event, state))

    def confirming(self, ending: SearchEnding, n_confirmations: int) -> None:
        """Note why."""
        super().confirming(ending, n_confirmations)
        self.told.append(("confirming", ending, n_confirmations))


def by_trial(told: list[Any]) -> list[Any]:
    """Order what was told by the trial: of several steps between two looks the order is lost."""
    return sorted(told, key=lambda entry: str(entry[:2]))


CONFIRMED = ConfirmationConfig(finalists=2, seeds=2)
STUDIES = [
    pytest.param(small_config(confirmation=CONFIRMED), two_moons(), id="one dev set"),
    pytest.param(small_config(split=SplitConfig(folds=3)), folded_moons(), id="folds"),
]


@pytest.mark.parametrize(("config", "data"), STUDIES)
def test_a_follower_tells_what_the_coordinator_tells(
    config: ResolvedStudy, data: TrialData, store: StudyStore
) -> None:
    begin(store, config)
    there, here = Told(), Told()
    follower = StudyFollower(config.name, config, store, here)
    follower.begin()
    coordinator = Coordinator(config, data, store=store, pool=InProcessPool(data), observer=there)
    looks = iter(range(10_000))

    def look() -> bool:
        if next(looks) % 3 == 0:
            follower.look()
            running = [trial.number for trial in store.trials(config.name) if not trial.state.is_finished()]
            assert [trial.number for trial in follower.asked_for] == running
        return False

    assert coordinator.run(look)
    for _ in range(2):
        follower.look()
    assert follower.is_over
    assert not follower.asked_for
    assert by_trial(here.told) == by_trial(there.told)
    assert (here.counts, here.best, here.n_confirmed) == (there.counts, there.best, there.n_confirmed)
    assert {State.COMPLETE, State.FAILED} <= set(here.counts)
    n_told = len(here.told)
    follower.look()
    assert len(here.told) == n_told


@pytest.mark.parametrize(("config", "data"), STUDIES)
def test_who_comes_late_has_the_same_counts_and_best(
    config: ResolvedStudy, data: TrialData, store: StudyStore
) -> None:
    begin(store, config)
    there, late = Told(), Told()
    Coordinator(config, data, store=store, pool=InProcessPool(data), observer=there).run(lambda: False)
    follower = StudyFollower(config.name, config, store, late)
    follower.begin()
    assert follower.is_over
    assert (late.counts, late.best, late.n_confirmed) == (there.counts, there.best, there.n_confirmed)
    assert not [entry for entry in late.told if entry[0] == "ended"]


def test_a_trial_that_another_tool_ended_runs_until_it_has_a_result(store: StudyStore) -> None:
    iris = begin_iris(store, name="iris", trials=4)
    iris.run_some(2)
    (number, *_) = [trial.number for trial in iris.stored.trials if not trial.state.is_finished()]
    plain = optuna.load_study(study_name="iris", storage=store.optuna_storage)
    early, here = follower_of(iris)
    plain.tell(number, 0.0)
    late, there = follower_of(iris)
    early.look()
    for follower, progress in ((early, here), (late, there)):
        assert number in [asked.number for asked in follower.asked_for]
        assert progress.best is None
        assert not progress.counts[State.COMPLETE]

    iris.run()
    for follower, progress in ((early, here), (late, there)):
        follower.look()
        assert follower.is_over
        assert not follower.asked_for
        assert progress.n_ended == 4
        assert progress.best is not None
        assert progress.best.dev_metric > 0


def follower_of(iris: IrisStudy) -> tuple[StudyFollower, Told]:
    """Follow a study as it stands."""
    told, study = Told(), iris.stored
    follower = StudyFollower(iris.name, study.config, iris.store, told, n_extensions=len(study.extensions))
    follower.begin()
    return follower, told


def test_of_a_study_that_goes_on_another_follower_tells(store: StudyStore) -> None:
    """What was confirmed before, and is confirmed again, is restored, and not news without a curve."""
    iris = search_iris(store, trials=4, confirmation=CONFIRMED)
    follower, told = follower_of(iris)
    assert follower.is_over
    assert extend_study(iris.name, store, NewLimits(6, {}), look_again=None)
    n_told = len(told.told)
    follower.look()
    assert follower.is_outdated
    iris.run()
    follower.look()
    assert len(told.told) == n_told

    assert extend_study(iris.name, store, NewLimits(7, {}), look_again=None)
    follower, told = follower_of(iris)
    assert not follower.is_over
    iris.run()
    follower.look()
    assert (follower.is_over, follower.is_outdated) == (True, False)
    assert (told.n_ended, told.n_confirmed, told.n_confirmations) == (7, 4, 4)
    finalists = iris.stored.finalists or ()
    kept = [run for run in iris.store.trials("iris") if record_of(run).confirms in finalists]
    before = {run.number for run in kept if run.number < 4 + 4 + 2}
    assert before
    assert not before & {entry[1] for entry in told.told if entry[0] == "ended"}


def test_a_running_confirmation_of_an_earlier_finalist_is_waited_for(store: StudyStore) -> None:
    iris = search_iris(store, trials=4, confirmation=ConfirmationConfig(finalists=1, seeds=1))
    assert extend_study(iris.name, store, NewLimits(6, {}), look_again=None)
    iris.run()
    trials = store.trials("iris")
    other = next(trial for trial in searched(trials) if trial.number not in (iris.stored.finalists or ()))
    begin_run(store, "iris", other, number=len(trials))
    follower, told = follower_of(iris)
    assert [asked.number for asked in follower.asked_for] == [len(trials)]
    assert (follower.is_over, iris.stored.is_over) == (False, False)
    iris.run()
    follower.look()
    assert (follower.is_over, iris.stored.is_over) == (True, True)
    assert told.n_confirmed == told.n_confirmations


def test_a_search_whose_end_was_not_written_is_over_as_the_study_is(store: StudyStore) -> None:
    iris = search_iris(store, trials=4)
    store.set_attribute("iris", "finalists", None)
    follower, _ = follower_of(iris)
    assert (follower.is_over, iris.stored.is_over) == (True, True)
