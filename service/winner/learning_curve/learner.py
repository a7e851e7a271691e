"""Whose learning curve it is: the winner of a study that has ended, as its trials were trained."""

from dataclasses import dataclass

from search_spaces.hyperparameters import Hyperparameters
from service.errors import BadInputError, ProctorError
from service.study.search.winner import winner_of
from service.study.storage.stored_study import StoredStudy
from workers.messages import TrainingRules


@dataclass(frozen=True, slots=True)
class Learner:
    """What is trained on parts of the train set.

    Attributes
    ----------
    trial
        The winner's number.
    point
        Its hyperparameters.
    rules
        Those of the study's trials.
    """

    trial: int
    point: Hyperparameters
    rules: TrainingRules


def learner_of(study: StoredStudy) -> Learner:
    """Return a study's winner.

    Raises
    ------
    BadInputError
        There is none, or the study has folds: each has a train set of its own, and the winner was chosen by
        what all of them showed, so that no curve ends at its figure.
    """
    name, config = study.config.name, study.config
    if config.split.folds > 1:
        raise BadInputError(
            f"a learning curve needs a single dev set, got {config.split.folds} folds in study {name!r}:"
            " run the same table without --folds"
        )
    try:
        winner = winner_of(study.trials, study.metric)
    except ProctorError as error:
        raise BadInputError(f"study {name!r} has no learning curve: {error}") from error
    return Learner(winner.number, config.space.point(winner.params), config.training_rules)
