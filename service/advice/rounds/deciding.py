"""Whether there is another round, and where it searches; or why there is none."""

from dataclasses import dataclass
from math import hypot, sqrt

from service.advice.diagnosis.advised_step import StepKind
from service.advice.diagnosis.confirmation import winner_over_seeds
from service.advice.diagnosis.gaps import Trouble
from service.advice.diagnosis.next_study.next_study import NextStudy, next_study
from service.advice.diagnosis.study_diagnosis import diagnose_study
from service.advice.rounds.chain import Chain, winners_rank
from service.configuration.study_config import BudgetConfig, round_name
from service.study.search.search_budget import search_seconds, searched_epochs
from service.study.search.winner import has_winner
from service.study.storage.stored_study import StoredStudy

_NOTHING_TO_GAIN = {
    Trouble.NEITHER: "bias and variance are within noise",
    Trouble.NOISE_FLOOR: "the network is at the noise floor, as far as these rows can tell",
    Trouble.NOTHING_LEARNED: "there is no evidence of learning, and no other model did better",
}


@dataclass(frozen=True, slots=True)
class RoundsEnded:
    """There is no further round.

    Attributes
    ----------
    reason
        Why, in a sentence without a full stop.
    """

    reason: str


def next_round(chain: Chain) -> NextStudy | RoundsEnded:
    """Say what comes after the rounds that there are, all of which have ended and been measured.

    The next round follows from the best one so far. A step that brought nothing beyond the luck of seeds is
    not taken again. What is stored of train and dev set decides, and nothing else, so that rounds are as
    reproducible as studies.
    """
    best, first = chain.best, chain.first
    n_rounds = len(chain.studies)
    if n_rounds >= first.config.rounds.count:
        return RoundsEnded(f"all {n_rounds} rounds are done")
    budget = _left_of_budget(chain)
    if isinstance(budget, RoundsEnded):
        return budget
    diagnosis = diagnose_study(best)
    if diagnosis.gaps is not None and diagnosis.gaps.trouble in _NOTHING_TO_GAIN:
        return RoundsEnded(_NOTHING_TO_GAIN[diagnosis.gaps.trouble])
    struck = _struck(chain)
    following = next_study(best, diagnosis, name=round_name(first.config.name, n_rounds + 1), struck=struck)
    if following is None:
        reason = "the advice repeats itself" if struck else "a search cannot do what is advised next"
        return RoundsEnded(reason)
    changed = {"budget": budget, "search_seed": first.config.seed_of_search + n_rounds}
    return NextStudy(following.config.model_copy(update=changed), following.step, following.reasons)


def _struck(chain: Chain) -> set[StepKind]:
    """Return the steps that a round has taken without a gain beyond the luck of seeds."""
    struck = set()
    for study in chain.studies:
        if study.round is not None:
            base = chain.studies[study.round["from"] - 1]
            gain = winners_rank(base)[0] - winners_rank(study)[0] if has_winner(study.trials) else 0.0
            if gain <= (hypot(_luck(base), _luck(study)) if has_winner(study.trials) else 0.0):
                struck.add(StepKind(study.round["step"]))
    return struck


def _luck(study: StoredStudy) -> float:
    """Return the standard error of a winner's mean over its seeds (metric's unit); 0 of one seed."""
    over_seeds = winner_over_seeds(study.trials, study.metric)
    return (over_seeds.deviation or 0.0) / sqrt(1 + len(over_seeds.other_figures))


def _left_of_budget(chain: Chain) -> BudgetConfig | RoundsEnded:
    """Return the budget that is left for the next round: the first study's is that of all rounds."""
    budget, metric = chain.first.config.budget, chain.first.metric
    if budget.dev_metric is not None and winners_rank(chain.best)[0] <= metric.badness(budget.dev_metric):
        return RoundsEnded("the dev figure is good enough")
    spent = {
        "epochs": sum(searched_epochs(study.trials) for study in chain.studies),
        "seconds": sum(search_seconds(study.trials) for study in chain.studies),
    }
    left = {}
    for limit, of_rounds in spent.items():
        whole = getattr(budget, limit)
        if whole is not None:
            left[limit] = whole - of_rounds
            if left[limit] <= 0:
                return RoundsEnded(f"the budget of {whole:,} {limit} is spent")
    return budget.model_copy(update=left)
