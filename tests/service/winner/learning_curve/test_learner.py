"""Whose curve it is: the winner's, with its study's rules; a study without one, or with folds, has none."""

from pathlib import Path

import pytest

from service.configuration.data_config import SplitConfig
from service.errors import BadInputError
from service.study.search.winner import winner_of
from service.winner.learning_curve.learner import learner_of
from tests.service.iris_study import new_store, search_iris


def test_it_is_the_winner_as_its_study_trains_it(tmp_path: Path) -> None:
    study = search_iris(new_store(tmp_path))
    winner = winner_of(study.stored.trials, study.stored.metric)
    learner = learner_of(study.stored)
    study.store.close()

    assert learner.trial == winner.number
    assert learner.rules == study.stored.config.training_rules
    assert learner.point == study.stored.config.space.point(winner.params)


def test_a_study_with_folds_is_refused(tmp_path: Path) -> None:
    study = search_iris(new_store(tmp_path), trials=2, split=SplitConfig(folds=3))
    with pytest.raises(BadInputError, match="needs a single dev set, got 3 folds in study 'iris'"):
        learner_of(study.stored)
    study.store.close()


def test_a_study_without_a_winner_is_refused(tmp_path: Path) -> None:
    study = search_iris(new_store(tmp_path), trials=1)
    stored = study.stored
    object.__setattr__(stored, "trials", [])
    with pytest.raises(BadInputError, match="study 'iris' has no learning curve: there is no winner"):
        learner_of(stored)
    study.store.close()
