"""A study with folds: the same whatever happens to its processes, pruned as told, a plain Optuna study."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

import numpy as np
import optuna
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from optuna.trial import FrozenTrial, TrialState

from service.study.search.trial_lifecycle import MAX_RUNS
from service.study.search.virtual_clock import epoch_cost
from service.study.search.winner import winner_of
from service.study.storage.database_url import file_url
from service.study.storage.kept_trials import record_of
from service.study.storage.study_store import StudyStore
from tests.service.study.search.studies import Witness, begin, content, folded_moons, run_to_end, small_config
from workers.messages import Event, TrialEnded, TrialLost, TrialStarted
from workers.metrics.metric import Metric
from workers.pools.in_process_pool import InProcessPool

N_FOLDS, REDUCTION_FACTOR = 4, 3
DATA = folded_moons(N_FOLDS)
CONFIG = small_config(trials=24, seed=3)
MAX_EPOCHS = CONFIG.training.max_epochs


class Crash(BaseException):
    """Ends the coordinator on the spot."""


class DyingPool(InProcessPool):
    """A pool whose workers die under given trials, in the midst of them, a number of times each."""

    def __init__(self, deaths: dict[int, int]) -> None:
        super().__init__(DATA, n_workers=2)
        self._deaths = dict(deaths)
        self._n_heard: dict[int, int] = {}

    def events(self, timeout_seconds: float) -> list[Event]:
        """Return what happened, with a death in the midst of a trial's second fold."""
        happened: list[Event] = []
        for event in super().events(timeout_seconds):
            heard = 1 if isinstance(event, TrialStarted) else self._n_heard[event.number] + 1
            self._n_heard[event.number] = heard
            happened.append(event)
            if (
                heard == MAX_EPOCHS + 2
                and not isinstance(event, TrialEnded)
                and self._deaths.get(event.number, 0)
            ):
                self._deaths[event.number] -= 1
                self._runs[int(event.worker.rpartition("-")[2])] = None
                happened.append(TrialLost(event.number, event.worker, "its worker was killed"))
        return happened


@dataclass(frozen=True)
class Undisturbed:
    """The study as it is when nothing happens."""

    trials: list[FrozenTrial]
    content: list[dict[str, object]]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    store = new_store(tmp_path_factory.mktemp("undisturbed"))
    begin(store, CONFIG)
    run_to_end(store, CONFIG, data=DATA)
    found = Undisturbed(store.trials("small"), content(store, "small"))
    store.close()
    return found


def new_store(directory: Path) -> StudyStore:
    return StudyStore(file_url(directory / "proctor.db"), create=True)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StudyStore]:
    store = new_store(tmp_path)
    begin(store, CONFIG)
    yield store
    store.close()


def test_it_has_trials_of_every_ending_and_some_are_pruned_between_folds(undisturbed: Undisturbed) -> None:
    trials = undisturbed.trials
    assert {trial.state for trial in trials} == {TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL}
    pruned = [trial for trial in trials if trial.state is TrialState.PRUNED]
    assert {len(trial.user_attrs["fold_metrics"]) for trial in pruned} >= {0, 1}
    for trial in trials:
        if trial.state is TrialState.FAIL:
            reason = rf"fold [1-{N_FOLDS}] of {N_FOLDS}: (diverged|dead) in epoch"
            assert re.match(reason, trial.user_attrs["failure_reason"])


def test_any_number_of_workers_gives_the_same_study(store: StudyStore, undisturbed: Undisturbed) -> None:
    run_to_end(store, CONFIG, data=DATA, pool=InProcessPool(DATA, n_workers=3))
    assert content(store, "small") == undisturbed.content


@settings(max_examples=3)
@given(crashes=st.lists(st.integers(1, 150), min_size=1, max_size=3))
def test_a_study_that_crashes_in_the_midst_of_a_fold_and_is_resumed_is_the_same(
    tmp_path_factory: pytest.TempPathFactory, undisturbed: Undisturbed, crashes: list[int]
) -> None:
    store = new_store(tmp_path_factory.mktemp("crashed"))
    begin(store, CONFIG)
    for n_events in crashes:
        left = n_events

        def crash(_: Event) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                raise Crash

        try:
            run_to_end(
                store,
                CONFIG,
                data=DATA,
                pool=InProcessPool(DATA, n_workers=2),
                witness=Witness(on_event=crash),
            )
        except Crash:
            continue
    run_to_end(store, CONFIG, data=DATA)

    assert content(store, "small") == undisturbed.content
    store.close()


def test_a_trial_whose_worker_dies_runs_again_from_its_first_fold_to_the_same_end(
    store: StudyStore, undisturbed: Undisturbed
) -> None:
    once, twice, *_ = (t.number for t in undisturbed.trials if t.user_attrs["epochs"] > 2 * MAX_EPOCHS)
    run_to_end(store, CONFIG, data=DATA, pool=DyingPool({once: 1, twice: MAX_RUNS - 1}))
    assert content(store, "small") == undisturbed.content
    runs = [trial.user_attrs["runs"] for trial in store.trials("small")]
    assert (runs[once], runs[twice]) == (2, MAX_RUNS)


def test_a_trial_that_is_lost_for_good_counts_for_as_long_as_all_its_folds_may_run(store: StudyStore) -> None:
    run_to_end(store, CONFIG, data=DATA, pool=DyingPool({0: MAX_RUNS}))
    lost = store.trials("small")[0]
    assert lost.state is TrialState.FAIL
    length = lost.user_attrs["virtual_end"] - lost.user_attrs["virtual_start"]
    cost = epoch_cost(CONFIG.space.point(lost.params), DATA)
    assert length == pytest.approx(N_FOLDS * MAX_EPOCHS * cost)


def test_a_trials_virtual_length_is_its_epochs_over_all_folds(undisturbed: Undisturbed) -> None:
    for trial in undisturbed.trials:
        length = trial.user_attrs["virtual_end"] - trial.user_attrs["virtual_start"]
        cost = epoch_cost(CONFIG.space.point(trial.params), DATA)
        epochs = trial.user_attrs["epochs"]
        # One that broke off counts up to where it might have ended by its rules.
        assert length > 0.999 * epochs * cost
        assert trial.state is TrialState.FAIL or length == pytest.approx(epochs * cost)
    assert max(trial.user_attrs["epochs"] for trial in undisturbed.trials) > 2 * MAX_EPOCHS


def worst_that_is_kept(ended: list[FrozenTrial], n_folds: int) -> float | None:
    """Return the mean error that a newcomer may have after so many folds; None with too few trials."""
    reached = [
        fmean(trial.user_attrs["fold_metrics"][:n_folds])
        for trial in ended
        if trial.state is not TrialState.FAIL and len(trial.user_attrs["fold_metrics"]) >= n_folds
    ]
    if len(reached) < REDUCTION_FACTOR:
        return None
    return sorted(reached)[(len(reached) + 1) // REDUCTION_FACTOR - 1]


def test_it_prunes_between_folds_those_whose_mean_is_worse_than_was_asked_and_no_others(
    undisturbed: Undisturbed,
) -> None:
    trials, n_pruned = undisturbed.trials, 0
    for trial in trials:
        began = trial.user_attrs["virtual_start"]
        ended = [other for other in trials[: trial.number] if other.user_attrs["virtual_end"] <= began]
        metrics = trial.user_attrs["fold_metrics"]
        for n_folds in (1, 3):
            asked = worst_that_is_kept(ended, n_folds)
            if asked is None or len(metrics) < n_folds:
                continue
            is_worse = fmean(metrics[:n_folds]) > asked
            assert is_worse == (trial.state is TrialState.PRUNED and len(metrics) == n_folds)
            n_pruned += is_worse
    assert n_pruned == sum(
        trial.state is TrialState.PRUNED and len(trial.user_attrs["fold_metrics"]) > 0 for trial in trials
    )
    assert n_pruned > 0


def test_the_winner_is_the_complete_trial_with_the_best_mean(undisturbed: Undisturbed) -> None:
    means = {
        trial.number: np.mean(trial.user_attrs["fold_metrics"])
        for trial in undisturbed.trials
        if trial.state is TrialState.COMPLETE
    }
    assert means[winner_of(undisturbed.trials, Metric.ERROR).number] == min(means.values())


def test_what_is_stored_is_a_plain_optuna_study(store: StudyStore) -> None:
    run_to_end(store, CONFIG, data=DATA)

    storage = optuna.storages.RDBStorage(store.url)
    study = optuna.load_study(study_name="small", storage=storage)
    complete = study.get_trials(states=[TrialState.COMPLETE])
    assert study.best_value == min(trial.value for trial in complete if trial.value is not None)
    for trial in complete:
        curve, ends = trial.user_attrs["learning_curve"], record_of(trial).fold_ends
        assert len(ends) == N_FOLDS
        steps = sorted(trial.intermediate_values)
        assert steps == list(range(1, trial.user_attrs["epochs"] + 1))
        assert set(map(len, curve.values())) == {len(steps)}
        best = [
            curve["dev_metric"][start + best - 1]
            for start, best in zip((0, *ends[:-1]), trial.user_attrs["best_epochs"], strict=True)
        ]
        assert trial.user_attrs["fold_metrics"] == best
        assert trial.value == fmean(best) == trial.user_attrs["dev_metrics"]["error"]
        # The last fold's lowest running mean is the mean of all best values.
        assert min(trial.intermediate_values[step] for step in steps[ends[-2] :]) == trial.value
    storage.remove_session()
    storage.engine.dispose()
