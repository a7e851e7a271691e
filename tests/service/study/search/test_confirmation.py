"""The best trials are trained again with other seeds: marked, in the same study, to the same end always."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from optuna.trial import FrozenTrial, TrialState

from service.configuration.study_config import ConfirmationConfig, ResolvedStudy
from service.study.search.winner import is_confirmed, rank, winner_of
from service.study.storage.kept_trials import confirmations, record_of, searched
from service.study.storage.study_store import StudyStore
from tests.service.study.search.crashes import Crash, DyingPool, crashing_after, new_store
from tests.service.study.search.studies import begin, content, run_to_end, small_config, two_moons
from workers.pools.in_process_pool import InProcessPool

CONFIG = small_config(confirmation=ConfirmationConfig(finalists=3, seeds=2))


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StudyStore]:
    store = new_store(tmp_path_factory.mktemp("undisturbed"), "store")
    begin(store, CONFIG)
    run_to_end(store, CONFIG)
    yield store
    store.close()


def ranked(trials: list[FrozenTrial]) -> list[int]:
    metric = CONFIG.training_rules.metric
    complete = [trial for trial in searched(trials) if trial.state is TrialState.COMPLETE]
    return [trial.number for trial in sorted(complete, key=lambda trial: rank(trial, metric))]


def test_each_of_the_best_trials_runs_again_with_each_further_seed(undisturbed: StudyStore) -> None:
    trials = undisturbed.trials("small")
    best = ranked(trials)[:3]
    runs = confirmations(trials)

    assert len(searched(trials)) == CONFIG.trials
    assert sorted(runs) == sorted(best)
    assert undisturbed.attributes("small")["finalists"] == best
    for number in best:
        assert len(runs[number]) == 2
        seeds = [trials[number].user_attrs["seed"], *(run.user_attrs["seed"] for run in runs[number])]
        assert len(set(seeds)) == 3
        assert all(run.params == trials[number].params for run in runs[number])
        assert {run.state for run in runs[number]} <= {TrialState.COMPLETE, TrialState.FAIL}  # none is pruned


def test_the_winner_is_one_of_them_by_the_mean(undisturbed: StudyStore) -> None:
    trials = undisturbed.trials("small")
    runs = confirmations(trials)

    def mean(number: int) -> float:
        values = [trial.value for trial in (trials[number], *runs[number])]
        return sum(value for value in values if value is not None) / 3

    won = winner_of(trials, CONFIG.training_rules.metric).number
    assert mean(won) == min(mean(number) for number in runs if is_confirmed(runs[number]))


def test_the_search_is_the_one_without_confirmation(undisturbed: StudyStore, tmp_path: Path) -> None:
    config = small_config()
    store = new_store(tmp_path, "without")
    begin(store, config)
    run_to_end(store, config)

    assert content(store, "small") == content(undisturbed, "small")[: config.trials]
    assert store.attributes("small")["finalists"] == []
    store.close()


@pytest.mark.parametrize("n_workers", [2, 5])
def test_any_number_of_workers_confirms_the_same(
    undisturbed: StudyStore, tmp_path: Path, n_workers: int
) -> None:
    store = new_store(tmp_path, "workers")
    begin(store, CONFIG)
    run_to_end(store, CONFIG, pool=InProcessPool(two_moons(), n_workers=n_workers))

    assert content(store, "small") == content(undisturbed, "small")
    store.close()


@settings(max_examples=6)
@given(crashes=st.lists(st.integers(1, 12), min_size=2, max_size=4))
def test_a_study_that_crashes_in_its_confirmation_is_the_same(
    undisturbed: StudyStore, tmp_path_factory: pytest.TempPathFactory, crashes: list[int]
) -> None:
    store = new_store(tmp_path_factory.mktemp("crashed"), "store")
    begin(store, CONFIG)
    run_to_end(store, CONFIG.model_copy(update={"confirmation": ConfirmationConfig(finalists=0)}))
    for n_events in crashes:
        with pytest.raises(Crash, match=r"^$"):
            run_to_end(store, CONFIG, witness=crashing_after(n_events))
    run_to_end(store, CONFIG)

    assert content(store, "small") == content(undisturbed, "small")
    store.close()


def test_a_finalist_whose_worker_dies_for_good_is_out(tmp_path: Path) -> None:
    store = new_store(tmp_path, "dying")
    begin(store, CONFIG)
    run_to_end(store, CONFIG, pool=DyingPool({CONFIG.trials: 3}))
    trials = store.trials("small")
    lost = trials[CONFIG.trials]

    assert lost.state is TrialState.FAIL
    assert record_of(lost).confirms == ranked(trials)[0]
    assert winner_of(trials, CONFIG.training_rules.metric).number != record_of(lost).confirms
    store.close()


def test_fewer_complete_trials_than_finalists_are_all_confirmed(tmp_path: Path) -> None:
    config: ResolvedStudy = CONFIG.model_copy(update={"trials": 2})
    store = new_store(tmp_path, "few")
    begin(store, config)
    witness = run_to_end(store, config)

    assert witness.ending is not None
    assert len(store.trials("small")) == 2 + 2 * len(ranked(store.trials("small")))
    store.close()
