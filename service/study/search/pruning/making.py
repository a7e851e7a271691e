"""From a study's configuration to its pruner."""

from service.configuration.search_config import PrunerConfig, PrunerName
from service.study.search.pruning.halving import Hyperband, SuccessiveHalving
from service.study.search.pruning.pruners import MedianPruner, NoPruner, Pruner, ThresholdPruner
from workers.messages import TrainingRules


def make_pruner(config: PrunerConfig, *, rules: TrainingRules, study_seed: int, n_folds: int = 1) -> Pruner:
    """Return a new pruner of the kind that a study names.

    Parameters
    ----------
    config
        The kind, and its options.
    rules
        How long a trial trains, and which metric is watched.
    study_seed
        The study's seed.
    n_folds
        Trainings in a trial.
    """
    max_epochs = rules.max_epochs
    match config.kind:
        case PrunerName.SUCCESSIVE_HALVING:
            return SuccessiveHalving(
                max_epochs=max_epochs, reduction_factor=config.reduction_factor or 2, n_folds=n_folds
            )
        case PrunerName.HYPERBAND:
            return Hyperband(
                max_epochs=max_epochs,
                min_epochs=config.min_epochs or 1,
                reduction_factor=config.reduction_factor or 2,
                study_seed=study_seed,
                n_folds=n_folds,
            )
        case PrunerName.MEDIAN:
            return MedianPruner(
                max_epochs=max_epochs,
                startup_trials=config.startup_trials or 1,
                warmup_epochs=config.warmup_epochs or 0,
                n_folds=n_folds,
            )
        case PrunerName.THRESHOLD:
            return ThresholdPruner(
                worst_badness=rules.watch.badness(config.worst or 0.0),
                warmup_epochs=config.warmup_epochs or 0,
                max_epochs=max_epochs,
                n_folds=n_folds,
            )
        case PrunerName.NONE:
            return NoPruner()
