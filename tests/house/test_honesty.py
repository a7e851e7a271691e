"""The figure of the test set is honest: a short form of `python -m benchmarks.honesty`, with wide bounds.

Twenty whole studies in each of three worlds whose truth is known. In `few_valued` rows are equal by chance,
which a split must not take for copies. `uneven_noise` has an ordinary table of numbers. In `grouped_numbers`
the rows of a group err together, which an interval must count with.

With z the distance of figure and truth in standard errors, as the interval has them, z has mean 0 and mean
square 1 where all is well. Chance alone passes one of these bounds in one of a thousand worlds of twenty
studies. An interval half as wide as it should be makes the mean square 4, and one twice as wide 1/4.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.house.checkout import ROOT

N_STUDIES = 20
FARTHEST_MEAN = 0.74
LEAST_MEAN_SQUARE, GREATEST_MEAN_SQUARE = 0.30, 2.27

WORLDS = ("few_valued", "uneven_noise", "grouped_numbers")

Found = Mapping[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Found:
    """Return what the studies said and what was true, by world."""
    path = tmp_path_factory.mktemp("honesty") / "found.json"
    words = ["--studies", str(N_STUDIES), "--fresh", "20000", "--processes", "1", "--json", str(path)]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.honesty", "--worlds", *WORLDS, *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert all(world in done.stdout for world in WORLDS)
    read: Found = json.loads(path.read_text())
    return read


def standard_distances(studies: list[dict[str, Any]]) -> NDArray[np.float64]:
    """Return how far each figure is from the truth, in standard errors as its interval has them."""
    test, truth, low, high = (
        np.array([study[name] for study in studies]) for name in ("test", "truth", "low", "high")
    )
    of_studies: NDArray[np.float64] = (test - truth) / ((high - low) / (2 * 1.96))
    return of_studies


@pytest.mark.parametrize("world", WORLDS)
def test_the_figure_is_not_biased(found: Found, world: str) -> None:
    z = standard_distances(found[world])
    assert len(z) == N_STUDIES
    assert abs(z.mean()) < FARTHEST_MEAN


@pytest.mark.parametrize("world", WORLDS)
def test_the_interval_is_as_wide_as_the_figure_is_uncertain(found: Found, world: str) -> None:
    mean_square = np.mean(standard_distances(found[world]) ** 2)
    assert LEAST_MEAN_SQUARE < mean_square < GREATEST_MEAN_SQUARE


def test_the_interval_holds_the_truth_about_as_often_as_it_says(found: Found) -> None:
    studies = [study for of_world in found.values() for study in of_world]
    n_held = sum(study["low"] <= study["truth"] <= study["high"] for study in studies)
    # 57 of 60 are expected of a coverage of 95 %, 51 or more with a chance of 99.8 %; 40 of half the width.
    assert n_held >= 51


def test_few_searches_are_accused_of_overfitting(found: Found) -> None:
    studies = [study for of_world in found.values() for study in of_world]
    # Six short trials overfit little: 2 or 3 of 60 are expected, 9 or fewer with a chance of 99.9 %.
    assert sum(study["says_overfitted"] for study in studies) <= 9
