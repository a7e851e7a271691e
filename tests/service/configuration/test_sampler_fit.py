"""A sampler that cannot search a space is refused with the reason."""

import pytest
from pydantic import ValidationError

from service.configuration.search_config import SamplerName
from service.configuration.study_config import StudyConfig

CHOICE = {"optimizer": {"choices": ["adam", "momentum"]}}
CONDITIONAL = {**CHOICE, "momentum": {"low": 0.5, "high": 0.9, "when": {"optimizer": ["momentum"]}}}
NUMERIC = {"learning_rate": {"low": 1e-4, "high": 1.0, "log": True}}
MANY = {
    name: {"low": 0.1, "high": 0.5} for name in ("l1_lambda", "l2_lambda", "label_smoothing", "keep_prob")
}


def study(space: object, sampler: object, *, trials: int = 5) -> StudyConfig:
    return StudyConfig.model_validate(
        {"data": {"table": "digits"}, "space": space, "sampler": sampler, "trials": trials}
    )


@pytest.mark.parametrize(
    ("space", "sampler", "trials", "reason"),
    [
        (
            CONDITIONAL,
            "grid",
            5,
            "a grid needs dimensions without conditions, .* got a condition on momentum",
        ),
        (MANY, {"kind": "grid", "points": 18}, 5, "expected a grid of at most 100,000 points, got 104,976"),
        (CHOICE, "grid", 4, "the grid has 2 points .* expected at most 3 trials, got 4"),
        (CHOICE, "cma-es", 5, "cma-es needs a range of numbers without a condition, got none in this space"),
        (CONDITIONAL, "cma-es", 5, "cma-es needs a range of numbers"),
        ({"batch_size": 64}, "gp", 5, "gp needs a dimension without a condition"),
    ],
)
def test_a_space_that_it_cannot_search_is_refused(
    space: object, sampler: object, trials: int, reason: str
) -> None:
    with pytest.raises(ValidationError, match=f"sampler: {reason}"):
        study(space, sampler, trials=trials)


@pytest.mark.parametrize("kind", sorted({*SamplerName} - {SamplerName.GRID}))
def test_all_but_the_grid_take_conditions_beside_a_range(kind: SamplerName) -> None:
    assert study({**CONDITIONAL, **NUMERIC}, kind.value).sampler.kind is kind


def test_a_grid_takes_one_trial_more_than_its_points() -> None:
    assert study({**CHOICE, **NUMERIC}, "grid", trials=7).trials == 7
