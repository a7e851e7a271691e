"""Who follows a study from storage alone is told what its coordinator tells."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from search_spaces.values import Value
from service.configuration.data_config import SplitConfig
from service.configuration.study_config import ConfirmationConfig, ResolvedStudy
from service.study.search.coordinator import Coordinator
from service.study.search.following import StudyFollower
from service.study.search.progress import StudyProgress
from service.study.search.search_budget import SearchEnding
from service.study.search.trial_lifecycle import State
from service.study.search.trial_records import standard_error_of
from service.study.storage.study_store import StudyStore
from tests.service.study.search.studies import begin, folded_moons, small_config, two_moons
from workers.messages import Event, TrialEnded, TrialLost, TrialRequest
from workers.metrics.metric import Metric
from workers.pools.in_process_pool import InProcessPool
from workers.trial_data import TrialData


@pytest.fixture
def store(storage_url: str) -> Iterator[StudyStore]:
    store = StudyStore(storage_url, create=True)
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
