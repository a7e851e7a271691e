"""A prediction does not depend on its company, nor on how the features lie in memory.

An average is the mean of its members' predictions, of any size, whatever rows stand beside one another.
"""

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as np_st
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from search_spaces.input_choices import InputChoices
from search_spaces.network.point import NetworkPoint
from service.data.preparation.preparation import fit_preparation
from service.tables.column_kinds import ColumnKind
from service.tables.columns import Column
from service.winner.models.trained_model import Member, TrainedModel, average
from tests.service.data.inputs.frames import mixed_frame
from tests.service.winner.models.exported_winner import ExportedWinner
from tests.service.winner.models.onnx_export.winners import drawn_winner
from workers.metrics.decision_rule import MOST_PROBABLE
from workers.network.learner import PARAMETERS
from workers.network.prediction import predict
from workers.train_dev_data import Task


@given(data=st.data())
def test_any_rows_in_any_order_are_predicted_as_among_all(
    data: st.DataObject, winner: ExportedWinner
) -> None:
    rows = data.draw(st.lists(st.integers(0, len(winner.dev) - 1), max_size=300))
    np.testing.assert_array_equal(
        winner.model.trained.predict([winner.dev_inputs[rows]]), winner.measured[rows]
    )


def test_features_column_by_column_in_memory_or_with_gaps_are_predicted_alike(winner: ExportedWinner) -> None:
    network = winner.model.trained
    with_gaps = np.repeat(np.repeat(winner.dev_inputs, 2, axis=0), 3, axis=1)[::2, ::3]
    np.testing.assert_array_equal(network.predict([np.asfortranarray(winner.dev_inputs)]), winner.measured)
    np.testing.assert_array_equal(network.predict([with_gaps]), winner.measured)


def test_more_threads_around_it_change_no_bit() -> None:
    """A sum over 1,000 features is long enough that two threads would share, and so round, it otherwise."""
    rng = np.random.default_rng(5)
    n_features, width = 1000, 16
    drawn = rng.normal(size=n_features * width + width + width + 1).astype(np.float32)
    preparation = fit_preparation(
        pl.DataFrame({"x": [0.0, 1.0]}),
        np.array([0.0, 1.0]),
        columns=(Column(name="x", kind=ColumnKind.NUMERIC),),
        task=Task.REGRESSION,
        n_classes=0,
        choices=InputChoices(),
        seed=0,
    ).preparation
    network = TrainedModel(
        task=Task.REGRESSION,
        n_outputs=1,
        members=(Member(NetworkPoint(depth=1, width=width), {PARAMETERS: drawn}, preparation),),
        rule=MOST_PROBABLE,
    )
    X = rng.normal(size=(256, n_features)).astype(np.float32)
    predictions = []
    for n_threads in (1, 2):
        with threadpool_limits(n_threads, "blas"):
            predictions.append(network.predict([X]))
    np.testing.assert_array_equal(predictions[1], predictions[0])


def test_a_log_targets_average_is_of_numbers_in_its_own_unit() -> None:
    frame = mixed_frame(50, seed=1)
    network = drawn_winner(frame, n_classes=0, log_target=True, weights=(1, 1, 1)).trained
    (preparation,), inputs = network.preparations, network.inputs(frame)
    scaling = preparation.target_scaling
    assert scaling is not None
    outputs = [
        predict(
            each.state[PARAMETERS],
            NetworkPoint.of(each.hyperparameters),
            X,
            task=Task.REGRESSION,
            n_outputs=1,
        )[:, 0].astype(float)
        for each, X in zip(network.members, inputs, strict=True)
    ]
    numbers = [np.exp(output * scaling.deviation + scaling.mean) for output in outputs]
    np.testing.assert_array_equal(network.predict(inputs), (numbers[0] + numbers[1] + numbers[2]) / 3)


def test_no_examples_have_no_predictions(winner: ExportedWinner) -> None:
    none = winner.model.trained.predict([winner.dev_inputs[:0]])
    assert none.shape == (0, *winner.measured.shape[1:])


MEMBERS = st.integers(1, 12).flatmap(
    lambda n: np_st.arrays(np.float32, (n, 7, 3), elements=st.floats(0, 1, width=32, allow_subnormal=False))
)
"""Probabilities of 1 to 12 members: (n_members, 7, 3)."""

LARGEST = np.finfo(np.float64).max


@given(members=MEMBERS)
def test_it_is_the_sum_in_the_members_order_over_their_number_to_the_last_bit(
    members: NDArray[np.float32],
) -> None:
    total = members[0].astype(np.float64)
    for other in members[1:]:
        total = total + other
    averaged = average(list(members))
    assert averaged.dtype == np.float32
    np.testing.assert_array_equal(averaged, (total / len(members)).astype(np.float32))


@given(members=MEMBERS, rows=st.lists(st.integers(0, 6), max_size=4))
def test_a_rows_average_does_not_depend_on_its_company(members: NDArray[np.float32], rows: list[int]) -> None:
    np.testing.assert_array_equal(average(list(members[:, rows])), average(list(members))[rows])


@given(members=MEMBERS, data=st.data())
def test_a_weight_is_so_many_of_the_same(members: NDArray[np.float32], data: st.DataObject) -> None:
    weights = data.draw(st.lists(st.integers(1, 5), min_size=len(members), max_size=len(members)))
    repeated = [each for each, weight in zip(members, weights, strict=True) for _ in range(weight)]
    np.testing.assert_allclose(average(list(members), weights), average(repeated), rtol=3e-7)


def test_of_one_it_is_that_one_to_the_last_bit() -> None:
    alone = np.array([[-0.0, 1e-45], [0.1, 3e38]], np.float32)
    assert average([alone]).tobytes() == alone.tobytes()


def test_numbers_that_are_too_large_to_be_added_have_an_average() -> None:
    largest, lowest = np.array([LARGEST]), np.array([-LARGEST])
    np.testing.assert_array_equal(average([largest, largest, largest]), largest)
    np.testing.assert_array_equal(average([largest, lowest]), [0.0])
