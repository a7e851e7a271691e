"""A study's search alone, in this process: no Ray, no storage, no pruner, a trial after the other."""

from typing import NamedTuple

from optuna.trial import TrialState

from search_spaces.point import Point
from service.configuration.study_config import ResolvedStudy
from service.data.preparation.prepared_data import PreparedData
from service.study.search.seeds import trial_seed
from service.study.search.suggestions import Suggestions
from service.study.storage.kept_trials import TrialResult
from service.tables.table import Examples
from service.winner.examination.figures import Figures, figures
from workers.failures import TrainingFailedError
from workers.kinds import model_kind
from workers.messages import State
from workers.metrics.metric import decision_rule
from workers.trial.training import Training


class Searched(NamedTuple):
    """What a search found: the best trial, its figures on the dev set, and the epochs of all trials."""

    point: Point
    state: State
    dev: Figures
    epochs: int


def search(study: ResolvedStudy, prepared: PreparedData) -> Searched:
    """Run a study's trials; of those that are alike by its metric, the one with the lowest dev loss is best.

    Raises
    ------
    RuntimeError
        Every trial failed.
    """
    suggestions = Suggestions(study.space, sampler=study.sampler, study_seed=study.seed_of_search)
    rules = study.training_rules
    best_rank, best, epochs = (float("inf"), float("inf")), None, 0
    for number in range(study.trials):
        values, _ = suggestions.ask()
        point = study.space.point(values)
        (data,) = prepared.trial_data.folds(point)
        training = Training(data, point, seed=trial_seed(study.seed_of_search, number), rules=rules)
        try:
            losses = []
            while not training.should_stop:
                losses.append(training.run_epoch().dev_loss)
        except TrainingFailedError:
            suggestions.show_ended(TrialResult(number, TrialState.FAIL, None, [], {}))
            continue
        finally:
            epochs += training.epochs
        dev = training.best_dev_metrics
        badness = rules.metric.badness(dev[rules.metric])
        suggestions.show_ended(TrialResult(number, TrialState.COMPLETE, badness, [], {}))
        rank = (badness, losses[training.best_epoch - 1])
        if rank < best_rank:
            best_rank = rank
            best = Searched(point, training.best_state, {it.value: value for it, value in dev.items()}, 0)
    if best is None:
        raise RuntimeError(f"expected a trial that ends, got {study.trials} that failed")
    return best._replace(epochs=epochs)


def test_figures(found: Searched, study: ResolvedStudy, prepared: PreparedData, test: Examples) -> Figures:
    """Judge what was found on the test set."""
    split = prepared.split
    preparation = prepared.preparations[found.point.input_choices]
    outputs = model_kind(found.point.kind).predict(
        found.state,
        found.point,
        preparation.lenient_inputs(test.frame).X,
        task=split.task,
        n_outputs=len(split.class_names) or 1,
    )
    rule = decision_rule(study.metric, prepared.train_dev.class_counts)
    return figures(preparation.restored(outputs), test.y, task=split.task, rule=rule)
