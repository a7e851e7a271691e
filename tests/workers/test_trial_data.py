"""The data of a study's trials: each point gets its own inputs, and a wrong set of them is refused."""

from dataclasses import replace

import pytest

from search_spaces.input_choices import InputChoices, NumericScaling, Representation
from search_spaces.network.point import NetworkPoint
from tests.workers.train_dev_sets import digits, few_numbers
from workers.train_dev_data import TrainDevData
from workers.trial_data import TrialData, UnpreparedInputsError

PLAIN, ROBUST = InputChoices(), InputChoices(numeric_scaling=NumericScaling.ROBUST)


def wide() -> TrainDevData:
    return few_numbers(n_features=5)


def test_a_point_is_trained_on_the_inputs_that_it_chooses_fold_by_fold() -> None:
    plain, robust = (few_numbers(30), few_numbers(50)), (wide(), wide())
    data = TrialData({PLAIN: plain, ROBUST: robust})

    assert data.n_folds == 2
    assert data.folds(NetworkPoint()) is plain
    assert data.folds(NetworkPoint(numeric_scaling=NumericScaling.ROBUST)) is robust
    assert (data.task, data.n_outputs) == (plain[0].task, 1)


def test_one_train_and_dev_set_is_one_fold_of_the_default_inputs() -> None:
    own = digits()
    data = TrialData.single(own)
    assert (data.n_folds, data.n_outputs) == (1, 10)
    assert data.folds(NetworkPoint()) == (own,)


def test_inputs_that_were_not_prepared_are_named_beside_those_that_were() -> None:
    with pytest.raises(
        UnpreparedInputsError,
        match=r"chooses numeric_scaling = robust, .* = hashing, .* prepared are numeric_scaling = standard",
    ):
        TrialData.single(few_numbers()).folds(NetworkPoint(numeric_scaling=NumericScaling.ROBUST))
    raw = TrialData({InputChoices(representation=Representation.RAW): (few_numbers(),)})
    with pytest.raises(
        UnpreparedInputsError, match=r" = hashing, .* prepared are raw inputs, target_scale = standard$"
    ):
        raw.folds(NetworkPoint())


def test_an_array_that_several_inputs_share_is_counted_once() -> None:
    own = few_numbers()
    other = replace(own, X_train=own.X_train * 2)
    bytes_of_one = sum(array.nbytes for array in (own.X_train, own.y_train, own.X_dev, own.y_dev))

    assert TrialData.single(own).n_bytes == bytes_of_one
    assert TrialData({PLAIN: (own,), ROBUST: (other,)}).n_bytes == bytes_of_one + other.X_train.nbytes


def test_inputs_with_other_folds_or_another_target_are_refused() -> None:
    own = few_numbers()
    with pytest.raises(ValueError, match="at least one choice, got none"):
        TrialData({})
    with pytest.raises(ValueError, match=r"as many folds, at least 1, got \[1, 2\]"):
        TrialData({PLAIN: (own,), ROBUST: (own, own)})
    with pytest.raises(ValueError, match=r"as many folds, at least 1, got \[0\]"):
        TrialData({PLAIN: ()})
    with pytest.raises(ValueError, match=r"one task and number of outputs, got .*10.*1"):
        TrialData({PLAIN: (own, digits())})
