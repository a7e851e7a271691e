"""A study's configuration: valid or refused, named after its table, the same after storage."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from search_spaces.network.space import NetworkSpace
from search_spaces.presets import load_preset, preset_names
from service.configuration.data_config import DataConfig
from service.configuration.search_config import PrunerName, SamplerConfig
from service.configuration.study_config import (
    ResolvedStudy,
    StudyConfig,
    check_task,
    default_name,
    resolve,
)
from service.errors import BadInputError
from workers.metrics.metric import Metric, metrics_of
from workers.train_dev_data import Task


def _study(**written: object) -> StudyConfig:
    return StudyConfig.model_validate({"data": {"table": "digits"}, **written})


def test_all_but_the_table_has_a_default() -> None:
    study = _study()
    assert (study.name, study.seed, study.trials, study.concurrency) == ("digits", 0, 50, None)
    assert (study.training.max_epochs, study.training.patience) == (60, 10)
    assert (study.sampler, study.pruner.kind, study.pruner.reduction_factor) == (
        SamplerConfig(),
        PrunerName.SUCCESSIVE_HALVING,
        3,
    )
    assert study.space == load_preset(NetworkSpace, "default")
    assert study.data.task is None


@pytest.mark.parametrize(
    ("table", "name"),
    [
        ("digits", "digits"),
        ("/data/house prices (1).csv", "house-prices-1"),
        ("../a.b.csv", "a.b"),
        ("/data/数据.csv", "study"),
        ("x" * 90 + ".csv", "x" * 64),
        ("sales-round-2.csv", "sales-round2"),
    ],
)
def test_a_study_is_named_after_its_table(table: str, name: str) -> None:
    assert default_name(table) == name
    assert _study(data={"table": table}).name == name


@given(table=st.text(min_size=1))
def test_any_table_gives_a_valid_name(table: str) -> None:
    assert _study(data={"table": table}).name


@pytest.mark.parametrize("name", ["", "a b", "-a", "x" * 65, "a/b", "a\n", "né"])
def test_a_name_that_would_not_be_typed_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match="at most 64 letters, digits"):
        _study(name=name)


@pytest.mark.parametrize("name", ["x-round-3", "-round-2", "x-round-2-round-10"])
def test_a_later_rounds_name_is_given_to_no_other_study(name: str) -> None:
    with pytest.raises(ValidationError, match="expected "):
        _study(name=name)


@pytest.mark.parametrize("name", ["x-round", "x-round-", "x-round-3a", "round-3", "x-round-3-next"])
def test_a_name_that_is_like_a_later_rounds_is_taken(name: str) -> None:
    assert _study(name=name).name == name


@pytest.mark.parametrize(
    "wrong",
    [
        {"trials": 0},
        {"trials": 5.0},
        {"trials": "5"},
        {"trials": True},
        {"seed": -1},
        {"concurrency": 0},
        {"bayes_error": -0.1},
        {"bayes_error": float("nan")},
        {"sampler": "gpp"},
        {"pruner": {"reduction_factor": 1}},
        {"training": {"min_gain": -0.1}},
        {"metric": "accuracy"},
        {"watch": "loss"},
        {"training": {"patience": 0}},
        {"data": {"table": ""}},
        {"data": {"table": "digits", "task": "clustering"}},
        {"workers": 2},
    ],
)
def test_a_wrong_value_is_refused_at_its_place(wrong: dict[str, Any]) -> None:
    (name,) = wrong
    with pytest.raises(ValidationError, match=rf"(?m)^{name}"):
        _study(**wrong)


def test_a_study_is_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        _study().trials = 3  # type: ignore[misc]


@pytest.mark.parametrize("space", preset_names(NetworkSpace))
def test_a_study_comes_back_from_json_unchanged(space: str) -> None:
    study = resolve(
        _study(space=space, seed=7, bayes_error=0.02),
        task=Task.CLASSIFICATION,
        class_counts=(30, 50),
    )
    again = ResolvedStudy.model_validate_json(study.model_dump_json())
    assert again == study
    assert list(again.space.dimensions) == list(study.space.dimensions)


@pytest.mark.parametrize(("trials", "concurrency"), [(1, 4), (79, 4), (100, 6), (200, 12), (9_999, 32)])
def test_concurrency_is_a_sixteenth_of_the_trials_from_4_to_32(trials: int, concurrency: int) -> None:
    resolved = resolve(_study(trials=trials), task=Task.REGRESSION, class_counts=())
    assert resolved.concurrency == concurrency


def test_a_stated_concurrency_stays() -> None:
    assert resolve(_study(concurrency=1), task=Task.REGRESSION, class_counts=()).concurrency == 1


def test_a_new_study_keeps_the_task_that_was_told() -> None:
    assert resolve(_study(), task=Task.REGRESSION, class_counts=()).data.task is Task.REGRESSION


def test_a_bayes_error_is_a_fraction_in_classification_and_an_rmse_in_regression() -> None:
    assert resolve(_study(bayes_error=3.5), task=Task.REGRESSION, class_counts=()).bayes_error == 3.5
    with pytest.raises(BadInputError, match=r"bayes_error: in classification .* below 1, got 3\.5"):
        resolve(_study(bayes_error=3.5), task=Task.CLASSIFICATION, class_counts=(9, 9))
    with pytest.raises(ValidationError, match="in classification expected a fraction below 1, got 3"):
        _study(bayes_error=3, data={"table": "digits", "task": "classification"})


@pytest.mark.parametrize("key", ["metric", "watch"])
def test_a_metric_of_the_other_task_is_refused_wherever_the_task_is_told(key: str) -> None:
    with pytest.raises(BadInputError, match=rf"^{key}: in regression expected one of rmse, .*got roc_auc$"):
        check_task(_study(**{key: "roc_auc"}), Task.REGRESSION)
    with pytest.raises(BadInputError, match=rf"^{key}: in classification expected one of error, .*got mae$"):
        resolve(_study(**{key: "mae"}), task=Task.CLASSIFICATION, class_counts=(9, 9))
    with pytest.raises(
        ValidationError, match="in regression expected one of rmse, mae, r_squared, got error"
    ):
        _study(**{key: "error"}, data={"table": "prices.csv", "task": "regression"})


def test_a_new_study_keeps_the_metrics_that_were_told_and_watches_the_one_where_no_other_is() -> None:
    told = _study(metric="roc_auc", watch="log_loss")
    alone = _study(metric="roc_auc")
    for study, watch in ((told, Metric.LOG_LOSS), (alone, Metric.ROC_AUC)):
        resolved = resolve(study, task=Task.CLASSIFICATION, class_counts=(1, 99))
        assert (resolved.metric, resolved.watch) == (Metric.ROC_AUC, watch)


def test_a_regression_does_not_search_what_only_classes_have() -> None:
    space = {"class_balance": {"low": 0.0, "high": 1.0}, "width": {"low": 8, "high": 16}}
    study = _study(space=space)
    searched = {task: resolve(study, task=task, class_counts=(5, 5)).space.searched_names for task in Task}
    assert searched == {Task.CLASSIFICATION: ("class_balance", "width"), Task.REGRESSION: ("width",)}


def test_a_classification_does_not_search_what_only_numbers_have() -> None:
    space = {"clip_predictions": {"choices": ["off", "on"]}, "width": {"low": 8, "high": 16}}
    study = _study(space=space)
    searched = {task: resolve(study, task=task, class_counts=(5, 5)).space.searched_names for task in Task}
    assert searched == {Task.CLASSIFICATION: ("width",), Task.REGRESSION: ("clip_predictions", "width")}


def test_a_table_without_dates_does_not_search_what_only_dates_have() -> None:
    linear = {"date_encoding": {"choices": ["plain", "daily"]}, "strength": 2.0}
    network = {"date_encoding": "fine", "class_balance": 0.5, "width": {"low": 8, "high": 16}}
    spaces = {"linear": linear, "network": network}
    contest = [{"model": {"kind": kind}, "space": space} for kind, space in spaces.items()]
    study = _study(contest=contest, model={"kind": "linear"}, space=linear)
    resolved = resolve(study, task=Task.REGRESSION, class_counts=(), has_dates=False)
    assert list(resolved.space.dimensions) == ["strength"]
    assert [list(each.space.dimensions) for each in resolved.contest] == [["strength"], ["width"]]
    kept = resolve(study, task=Task.REGRESSION, class_counts=(), has_dates=True)
    assert list(kept.contest[1].space.dimensions) == ["date_encoding", "width"]


@pytest.mark.parametrize("metric", metrics_of(Task.CLASSIFICATION))
def test_the_first_trial_weighs_rare_classes_where_the_metric_does(metric: Metric) -> None:
    follows = 1.0 if metric in (Metric.BALANCED_ERROR, Metric.MACRO_F1) else 0.0
    study = _study(metric=metric)
    assert _first_balance(study) == follows
    kept = resolve(study, task=Task.CLASSIFICATION, class_counts=(5, 5))
    again = ResolvedStudy.model_validate_json(kept.model_dump_json())
    assert again.space.default_values()["class_balance"] == follows


def test_the_first_trial_follows_the_metric_that_the_classes_decide() -> None:
    assert [_first_balance(_study(), class_counts=counts) for counts in ((5, 5), (1, 9))] == [0.0, 1.0]


@pytest.mark.parametrize(
    ("dimension", "metric", "first"),
    [
        ({"low": 0.0, "high": 1.0, "default": 0.3}, "error", 0.3),
        ({"low": 0.0, "high": 1.0, "default": 0.0}, "balanced_error", 0.0),
        ({"low": 0.2, "high": 0.8}, "error", 0.2),
        ({"low": 0.2, "high": 0.8}, "macro_f1", 0.8),
        ({"choices": [0.0, 0.5]}, "balanced_error", 0.5),
        ({"low": 0.2, "high": 0.8, "when": {"width": {"at_least": 9}}}, "error", 0.2),
    ],
)
def test_a_default_of_the_users_stays_and_others_are_within_the_range(
    dimension: dict[str, object], metric: str, first: float
) -> None:
    space = {"width": {"low": 8, "high": 16, "default": 9}, "class_balance": dimension}
    assert _first_balance(_study(metric=metric, space=space)) == first


def test_of_trees_and_linear_models_the_first_trial_weighs_no_class() -> None:
    for kind in ("boosting", "linear"):
        assert _first_balance(_study(metric="balanced_error", model=kind)) == 0.0


def _first_balance(study: StudyConfig, *, class_counts: tuple[int, int] = (5, 5)) -> object:
    resolved = resolve(study, task=Task.CLASSIFICATION, class_counts=class_counts)
    return resolved.space.default_values()["class_balance"]


@pytest.mark.parametrize(("written", "shape"), [([8, 8], (8, 8, 1)), ([4, 5, 3], (4, 5, 3)), (None, None)])
def test_two_numbers_are_a_gray_image(written: list[int] | None, shape: tuple[int, int, int] | None) -> None:
    assert DataConfig.model_validate({"table": "digits", "image_shape": written}).image_shape == shape


@pytest.mark.parametrize("written", [[], [8], [8, 8, 1, 1], [8.5, 8], [0, 8], [True, 8], "8x8", 64])
def test_what_is_no_image_shape_is_refused(written: object) -> None:
    with pytest.raises(ValidationError, match="expected height, width and channels, whole numbers"):
        DataConfig.model_validate({"table": "digits", "image_shape": written})
