"""Early stopping."""

from hypothesis import given
from hypothesis import strategies as st

from workers.trial.early_stopping import EarlyStopping

figures = st.tuples(st.sampled_from([0.1, 0.2, 0.3]), st.sampled_from([1.0, 2.0, 3.0]))


@given(st.lists(figures, min_size=1, max_size=20), st.sampled_from([0.0, 0.15]))
def test_the_best_epoch_is_the_first_of_the_lowest_badnesses_then_losses(
    curve: list[tuple[float, float]], min_gain: float
) -> None:
    stopping = EarlyStopping(1, min_gain)
    improved = [stopping.observe(badness=badness, loss=loss) for badness, loss in curve]
    assert stopping.best_epoch == curve.index(min(curve)) + 1
    assert (stopping.best_badness, stopping.best_loss) == min(curve)
    assert improved == [figures < min(curve[:i], default=(9, 9)) for i, figures in enumerate(curve)]


def test_a_lower_loss_at_an_equal_badness_renews_patience() -> None:
    stopping = EarlyStopping(patience=1)
    for loss in (3.0, 2.0, 1.0):
        stopping.observe(badness=0.1, loss=loss)
        assert not stopping.patience_is_used_up
    stopping.observe(badness=0.1, loss=1.0)
    assert stopping.patience_is_used_up


def used_up(stopping: EarlyStopping, badnesses: list[float]) -> list[bool]:
    """After each epoch, whether patience is used up."""
    told = []
    for badness in badnesses:
        stopping.observe(badness=badness, loss=1.0)
        told.append(stopping.patience_is_used_up)
    return told


def test_patience_is_the_epochs_without_improvement() -> None:
    expected = [False, False, False, False, False, True]
    assert used_up(EarlyStopping(patience=3), [0.5, 0.6, 0.4, 0.5, 0.5, 0.5]) == expected


def test_small_gains_add_up_until_they_renew_patience() -> None:
    stopping = EarlyStopping(patience=2, min_gain=0.1)
    assert used_up(stopping, [0.5, 0.45, 0.39, 0.35, 0.32]) == [False, False, False, False, True]
    assert stopping.best_epoch == 5  # the best is the best, by however little


def test_a_badness_may_be_negative() -> None:
    stopping = EarlyStopping(patience=2)
    assert used_up(stopping, [-0.5, -0.9, -0.7, -0.8]) == [False, False, False, True]
    assert (stopping.best_epoch, stopping.best_badness) == (2, -0.9)
