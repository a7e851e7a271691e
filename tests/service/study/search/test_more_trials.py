"""More of a study comes to what it had come to with the higher limits from the start."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from optuna.trial import FrozenTrial, TrialState, create_trial

from service.configuration.data_config import EqualRowsRule
from service.configuration.search_config import PrunerConfig, PrunerName, SamplerConfig, SamplerName
from service.configuration.study_config import (
    BudgetConfig,
    ConfirmationConfig,
    ResolvedStudy,
    RoundsConfig,
    TrialLimitsConfig,
)
from service.errors import BadInputError
from service.report.facts.search_facts import origin_of
from service.seal.split_decisions import EqualRows, Meeting
from service.study.search.more_trials import NewLimits, command_with, extend_study, points_of_failed
from service.study.search.search_budget import EndingReason
from service.study.search.trial_lifecycle import MAX_RUNS
from service.study.search.winner import winner_of
from service.study.storage.kept_trials import place_of, record_of, searched
from service.study.storage.stored_study import direction_of, load_study
from service.study.storage.study_format import FORMAT
from service.study.storage.study_store import StudyStore
from tests.service.study.search.crashes import Crash, DyingPool, crashing_after, new_store
from tests.service.study.search.studies import ACCIDENTS, folded_moons, run_to_end, small_config, two_moons
from tests.service.study.search.test_always_the_same import SAMPLERS, UNCONDITIONAL, WORST
from tests.service.study.search.unruly_pool import UnrulyPool
from workers.pools.in_process_pool import InProcessPool
from workers.trial_data import TrialData

FEW, MANY = 12, 24
CONFIRMATION = ConfirmationConfig(finalists=3, seeds=2)
NO_CONFIRMATION = ConfirmationConfig(finalists=0)


def config_of(**changes: Any) -> ResolvedStudy:  # noqa: ANN401 (any field of the configuration)
    return small_config(**{"confirmation": CONFIRMATION, "trials": FEW, "seed": 6, **changes})


def begin(store: StudyStore, config: ResolvedStudy) -> None:
    """Make a study that can be loaded."""
    attributes = {
        "format": FORMAT,
        "config": config.model_dump(mode="json"),
        "keep_sealed": True,
        "command": "proctor run moons --trials 12 --seed 6 --concurrency 4",
        "target": "moon",
        "n_examples": {"train": 60, "dev": 40},
        "equal_rows": EqualRows(
            meeting=Meeting.NONE,
            rule=EqualRowsRule.AUTO,
            n_rows=100,
            n_meeting=0,
            n_kept_together=0,
            n_times=1,
            is_by_time=False,
        ).model_dump(mode="json"),
        "test_fingerprint": None,
        "known_fingerprint": "0" * 64,
        "versions": {},
        "machine": {},
    }
    store.create(config.name, attributes, direction=direction_of(config))


def more(store: StudyStore, trials: int | None = None, **budget: float) -> ResolvedStudy:
    """Give the study higher limits; return it."""
    assert extend_study("small", store, NewLimits(trials, budget), look_again=None)
    return load_study(store, "small").config


def outcome(store: StudyStore) -> dict[str, Any]:
    """Return what a study has come to, by places where its numbers depend on when it went on."""
    study = load_study(store, "small")
    trials = store.trials("small")
    places = {trial.number: place_of(trial) for trial in searched(trials)}
    runs = [trial for trial in study.trials if record_of(trial).is_confirmation]
    return {
        "config": study.config,
        "searched": [_of(trial, places) for trial in searched(trials)],
        "confirmations": sorted(
            (_of(trial, places) for trial in runs), key=lambda run: (run["confirms"], run["seed"])
        ),
        "winner": places[winner_of(study.trials, study.metric).number],
        "finalists": [places[number] for number in study.finalists or ()],
        "ending": study.ending,
        "predictions": {
            places[number]: kept.tobytes() for number, kept in store.dev_predictions("small").items()
        },
        "is_over": study.is_over,
    }


def _of(trial: FrozenTrial, places: dict[int, int]) -> dict[str, Any]:
    kept = {key: value for key, value in trial.user_attrs.items() if key not in ACCIDENTS | {"place"}}
    if "confirms" in kept:
        kept["confirms"] = places[kept["confirms"]]
    return {
        **kept,
        "place": places.get(trial.number),
        "state": trial.state,
        "value": trial.value,
        "params": trial.params,
        "distributions": trial.distributions,
        "intermediate_values": trial.intermediate_values,
    }


def from_the_start(
    directory: Path, config: ResolvedStudy, *, data: TrialData | None = None
) -> dict[str, Any]:
    store = new_store(directory, "from-the-start")
    begin(store, config)
    run_to_end(store, config, data=data)
    found = outcome(store)
    store.close()
    return found


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StudyStore]:
    store = new_store(tmp_path, "went-on")
    yield store
    store.close()


def of_kind(sampler: SamplerName, pruner: PrunerName) -> ResolvedStudy:
    changes: dict[str, Any] = {
        "sampler": SamplerConfig(kind=sampler),
        "pruner": PrunerConfig(kind=pruner, worst=WORST if pruner is PrunerName.THRESHOLD else None),
    }
    if sampler is SamplerName.GRID:
        changes |= {"space": UNCONDITIONAL, "sampler": SamplerConfig(kind=sampler, points=30)}
    return config_of(**changes)


@pytest.mark.parametrize("sampler", SAMPLERS)
@pytest.mark.parametrize("pruner", PrunerName)
def test_twice_as_many_trials_come_to_the_same_as_from_the_start(
    store: StudyStore, tmp_path: Path, sampler: SamplerName, pruner: PrunerName
) -> None:
    config = of_kind(sampler, pruner)
    begin(store, config)
    run_to_end(store, config)
    run_to_end(store, more(store, trials=MANY))

    assert outcome(store) == from_the_start(tmp_path, config.model_copy(update={"trials": MANY}))


def test_over_folds_and_in_either_database_it_comes_to_the_same(studies_url: str, tmp_path: Path) -> None:
    store, data = StudyStore(studies_url, create=True), folded_moons()
    config = config_of(trials=6, confirmation=ConfirmationConfig(finalists=2, seeds=1))
    begin(store, config)
    run_to_end(store, config, data=data)
    run_to_end(store, more(store, trials=FEW), data=data)
    whole = from_the_start(tmp_path, config.model_copy(update={"trials": FEW}), data=data)

    assert outcome(store) == whole
    assert any(len(trial["fold_metrics"]) == 3 for trial in whole["searched"])
    store.close()


def test_finalists_again_are_not_confirmed_again_and_earlier_ones_decide_nothing(store: StudyStore) -> None:
    config = config_of()
    begin(store, config)
    run_to_end(store, config)
    first = load_study(store, "small")
    ran = run_to_end(store, more(store, trials=MANY))
    study = load_study(store, "small")

    assert set(first.finalists or ()) & set(study.finalists or ()), "one is a finalist again"
    dropped = set(first.finalists or ()) - set(study.finalists or ())
    assert dropped, "one is a finalist no longer"
    assert {event.number for event, _ in ran.events}.isdisjoint(trial.number for trial in first.trials)
    runs = [record_of(trial) for trial in study.trials if record_of(trial).is_confirmation]
    assert len({(run.confirms, run.seed) for run in runs}) == len(runs) == 6
    assert {record_of(run).confirms for run in study.earlier_confirmations} == dropped
    by_number = {trial.number: trial for trial in store.trials("small", with_curves=False)}
    assert all(by_number[trial.number].user_attrs == trial.user_attrs for trial in first.trials)


def test_more_of_it_three_times_comes_to_the_same(store: StudyStore, tmp_path: Path) -> None:
    config = config_of(trials=7)
    begin(store, config)
    run_to_end(store, config)
    for trials in (10, 17, MANY):
        run_to_end(store, more(store, trials=trials))

    assert outcome(store) == from_the_start(tmp_path, config.model_copy(update={"trials": MANY}))
    assert [each.n_trials for each in load_study(store, "small").extensions] == [7, 10, 17]


@settings(max_examples=8)
@given(
    crashes=st.lists(st.integers(1, 40), min_size=1, max_size=4),
    accidents=st.integers(0, 10_000),
    when=st.integers(0, 4),
)
def test_killed_at_any_step_it_comes_to_the_same_even_if_it_was_asked_for_before_the_end(
    tmp_path_factory: pytest.TempPathFactory, crashes: list[int], accidents: int, when: int
) -> None:
    directory, config, data = tmp_path_factory.mktemp("killed"), config_of(), two_moons()
    store = new_store(directory, "went-on")
    begin(store, config)
    for life, n_events in enumerate([*crashes, 10_000, 10_000]):
        if life == min(when, len(crashes)):
            config = more(store, trials=MANY)
        pool = UnrulyPool(data, n_workers=2, seed=accidents + life)
        try:
            run_to_end(store, config, pool=pool, witness=crashing_after(n_events))
        except Crash:
            continue

    assert outcome(store) == from_the_start(directory, config)
    store.close()


def test_asked_for_in_the_confirmation_what_was_begun_is_ended(store: StudyStore, tmp_path: Path) -> None:
    """Also a confirmation of a trial that is a finalist no longer: storage shows it as running."""
    config = config_of(confirmation=ConfirmationConfig(finalists=3, seeds=3))
    counted = new_store(tmp_path, "counted")
    begin(counted, config.model_copy(update={"confirmation": NO_CONFIRMATION}))
    n_before = len(run_to_end(counted, load_study(counted, "small").config).events)
    counted.close()
    begin(store, config)
    with pytest.raises(Crash, match=r"^$"):
        run_to_end(store, config, witness=crashing_after(n_before + 1))
    assert not all(trial.state.is_finished() for trial in store.trials("small"))
    run_to_end(store, more(store, trials=MANY))

    assert outcome(store) == from_the_start(tmp_path, config.model_copy(update={"trials": MANY}))
    assert all(trial.state.is_finished() for trial in store.trials("small"))


@pytest.mark.parametrize(
    ("few", "many", "reason"),
    [
        ({"epochs": 40}, {"epochs": 90}, EndingReason.EPOCHS),
        ({"no_gain_trials": 3}, {"no_gain_trials": 9}, EndingReason.NO_GAIN),
        ({"dev_metric": 0.5}, {"dev_metric": 0.01}, EndingReason.DEV_METRIC),
    ],
)
def test_another_limit_comes_to_the_same(
    store: StudyStore,
    tmp_path: Path,
    few: dict[str, float],
    many: dict[str, float],
    reason: EndingReason,
) -> None:
    config = config_of(trials=MANY, budget=BudgetConfig.model_validate(few))
    begin(store, config)
    run_to_end(store, config)
    study = load_study(store, "small")
    assert study.ending is not None
    assert study.ending["reason"] == reason
    n_before = len(searched(study.trials))
    run_to_end(store, more(store, trials=None, **many))

    found = outcome(store)
    assert found == from_the_start(
        tmp_path, config.model_copy(update={"budget": BudgetConfig.model_validate(many)})
    )
    assert len(found["searched"]) > n_before


def test_points_that_wait_at_the_end_are_tried_when_it_goes_on(store: StudyStore) -> None:
    config = config_of(trials=2)
    begin(store, config)
    point = {"optimizer": "adam", "learning_rate": 0.02, "width": 5}
    store.set_attribute("small", "enqueued", [{"values": point, "origin": "user"}] * 2)
    run_to_end(store, config)
    run_to_end(store, more(store, trials=4))

    tried = searched(load_study(store, "small").trials)
    assert [record_of(trial).enqueued for trial in tried] == [None, 0, 1, None]


def refusal(store: StudyStore, trials: int | None = None, **budget: float) -> str:
    with pytest.raises(BadInputError, match=r"^") as error:
        more(store, trials, **budget)
    return str(error.value)


def test_limits_that_are_reached_are_refused_in_one_line(store: StudyStore) -> None:
    config = config_of()
    begin(store, config)
    run_to_end(store, config)
    before = store.attributes("small")

    expected = "expected a limit that study 'small' has not reached, got"
    assert refusal(store, trials=8) == f"--trials: {expected} 8: it has 12 trials"
    assert f"--epochs: {expected} 5: it has run" in refusal(store, trials=MANY, epochs=5)
    assert f"--no-gain: {expected} 1: 1 trial brought no new best" in refusal(store, no_gain_trials=1)
    assert f"--dev-metric: {expected} 0.9: the dev error" in refusal(store, trials=MANY, dev_metric=0.9)
    assert f"--seconds: {expected} 0.001: it has run for" in refusal(store, trials=MANY, seconds=0.001)
    reached = "because another limit is reached: it has 12 trials; raise --trials too"
    assert refusal(store, epochs=100_000) == f"study 'small' would not go on, {reached}"
    assert store.attributes("small") == before


def test_a_limit_that_the_study_had_not_is_taken_where_it_would_not_have_ended_before(
    store: StudyStore, tmp_path: Path
) -> None:
    config = config_of()
    begin(store, config)
    run_to_end(store, config)
    run_to_end(store, more(store, trials=MANY, epochs=52))

    found = outcome(store)
    changes = {"trials": MANY, "budget": BudgetConfig(epochs=52)}
    assert found == from_the_start(tmp_path, config.model_copy(update=changes))
    assert found["ending"] == {"reason": "epochs", "text": "52 epochs were spent"}


def test_the_same_limits_again_change_nothing(store: StudyStore) -> None:
    config = config_of()
    begin(store, config)
    run_to_end(store, config)
    before = store.attributes("small")

    assert not extend_study("small", store, NewLimits(FEW, {}), look_again=None)
    assert store.attributes("small") == before


def test_a_grid_of_fewer_points_is_refused(store: StudyStore) -> None:
    sampler = SamplerConfig(kind=SamplerName.GRID, points=14)
    config = config_of(space=UNCONDITIONAL, sampler=sampler)
    begin(store, config)
    run_to_end(store, config)

    assert refusal(store, trials=MANY).startswith("--trials: the grid has 14 points and is tried once")


def test_one_of_several_rounds_is_refused(store: StudyStore) -> None:
    config = config_of(trials=2, rounds=RoundsConfig(count=2))
    begin(store, config)

    assert refusal(store, trials=4).startswith("study 'small' is one of several rounds")


def test_what_its_end_gave_it_is_gone_until_its_next_end(store: StudyStore) -> None:
    config = config_of()
    begin(store, config)
    run_to_end(store, config)
    more(store, trials=MANY)
    study = load_study(store, "small")

    assert (study.ending, study.finalists, study.winner, study.learning_curve) == (None, None, None, None)
    assert study.left == "12 of 24 trials left"
    assert study.command == "proctor run moons --trials 24 --seed 6 --concurrency 4"
    assert len(study.earlier_confirmations) == 6
    assert study.trials == searched(study.trials)


@pytest.mark.parametrize(
    ("command", "limits", "expected"),
    [
        ("proctor run a.csv", {EndingReason.TRIALS: 9.0}, "proctor run a.csv --trials 9"),
        (
            "proctor run 'a b.csv' --seconds 4",
            {EndingReason.SECONDS: 7.5},
            "proctor run 'a b.csv' --seconds 7.5",
        ),
        ("proctor run s.toml", {EndingReason.NO_GAIN: 5.0}, "proctor run s.toml --no-gain 5"),
        ("study of an array, fitted from Python", {EndingReason.TRIALS: 9.0}, None),
    ],
)
def test_the_command_has_the_new_limits(
    command: str, limits: dict[EndingReason, float], expected: str | None
) -> None:
    assert command_with(command, limits) == (expected or command)


def retry(store: StudyStore) -> ResolvedStudy:
    """Have what the machine failed tried again."""
    study = load_study(store, "small")
    points = points_of_failed(study)
    assert extend_study("small", store, NewLimits(None, {}), look_again=None, retry_failed=True)
    after = load_study(store, "small")
    assert after.command == study.command, "which knows nothing of what is tried again"
    assert after.config.trials == study.config.trials + len(points)
    return after.config


def test_what_the_machine_failed_is_tried_again_by_further_trials(tmp_path: Path) -> None:
    config = config_of(confirmation=NO_CONFIRMATION)
    outcomes = []
    for n_workers in (1, 3):
        store = new_store(tmp_path, f"on-{n_workers}")
        begin(store, config)
        run_to_end(store, config, pool=DyingPool({4: MAX_RUNS, 7: MAX_RUNS}))
        before = load_study(store, "small")
        assert [before.trials[number].state for number in (4, 7)] == [TrialState.FAIL] * 2
        run_to_end(store, retry(store), pool=InProcessPool(two_moons(), n_workers=n_workers))
        after = load_study(store, "small")
        again = after.trials[FEW:]
        assert [trial.params for trial in again] == [after.trials[number].params for number in (4, 7)]
        assert [origin_of(trial, after.enqueued) for trial in again] == ["failed trial 4", "failed trial 7"]
        assert after.trials[:FEW] == before.trials
        assert points_of_failed(after) == []
        outcomes.append(outcome(store))
        store.close()
    assert outcomes[0] == outcomes[1]


def test_a_trial_that_ran_out_of_time_or_memory_is_one_that_the_machine_failed(store: StudyStore) -> None:
    config = config_of(trials=4, limits=TrialLimitsConfig(seconds=3.0, memory_megabytes=90))
    begin(store, config)
    run_to_end(store, config)
    limits = config.limits.of_trial
    study = load_study(store, "small")
    reasons = (limits.out_of_time, limits.out_of_memory, "diverged in epoch 3", "given up after 3 runs: dead")
    trials = [
        create_trial(
            state=TrialState.FAIL,
            params=trial.params,
            distributions=trial.distributions,
            user_attrs={"virtual_start": 0.0, "failure_reason": reason}
            | ({} if reason.startswith("given") else {"seconds": 1.0}),
        )
        for trial, reason in zip(searched(study.trials), reasons, strict=True)
    ]
    for number, trial in enumerate(trials):
        trial.number = number
    found = points_of_failed(replace(study, trials=trials))
    assert [point.origin for point in found] == ["failed trial 0", "failed trial 1", "failed trial 3"]
