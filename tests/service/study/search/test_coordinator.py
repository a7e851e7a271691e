"""The coordinator: same seed, same study; nothing lost; nothing told before it is durable."""

from collections.abc import Iterator
from pathlib import Path

import optuna
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from optuna.trial import TrialState

from service.study.search import coordinator
from service.study.search.coordinator import Coordinator
from service.study.search.trial_lifecycle import MAX_RUNS, State
from service.study.storage.database_url import file_url
from service.study.storage.kept_trials import FIGURES
from service.study.storage.study_store import StudyStore
from tests.service.study.search.crashes import Crash, DyingPool, new_store
from tests.service.study.search.studies import Witness, begin, content, run_to_end, small_config, two_moons
from workers.messages import Event, TrialEnded, TrialLost, TrialRequest, TrialStarted
from workers.pools.in_process_pool import InProcessPool

DETAILS = ("gradient_norm", "activation_spreads", "gradient_spreads")
"""What a network shows of an epoch besides."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StudyStore]:
    store = new_store(tmp_path, "proctor")
    yield store
    store.close()


def test_a_study_has_trials_of_every_ending(store: StudyStore) -> None:
    config = small_config()
    begin(store, config)
    run_to_end(store, config)

    states = {trial.state for trial in store.trials("small")}
    assert states == {TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL}


def test_trial_0_is_the_default_hyperparameters(store: StudyStore) -> None:
    config = small_config(trials=1)
    begin(store, config)
    run_to_end(store, config)

    assert store.trials("small")[0].params == config.space.default_values()


@pytest.mark.parametrize("sampler", ["tpe", "random"])
@pytest.mark.parametrize("n_workers", [2, 5])
def test_any_number_of_workers_gives_the_same_study(tmp_path: Path, n_workers: int, sampler: str) -> None:
    config = small_config(sampler=sampler)
    contents = []
    for n in (1, n_workers):
        store = new_store(tmp_path, f"workers-{n}")
        begin(store, config)
        run_to_end(store, config, pool=InProcessPool(two_moons(), n_workers=n))
        contents.append(content(store, "small"))
        store.close()

    assert contents[0] == contents[1]


def test_of_many_trials_the_first_begin_before_the_last_are_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class WatchingPool(InProcessPool):
        """A pool that notes how many trials are stored when each is handed in."""

        def submit(self, request: TrialRequest) -> None:
            stored.append(len(store.trials("small")))
            super().submit(request)

    config = small_config(trials=12, concurrency=7)
    contents = []
    for n_most in (100, 2):
        monkeypatch.setattr(coordinator, "MOST_ASKED_AT_ONCE", n_most)
        stored: list[int] = []
        store = new_store(tmp_path, f"at-most-{n_most}")
        begin(store, config)
        run_to_end(store, config, pool=WatchingPool(two_moons(), n_workers=2))
        contents.append(content(store, "small"))
        store.close()
        assert stored[0] == min(n_most, 7)

    assert contents[0] == contents[1]


def test_the_trials_that_the_clock_waits_for_are_followed(store: StudyStore) -> None:
    class FollowedPool(InProcessPool):
        """A pool that notes which trials are followed, and which are under way then."""

        def follow(self, number: int) -> None:
            followed.append(number)
            assert store.trials("small")[number].state is TrialState.RUNNING

    followed: list[int] = []
    config = small_config()
    begin(store, config)
    run_to_end(store, config, pool=FollowedPool(two_moons(), n_workers=3))

    assert followed
    assert len(set(followed)) == len(followed)


def test_another_seed_gives_another_study(tmp_path: Path) -> None:
    contents = []
    for seed in (0, 1):
        store = new_store(tmp_path, f"seed-{seed}")
        config = small_config(seed=seed)
        begin(store, config)
        run_to_end(store, config)
        contents.append([trial["params"] for trial in content(store, "small")])
        store.close()

    assert contents[0][0] == contents[1][0]  # the defaults
    assert contents[0][1:] != contents[1][1:]


@settings(max_examples=8)
@given(crashes=st.lists(st.integers(1, 40), min_size=1, max_size=4), n_workers=st.integers(1, 3))
def test_a_study_that_crashes_anywhere_and_is_resumed_is_the_same(
    tmp_path_factory: pytest.TempPathFactory, crashes: list[int], n_workers: int
) -> None:
    directory = tmp_path_factory.mktemp("crashes")
    config = small_config()
    undisturbed, crashed = new_store(directory, "undisturbed"), new_store(directory, "crashed")
    begin(undisturbed, config)
    begin(crashed, config)
    run_to_end(undisturbed, config)

    for n_events in crashes:
        left = n_events

        def crash(_: Event) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                raise Crash

        try:
            run_to_end(
                crashed,
                config,
                pool=InProcessPool(two_moons(), n_workers=n_workers),
                witness=Witness(on_event=crash),
            )
        except Crash:
            continue
    run_to_end(crashed, config)

    assert content(crashed, "small") == content(undisturbed, "small")
    undisturbed.close()
    crashed.close()


def test_a_finished_trial_is_not_run_again_after_a_crash(store: StudyStore) -> None:
    config = small_config()
    begin(store, config)
    ended = []

    def crash_after_five(event: Event) -> None:
        if isinstance(event, TrialEnded):
            ended.append(event.number)
            if len(ended) == 5:
                raise Crash

    with pytest.raises(Crash):
        run_to_end(store, config, witness=Witness(on_event=crash_after_five))
    after = run_to_end(store, config)

    assert set(ended) <= set(after.restored_numbers)
    begun_again = {event.number for event, _ in after.events if isinstance(event, TrialStarted)}
    assert not begun_again & set(ended)


def test_nothing_is_told_before_it_is_durable(store: StudyStore) -> None:
    config = small_config()
    begin(store, config)

    def must_be_stored(event: Event) -> None:
        if isinstance(event, TrialEnded):
            assert store.trials("small")[event.number].state.is_finished()
        else:
            assert store.trials("small")[event.number].state is TrialState.RUNNING

    heard = run_to_end(store, config, witness=Witness(on_event=must_be_stored))
    assert len([event for event, _ in heard.events if isinstance(event, TrialEnded)]) == config.trials


def test_a_trial_whose_worker_dies_runs_again_to_the_same_end(tmp_path: Path) -> None:
    config = small_config()
    contents = []
    for name, deaths in {"calm": {}, "deadly": {0: 1, 3: MAX_RUNS - 1, 8: 1}}.items():
        store = new_store(tmp_path, name)
        begin(store, config)
        run_to_end(store, config, pool=DyingPool(deaths))
        contents.append(content(store, "small"))
        if deaths:
            assert store.trials("small")[3].user_attrs["runs"] == MAX_RUNS
        store.close()

    assert contents[0] == contents[1]


def test_a_trial_that_kills_its_worker_every_time_is_failed_with_the_reason(store: StudyStore) -> None:
    config = small_config()
    begin(store, config)
    heard = run_to_end(store, config, pool=DyingPool({2: MAX_RUNS}))

    trial = store.trials("small")[2]
    assert trial.state is TrialState.FAIL
    assert trial.user_attrs["failure_reason"] == f"given up after {MAX_RUNS} runs: its worker was killed"
    losses = [state for event, state in heard.events if isinstance(event, TrialLost)]
    assert losses == [State.WAITING] * (MAX_RUNS - 1) + [State.FAILED]
    assert all(trial.state.is_finished() for trial in store.trials("small"))


def test_a_worker_that_dies_before_a_trial_is_seen_to_start_costs_it_a_run_too(store: StudyStore) -> None:
    class DeadPool(InProcessPool):
        """A pool whose workers die at once under trial 1."""

        def __init__(self) -> None:
            super().__init__(two_moons())
            self._losses: list[Event] = []

        def submit(self, request: TrialRequest) -> None:
            """Lose trial 1, and queue the others."""
            if request.number == 1:
                self._losses.append(TrialLost(1, "", "its worker was killed"))
            else:
                super().submit(request)

        def events(self, timeout_seconds: float) -> list[Event]:
            """Return what happened, losses first."""
            losses, self._losses = self._losses, []
            return [*losses, *super().events(timeout_seconds)]

    config = small_config(trials=4)
    begin(store, config)
    run_to_end(store, config, pool=DeadPool())

    assert store.trials("small")[1].state is TrialState.FAIL
    assert store.trials("small")[1].user_attrs["runs"] == MAX_RUNS


def test_a_diverging_trial_is_failed_with_the_reason_and_the_study_goes_on(store: StudyStore) -> None:
    config = small_config()
    begin(store, config)
    run_to_end(store, config)

    reasons = [
        trial.user_attrs["failure_reason"]
        for trial in store.trials("small")
        if trial.state is TrialState.FAIL
    ]
    assert any("diverged in epoch" in reason for reason in reasons)
    assert all("diverged in epoch" in reason or "dead in epoch" in reason for reason in reasons)


def test_an_interruption_asks_no_more_and_leaves_the_rest_to_a_resume(tmp_path: Path) -> None:
    config = small_config()
    undisturbed, stopped = new_store(tmp_path, "undisturbed"), new_store(tmp_path, "stopped")
    begin(undisturbed, config)
    run_to_end(undisturbed, config)
    begin(stopped, config)
    heard = Witness()
    data = two_moons()
    coordinator = Coordinator(
        config, data, store=stopped, pool=InProcessPool(data, n_workers=2), observer=heard
    )

    is_done = coordinator.run(lambda: len(heard.events) > 20, grace_seconds=60)

    assert not is_done
    n_asked = len(stopped.trials("small"))
    assert n_asked < config.trials
    run_to_end(stopped, config)
    assert content(stopped, "small") == content(undisturbed, "small")
    undisturbed.close()
    stopped.close()


def test_running_trials_are_given_no_more_than_the_grace(store: StudyStore) -> None:
    class StuckPool:
        """Starts what it is given, and never ends it."""

        n_workers = 1

        def __init__(self) -> None:
            self._begun: list[Event] = []

        def submit(self, request: TrialRequest) -> None:
            self._begun.append(TrialStarted(request.number, "stuck"))

        def follow(self, number: int) -> None:
            raise AssertionError(f"nothing waits for trial {number}")

        def events(self, timeout_seconds: float) -> list[Event]:  # noqa: ARG002 (a protocol)
            begun, self._begun = self._begun, []
            return begun

        def close(self) -> None:
            pass

    config = small_config()
    begin(store, config)
    coordinator = Coordinator(config, two_moons(), store=store, pool=StuckPool(), observer=Witness())

    assert not coordinator.run(lambda: True, grace_seconds=0.05)
    assert not store.trials("small")


def test_what_is_stored_is_a_plain_optuna_study(storage_url: str) -> None:
    store = StudyStore(storage_url, create=True)
    config = small_config()
    begin(store, config)
    run_to_end(store, config)
    store.close()

    storage = optuna.storages.RDBStorage(storage_url)
    study = optuna.load_study(study_name="small", storage=storage)
    assert len(study.trials) == config.trials
    complete = study.get_trials(states=[TrialState.COMPLETE])
    assert study.best_value == min(trial.value for trial in complete if trial.value is not None)
    for trial in complete:
        curve = trial.user_attrs["learning_curve"]
        assert curve["dev_metric"] == [
            trial.intermediate_values[epoch + 1] for epoch in range(len(curve["dev_metric"]))
        ]
        assert (
            trial.value == curve["dev_metric"][trial.user_attrs["best_epoch"] - 1] == min(curve["dev_metric"])
        )
        assert set(curve) == {*FIGURES, *DETAILS}
        assert trial.user_attrs.keys() >= {"seed", "worker", "seconds", "epochs", "best_epoch"}
        assert trial.datetime_start
        assert trial.datetime_complete
        assert trial.datetime_start <= trial.datetime_complete
    storage.remove_session()
    storage.engine.dispose()


def test_both_databases_hold_the_same_study(tmp_path: Path, postgresql_url: str) -> None:
    config = small_config()
    contents = []
    for url in (file_url(tmp_path / "proctor.db"), postgresql_url):
        store = StudyStore(url, create=True)
        begin(store, config)
        run_to_end(store, config)
        contents.append(content(store, "small"))
        store.close()

    assert contents[0] == contents[1]
