"""Whatever durable step a study dies at, just before it or right after it, it comes out the same."""

from itertools import cycle
from pathlib import Path
from random import Random

import pytest

from service.study.storage.database_url import file_url
from tests.chaos.failpoint import Moment
from tests.chaos.lives import is_lived_to_the_end, n_durable_steps
from tests.chaos.outcome import Outcome, differences, outcome_of

STEPS_APART = 7
N_LAST_STEPS = 4
"""The gate tries some steps, and the last ones, at which the test set is opened; `make chaos` tries all."""


def new_database(directory: Path, name: str) -> str:
    """Return the URL of a file that is not there yet."""
    return file_url(directory / f"{name}.db")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Outcome, int]:
    """Run the study in one life; return what it comes to, and in how many durable steps."""
    storage = new_database(tmp_path_factory.mktemp("undisturbed"), "studies")
    n_steps = n_durable_steps(storage)
    return outcome_of(storage), n_steps


def test_a_study_that_dies_at_a_step_is_resumed_to_the_same(
    tmp_path: Path, undisturbed: tuple[Outcome, int]
) -> None:
    expected, n_steps = undisturbed
    spread = list(zip(range(1, n_steps, STEPS_APART), cycle(Moment)))
    last = [(step, Moment.AFTER) for step in range(n_steps - N_LAST_STEPS, n_steps)]
    broken = {}
    for failpoint in {*spread, *last}:
        storage = new_database(tmp_path, f"{failpoint}")
        assert not is_lived_to_the_end(storage, failpoint)
        assert is_lived_to_the_end(storage, None)
        if found := list(differences(expected, outcome_of(storage))):
            broken[failpoint] = found
    assert broken == {}


def test_a_study_whose_every_life_makes_a_few_steps_still_ends(
    tmp_path: Path, undisturbed: tuple[Outcome, int]
) -> None:
    storage = new_database(tmp_path, "studies")
    rng = Random(2)
    n_lives = 1
    while not is_lived_to_the_end(storage, (rng.randint(1, 6), Moment.AFTER)):
        n_lives += 1
        assert n_lives < 50
    assert list(differences(undisturbed[0], outcome_of(storage))) == []
    assert n_lives > 3
