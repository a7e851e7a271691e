"""Early stopping."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.early_stopping import EarlyStopping

figures = st.tuples(st.sampled_from([0.1, 0.2, 0.3]), st.sampled_from([1.0, 2.0, 3.0]))


@given(st.lists(figures, min_size=1, max_size=20))
def test_the_best_epoch_is_the_first_of_the_lowest_metrics_then_losses(
    curve: list[tuple[float, float]],
) -> None:
    stopping = EarlyStopping(patience=1)
    improved = [stopping.observe(metric=metric, loss=loss) for metric, loss in curve]
    assert stopping.best_epoch == curve.index(min(curve)) + 1
    assert (stopping.best_metric, stopping.best_loss) == min(curve)
    assert improved == [figures < min(curve[:i], default=(9, 9)) for i, figures in enumerate(curve)]


def test_a_lower_loss_at_an_equal_metric_renews_patience() -> None:
    stopping = EarlyStopping(patience=1)
    for loss in (3.0, 2.0, 1.0):
        stopping.observe(metric=0.1, loss=loss)
        assert not stopping.patience_is_used_up
    stopping.observe(metric=0.1, loss=1.0)
    assert stopping.patience_is_used_up


def test_patience_is_the_epochs_without_improvement() -> None:
    stopping = EarlyStopping(patience=3)
    used_up = []
    for metric in (0.5, 0.6, 0.4, 0.5, 0.5, 0.5):
        stopping.observe(metric=metric, loss=1.0)
        used_up.append(stopping.patience_is_used_up)
    assert used_up == [False, False, False, False, False, True]


def test_a_patience_below_1_is_refused() -> None:
    with pytest.raises(ValueError, match="patience needs at least 1 epoch, got 0"):
        EarlyStopping(patience=0)
