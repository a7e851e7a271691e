"""A study's search without its pool: each trial is run where it stands, by whatever runs it.

Sampler, pruner, virtual clock and what is kept of a trial are a study's own.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count

from search_spaces.network.point import NetworkPoint
from search_spaces.space import SearchSpace
from search_spaces.values import Value
from service.configuration.search_config import PrunerConfig, SamplerConfig
from service.study.search.pruning import make_pruner
from service.study.search.seeds import trial_seed
from service.study.search.suggestions import Suggestions
from service.study.search.trial_records import ranked, result_of
from service.study.search.virtual_clock import VirtualClock
from service.study.storage.kept_trials import TrialRecord, TrialResult
from workers.messages import TrainingRules, TrialEnded, TrialRequest


@dataclass(frozen=True)
class VirtualSearch:
    """A search of a space.

    Attributes
    ----------
    space, sampler, pruner, rules, seed
        As a study has them.
    run
        Brings a trial to its end.
    epoch_cost
        Gives the virtual length of a point's epoch (virtual seconds).
    n_folds
        Trainings in a trial.
    concurrency
        Trials that virtually run at once.
    """

    space: SearchSpace
    sampler: SamplerConfig
    pruner: PrunerConfig
    rules: TrainingRules
    seed: int
    run: Callable[[TrialRequest], TrialEnded]
    epoch_cost: Callable[[NetworkPoint], float]
    n_folds: int = 1
    concurrency: int = 4

    def trials(self, *, epochs: int) -> Iterator[tuple[dict[str, Value], TrialEnded]]:
        """Yield each trial in the order in which it is asked: its values, and what came of it.

        Parameters
        ----------
        epochs
            In all trials; the one that would go beyond them does not count, and ends the search.
        """
        suggestions = Suggestions(self.space, sampler=self.sampler, study_seed=self.seed)
        pruner = make_pruner(self.pruner, rules=self.rules, study_seed=self.seed, n_folds=self.n_folds)
        clock = VirtualClock(self.concurrency)
        results: dict[int, TrialResult] = {}
        for number in count():
            instant = clock.next_start()
            if instant is None:
                raise RuntimeError("all trials have ended, so that the next may start")
            for earlier in clock.settle(instant):
                result = results.pop(earlier)
                suggestions.show_ended(result)
                ends = TrialRecord(result.attributes).fold_ends
                pruner.learn(result.state, result.intermediate_values, number=earlier, fold_ends=ends)
            values, _ = suggestions.ask()
            request = TrialRequest(
                number,
                self.space.point(values),
                trial_seed(self.seed, number),
                self.rules,
                thresholds=pruner.thresholds(number),
                fold_thresholds=pruner.fold_thresholds(number),
                keep_state=True,
            )
            clock.start(number, self.epoch_cost(NetworkPoint.of(request.hyperparameters)))
            ended = self.run(request)
            clock.end(number, ended.virtual_epochs)
            results[number] = shown_result(ended, self.rules)
            epochs -= ended.epochs
            if epochs < 0:
                return
            yield values, ended


def shown_result(ended: TrialEnded, rules: TrainingRules) -> TrialResult:
    """Return what sampler and pruner are shown of a trial: lower is better."""
    return ranked(result_of(ended, virtual_end=None, runs=1), metric=rules.metric, watch=rules.watch)
