"""Trials read in bulk are Optuna's own, of every kind there is; without their curves they lack only those."""

from collections.abc import Iterator
from copy import deepcopy
from math import inf, nan

import optuna
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import FrozenTrial, TrialState

from search_spaces.values import Value
from service.study.storage.kept_trials import AskedTrial, TrialAttributes, TrialResult
from service.study.storage.study_store import StudyStore

CURVE = {"dev_metric": [0.5, 0.25, 0.125], "dev_loss": [0.1, 0.2, 0.3]}


@pytest.fixture
def store(studies_url: str) -> Iterator[StudyStore]:
    store = StudyStore(studies_url, create=True)
    store.create("study", {})
    yield store
    store.close()


def optuna_reads(store: StudyStore, name: str) -> list[FrozenTrial]:
    return optuna.load_study(study_name=name, storage=store.optuna_storage).get_trials(deepcopy=False)


def all_kinds(study: optuna.Study) -> None:
    """Put a trial of every state into a study, with parameters, values and attributes of every sort."""
    study.enqueue_trial({"rate": 0.5})
    pruned, failed, running, complete, infinite = (study.ask() for _ in range(5))
    for trial in (pruned, failed, running):
        trial.suggest_float("rate", 1e-5, 1.0, log=True)
        trial.suggest_int("width", 8, 64, step=8)
        trial.suggest_categorical("mixed", ("adam", 1, 2.5, True, None))
    for epoch, value in enumerate((0.1 + 0.2, inf, -inf, nan), start=3):
        pruned.report(value, epoch)
    complete.set_user_attr("learning_curve", CURVE)
    complete.set_user_attr("words", {"": None, "ß": ["\u2028", 1e300]})
    study.tell(pruned, state=TrialState.PRUNED)
    study.tell(failed, state=TrialState.FAIL)
    study.tell(complete, 1 / 3)
    study.tell(infinite, -inf)
    study.enqueue_trial({"rate": 0.25}, user_attrs={"why": "asked for"})


def test_every_kind_of_trial_is_read_as_optuna_reads_it(store: StudyStore) -> None:
    study = optuna.load_study(study_name="study", storage=store.optuna_storage)
    all_kinds(study)
    read, expected = store.trials("study"), optuna_reads(store, "study")
    assert {trial.state for trial in expected} == set(TrialState)
    assert [repr(trial) for trial in read] == [repr(trial) for trial in expected]  # a NaN is not itself
    for trial in (*read, *expected):
        trial.intermediate_values = {}
    assert read == expected


def test_several_objectives_are_in_their_order(store: StudyStore) -> None:
    study = optuna.create_study(
        storage=store.optuna_storage, study_name="two", directions=["minimize", "maximize"]
    )
    study.tell(study.ask(), [0.5, inf])
    assert store.trials("two") == optuna_reads(store, "two")
    assert store.trials("two")[0].values == [0.5, inf]


def test_only_the_studys_own_trials_are_read(store: StudyStore) -> None:
    store.create("other", {})
    for number in range(3):
        for name in ("study", "other"):
            distributions = {"rate": FloatDistribution(0, 1)}
            asked = AskedTrial(number, {"rate": number / 4}, distributions, {"worker": name})
            store.record(name, ended=[], asked=[asked])
    assert [trial.user_attrs["worker"] for trial in store.trials("other")] == ["other"] * 3
    assert store.trials("other") == optuna_reads(store, "other")


def test_without_curves_all_else_is_there(store: StudyStore) -> None:
    distributions = {
        "rate": FloatDistribution(0, 1),
        "depth": IntDistribution(1, 4),
        "optimizer": CategoricalDistribution(("adam", "sgd")),
    }
    values: dict[str, Value] = {"rate": 0.5, "depth": 2, "optimizer": "sgd"}
    store.record(
        "study", ended=[], asked=[AskedTrial(n, values, distributions, {"seed": n}) for n in range(4)]
    )
    of_folds = TrialAttributes(learning_curve=CURVE | {"folds": [1, 1, 2]}, fold_metrics=[0.25, 0.125])
    results = [
        TrialResult(0, TrialState.COMPLETE, 0.5, [0.5], {"learning_curve": CURVE, "best_epoch": 1}),
        TrialResult(1, TrialState.COMPLETE, 0.5, [0.5], of_folds),
        TrialResult(2, TrialState.FAIL, None, [], {"failure_reason": "diverged"}),
    ]
    store.record("study", ended=results, asked=[])

    expected = [deepcopy(trial) for trial in store.trials("study")]
    assert expected[1].user_attrs["learning_curve"] == CURVE | {"folds": [1, 1, 2]}
    expected[0].user_attrs["learning_curve"].clear()
    expected[1].user_attrs["learning_curve"] = {"folds": [1, 1, 2]}
    read = store.trials("study", with_curves=False)
    assert read == expected

    store.read_curves("study", [read[0], read[2]])
    assert read[0].user_attrs["learning_curve"] == CURVE
    assert read[1:] == expected[1:]
