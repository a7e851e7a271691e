"""Whether a target or its logarithm is learned: by the setting, by the space, and by what the target is."""

from typing import Any

import pytest
from pydantic import ValidationError

from search_spaces.dimensions import CategoricalDimension
from search_spaces.input_choices import TargetScale
from search_spaces.kinds import SPACES
from service.configuration.study_config import ResolvedStudy, StudyConfig, resolve
from service.configuration.study_difference import first_difference
from service.configuration.target_scale import insistence, scale_at, scales_of
from workers.train_dev_data import Task

BOTH = {"choices": ["standard", "log"]}


def study(scale: object = None, *, log_target: bool | None = None, **more: Any) -> StudyConfig:  # noqa: ANN401
    space: dict[str, object] = {"strength": {"low": 1e-2, "high": 1e2}, "target_scale": scale}
    if scale is None:
        del space["target_scale"]
    data = {"table": "prices.csv", "log_target": log_target}
    return StudyConfig.model_validate({"model": "linear", "space": space, "data": data, **more})


def resolved(
    config: StudyConfig, *, has_logarithm: bool = True, task: Task = Task.REGRESSION
) -> ResolvedStudy:
    counts = (5, 5) if task is Task.CLASSIFICATION else ()
    return resolve(config, task=task, class_counts=counts, has_logarithm=has_logarithm)


@pytest.mark.parametrize(
    ("scale", "log_target", "scales"),
    [
        (None, None, {"standard"}),
        (None, True, {"log"}),
        (None, False, {"standard"}),
        (BOTH, None, {"standard", "log"}),
        (BOTH, True, {"log"}),
        (BOTH, False, {"standard"}),
        ("log", None, {"log"}),
        ({**BOTH, "when": {"strength": {"at_least": 1.0}}}, True, {"log"}),
        ({"choices": ["log"], "when": {"strength": {"at_least": 1.0}}}, None, {"standard", "log"}),
    ],
)
def test_the_setting_fixes_what_the_space_leaves_open(
    *,
    scale: object,
    log_target: bool | None,
    scales: set[str],
) -> None:
    space = resolved(study(scale, log_target=log_target)).space
    assert scales_of(space) == scales
    assert scale_at(space, space.default_values()) in scales


def test_a_logarithm_that_the_target_does_not_have_is_left_out_and_stays_so() -> None:
    kept = resolved(study(BOTH), has_logarithm=False)
    assert scales_of(kept.space) == {TargetScale.STANDARD}
    assert kept.space.searched_names == ("strength",)
    assert kept.data.log_target is False
    assert resolved(kept) == kept
    assert first_difference(study(BOTH), kept) is None
    assert "got" in (first_difference(study(BOTH, log_target=True), kept) or "")


def test_what_the_space_did_not_offer_is_a_difference() -> None:
    kept = resolved(study(), has_logarithm=False)
    assert kept.data.log_target is None
    assert first_difference(study(BOTH), kept) is not None


def test_what_was_searched_with_a_logarithm_alone_is_left_out_with_it() -> None:
    l1_ratio = {"choices": [0.0, 1.0], "when": {"target_scale": ["log"]}}
    class_balance = {"low": 0.0, "high": 1.0}
    space = {"target_scale": BOTH, "l1_ratio": l1_ratio, "strength": {"low": 0.1, "high": 1.0}}
    config = study(space={**space, "class_balance": class_balance})
    assert resolved(config).space.searched_names == ("target_scale", "l1_ratio", "strength")
    assert resolved(config, has_logarithm=False).space.searched_names == ("strength",)


def test_classes_have_no_scale() -> None:
    kept = resolved(study(BOTH), task=Task.CLASSIFICATION, has_logarithm=False)
    assert kept.space.searched_names == ("strength",)
    assert kept.data.log_target is None


def test_all_kinds_in_a_contest_learn_the_same_where_it_is_said() -> None:
    contest = [{"model": "linear", "space": {"target_scale": BOTH}}, {"model": "boosting"}]
    config = StudyConfig.model_validate({"data": {"table": "a.csv", "log_target": True}, "contest": contest})
    assert [scales_of(each.space) for each in resolved(config).contest] == [{TargetScale.LOG}] * 2
    spaces = [each.space for each in config.contest]
    assert insistence(spaces, log_target=None) is None
    assert insistence([*spaces, study("log").space], log_target=None) == "space.target_scale"


def test_a_space_that_says_otherwise_than_the_setting_is_refused() -> None:
    for scale, log_target, other in (("log", False, "standard"), ("standard", True, "log")):
        rule = rf"expected a target_scale in \[space\] that can be {other}, got {scale}"
        with pytest.raises(ValidationError, match=rule):
            study(scale, log_target=log_target)


@pytest.mark.parametrize("kind", [*SPACES, "own"])
def test_every_kind_of_model_may_search_it(kind: str) -> None:
    own = {"model": {"estimator": "mine:forest"}} if kind == "own" else {"model": kind}
    space = {"target_scale": BOTH} | ({"depth": 3} if kind in ("own", "network") else {})
    searched = StudyConfig.model_validate({"data": {"table": "a.csv"}, "space": space, **own}).space
    assert isinstance(searched.dimensions["target_scale"], CategoricalDimension)
    assert [each.target_scale for each in searched.input_choices()] == ["standard", "log"]
    assert searched.point({"target_scale": "log"}).input_choices.target_scale is TargetScale.LOG
