"""What failed trials have in common is said where chance would not do it, and is not made up."""

import numpy as np
import pytest
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution

from search_spaces.values import Value
from service.study.search.shared_traits import Failure, common_failure, plain_reason

DIVERGED = "diverged: the cost is not finite"


def failures(*values: dict[str, Value], reason: str = DIVERGED) -> list[Failure]:
    return [Failure(each, reason) for each in values]


def rates(*values: float) -> list[dict[str, Value]]:
    return [{"learning_rate": value, "width": 8 + index % 3} for index, value in enumerate(values)]


LOW_RATES = rates(0.001, 0.01, 0.02, 0.1, 0.3, 0.9)


def test_a_number_that_tells_them_from_the_others_is_said() -> None:
    said = common_failure(failures(*rates(3.0, 4.0, 10.0)), LOW_RATES)
    assert said == f"{DIVERGED}; all with learning_rate 3 or more, and none of the others"


def test_a_low_number_is_found_as_well_as_a_high_one_and_others_that_have_it_are_counted() -> None:
    said = common_failure(
        failures(*rates(0.001, 0.002, 0.003, 0.0025)), rates(0.0015, *np.linspace(1, 9, 12))
    )
    assert said == f"{DIVERGED}; all with learning_rate 0.003 or less, as 1 of 13 others"


def test_a_choice_that_all_share_is_said_before_a_number_that_goes_with_it() -> None:
    momentum: list[dict[str, Value]] = [
        {"optimizer": "momentum", "momentum": m} for m in (0.5, 0.7, 0.9, 0.8)
    ]
    adam: list[dict[str, Value]] = [{"optimizer": "adam"}] * 6
    assert common_failure(failures(*momentum), adam) == (
        f"{DIVERGED}; all with optimizer momentum, and none of the others"
    )


def test_where_it_takes_two_things_both_are_said() -> None:
    def point(optimizer: str, rate: float) -> dict[str, Value]:
        return {"optimizer": optimizer, "learning_rate": rate}

    failed = [point("sgd", rate) for rate in (3.0, 4.0, 5.0, 6.0)]
    others = [point("sgd", rate) for rate in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6)]
    others += [point("adam", rate) for rate in np.geomspace(0.1, 10, 20)]
    said = common_failure(failures(*failed), others)
    assert said.endswith(", and none of the others")
    assert "optimizer sgd" in said
    assert "learning_rate 3 or more" in said


def test_what_may_well_be_chance_is_not_said() -> None:
    said = common_failure(failures(*rates(3.0)), LOW_RATES)
    assert said == f"{DIVERGED}; nothing in their hyperparameters tells them from others"


def test_of_trials_that_fail_at_random_something_is_made_up_once_in_twenty_at_most() -> None:
    rng = np.random.default_rng(6)
    n_made_up = 0
    for _ in range(400):
        points: list[dict[str, Value]] = [
            {"a": float(rng.random()), "b": int(rng.integers(5)), "c": "xyz"[rng.integers(3)]}
            for _ in range(20)
        ]
        n_made_up += "nothing" not in common_failure(failures(*points[:5]), points[5:])
    assert n_made_up <= 0.05 * 400


DRAWN_FROM: dict[str, BaseDistribution] = {
    "learning_rate": FloatDistribution(1e-4, 1e4, log=True),
    "depth": IntDistribution(1, 4),
    "optimizer": CategoricalDistribution(("adam", "sgd")),
}


def test_where_all_have_failed_their_values_are_held_against_what_they_were_drawn_from() -> None:
    points: list[dict[str, Value]] = [
        {"learning_rate": rate, "depth": 1 + index % 4, "optimizer": ("adam", "sgd")[index % 2]}
        for index, rate in enumerate(np.geomspace(3.0, 9e3, 10).tolist())
    ]
    said = common_failure(failures(*points), distributions=DRAWN_FROM)
    assert said == f"{DIVERGED}; all with learning_rate 3 or more"
    spread = [{**point, "learning_rate": 10.0 ** (index - 4)} for index, point in enumerate(points[:9])]
    said = common_failure(failures(*spread), distributions=DRAWN_FROM)
    assert said == f"{DIVERGED}, whatever their hyperparameters"


def test_a_choice_or_a_whole_number_that_all_drew_is_no_chance_where_there_were_others() -> None:
    same: list[dict[str, Value]] = [{"optimizer": "sgd"}] * 10
    assert common_failure(failures(*same), distributions=DRAWN_FROM).endswith("all with optimizer sgd")
    deep: list[dict[str, Value]] = [{"depth": 4}, {"depth": 3}] * 5
    assert common_failure(failures(*deep), distributions=DRAWN_FROM).endswith("all with depth 3 or more")
    anywhere: list[dict[str, Value]] = [{"depth": 1}, {"depth": 4}] * 5
    assert common_failure(failures(*anywhere), distributions=DRAWN_FROM).endswith(
        ", whatever their hyperparameters"
    )


def test_the_commonest_reason_is_said_and_its_trials_are_looked_at() -> None:
    failed = failures(*rates(3.0, 4.0, 10.0)) + failures(*rates(0.01), reason="out of memory")
    said = common_failure(failed, LOW_RATES)
    assert said == f"3 of 4: {DIVERGED}; all with learning_rate 3 or more, and none of the others"


def test_many_reasons_are_counted() -> None:
    failed = [Failure(values, f"reason {index}") for index, values in enumerate(rates(3.0, 4.0, 10.0))]
    said = common_failure(failed, LOW_RATES)
    assert said == "3 different reasons; all with learning_rate 3 or more, and none of the others"


def test_where_in_its_training_a_trial_failed_makes_no_other_reason() -> None:
    assert plain_reason("fold 2 of 3: diverged in epoch 12 (learning rate 3.1): nan") == "diverged: nan"


def test_without_a_failed_trial_nothing_is_asked() -> None:
    with pytest.raises(ValueError, match="expected failed trials, got none"):
        common_failure([])
