"""What winner and baselines reached over the folds, and the winner's training on all that the folds share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from optuna.trial import FrozenTrial

from service.study.storage.kept_trials import record_of
from service.winner.examination.baselines import Baseline
from service.winner.examination.figures import Figures
from workers.messages import TrialRequest


@dataclass(frozen=True, slots=True)
class CrossValidated:
    """Figures on dev sets that took turns.

    Attributes
    ----------
    models
        By model, `winner` and the baselines: means over the folds, each fitted on a fold's train set and
        judged on its dev set.
    standard_error
        Of the study's metric for the winner, as `service.study.search.trial_records` has it.
    """

    models: Mapping[str, Figures]
    standard_error: float


def cross_validated(winner: FrozenTrial, baselines: Sequence[Baseline]) -> CrossValidated:
    """Put the winner's figures from its trial beside the baselines' over the same folds.

    Parameters
    ----------
    winner
        The trial, from storage.
    baselines
        Fitted in the same folds.

    Raises
    ------
    ValueError
        The trial was not trained over folds.
    """
    record = record_of(winner)
    if record.standard_error is None:
        raise ValueError(f"trial {winner.number} was not trained over folds")
    of_baselines = {baseline.name: baseline.dev_figures for baseline in baselines}
    return CrossValidated({"winner": dict(record.dev_metrics)} | of_baselines, record.standard_error)


def refit_of(winner: FrozenTrial, request: TrialRequest) -> TrialRequest:
    """Return the request for the winner's training on train and dev set together.

    Parameters
    ----------
    winner
        The trial, from storage: it runs for the lower median of its folds' best epochs.
    request
        The trial as it was asked for.
    """
    return replace(request, refit_epochs=record_of(winner).best_epoch, keep_parameters=True)
