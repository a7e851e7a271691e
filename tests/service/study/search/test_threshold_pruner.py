"""A fixed threshold holds from the end of the warm-up on, in the watched metric's own sense."""

from service.configuration.search_config import PrunerConfig, PrunerName
from service.study.search.pruning import ThresholdPruner, make_pruner
from workers.messages import FoldThreshold, Threshold, TrainingRules
from workers.metrics.metric import Metric


def test_the_first_epoch_after_the_warm_up_has_it() -> None:
    pruner = ThresholdPruner(worst_badness=0.4, warmup_epochs=3, max_epochs=9, n_folds=3)
    assert pruner.thresholds(0) == (Threshold(4, 0.4),)
    assert pruner.fold_thresholds(0) == (FoldThreshold(1, 0.4), FoldThreshold(2, 0.4))


def test_a_warm_up_to_the_end_leaves_none() -> None:
    pruner = ThresholdPruner(worst_badness=0.4, warmup_epochs=8, max_epochs=9)
    assert (pruner.thresholds(0), pruner.fold_thresholds(0)) == ((), ())


def test_the_worst_value_is_in_the_watched_metrics_own_sense() -> None:
    """An R squared of less than 0.2 is pruned: its badness is above -0.2."""
    config = PrunerConfig(kind=PrunerName.THRESHOLD, worst=0.2)
    rules = TrainingRules(max_epochs=9, patience=3, metric=Metric.RMSE, watch=Metric.R_SQUARED)
    assert make_pruner(config, rules=rules, study_seed=0).thresholds(0) == (Threshold(1, -0.2),)
