"""Each name makes its pruner, with the options that it was given."""

from optuna.trial import TrialState

from service.configuration.search_config import PrunerConfig, PrunerName
from service.study.search.pruning import make_pruner
from workers.messages import TrainingRules
from workers.metrics.metric import Metric

RULES = TrainingRules(max_epochs=8, patience=8, metric=Metric.ERROR, watch=Metric.ERROR)
OPTIONS: dict[PrunerName, dict[str, float]] = {
    PrunerName.SUCCESSIVE_HALVING: {"reduction_factor": 2},
    PrunerName.HYPERBAND: {"reduction_factor": 2, "min_epochs": 4},
    PrunerName.MEDIAN: {"startup_trials": 2, "warmup_epochs": 5},
    PrunerName.THRESHOLD: {"worst": 0.2, "warmup_epochs": 2},
    PrunerName.NONE: {},
}
EPOCHS = {
    PrunerName.SUCCESSIVE_HALVING: {(1, 2, 4)},
    PrunerName.HYPERBAND: {(4,), ()},
    PrunerName.MEDIAN: {(6, 7)},
    PrunerName.THRESHOLD: {(3,)},
    PrunerName.NONE: {()},
}


def test_each_name_makes_its_pruner() -> None:
    for kind, options in OPTIONS.items():
        pruner = make_pruner(
            PrunerConfig.model_validate({"kind": kind, **options}), rules=RULES, study_seed=0
        )
        for number in range(40):
            pruner.learn(TrialState.COMPLETE, [0.3] * 8, number=number)
        seen = {tuple(threshold.epoch for threshold in pruner.thresholds(n)) for n in range(40)}
        assert seen == EPOCHS[kind]
        assert {pruner.fold_thresholds(n) for n in range(40)} == {()}
