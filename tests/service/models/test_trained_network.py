"""A prediction does not depend on its company, nor on how the features lie in memory."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.service.models.exported_winner import ExportedWinner


@given(data=st.data())
def test_any_rows_in_any_order_are_predicted_as_among_all(
    data: st.DataObject, winner: ExportedWinner
) -> None:
    rows = data.draw(st.lists(st.integers(0, len(winner.dev) - 1), max_size=300))
    np.testing.assert_array_equal(winner.model.network.predict(winner.dev[rows]), winner.measured[rows])


def test_features_column_by_column_in_memory_or_with_gaps_are_predicted_alike(winner: ExportedWinner) -> None:
    network = winner.model.network
    with_gaps = np.repeat(np.repeat(winner.dev, 2, axis=0), 3, axis=1)[::2, ::3]
    np.testing.assert_array_equal(network.predict(np.asfortranarray(winner.dev)), winner.measured)
    np.testing.assert_array_equal(network.predict(with_gaps), winner.measured)


def test_no_examples_have_no_predictions(winner: ExportedWinner) -> None:
    none = winner.model.network.predict(winner.dev[:0])
    assert none.shape == (0, *winner.measured.shape[1:])
