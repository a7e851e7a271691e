"""Where a study's random numbers come from: its seed, a trial's number, and what they are for.

A trial's number is its place among the trials that try a point: see `place_of`.
"""

import numpy as np


def trial_seed(study_seed: int, number: int) -> int:
    """Return the seed of all of a trial's own randomness, from the study's seed and the trial's number."""
    return _seed(study_seed, number, 1)


def sampler_seed(study_seed: int, number: int) -> int:
    """Return the seed of what is drawn for a trial's point."""
    return _seed(study_seed, number, 0)


def redraw_seed(study_seed: int, number: int, attempt: int) -> int:
    """Return the seed of a random point in place of one that failed before, by how often it was drawn."""
    return _seed(study_seed, number, 3, attempt)


def bracket_share(study_seed: int, number: int) -> float:
    """Return a number from 0 to 1, 1 not included, that assigns a trial to a bracket."""
    return _seed(study_seed, number, 2) / 2**32


def study_wide_seed(study_seed: int) -> int:
    """Return the seed of what is drawn once for all of a study's trials, such as a scrambling."""
    return _seed(study_seed, 0, 4)


def confirmation_seed(study_seed: int, number: int, repeat: int) -> int:
    """Return the seed of a trial's confirmation, by which repeat of the trial it is, counted from 1."""
    return _seed(study_seed, number, 5, repeat)


def learning_curve_seed(study_seed: int, repeat: int, share: int) -> int:
    """Return the seed of one of a learning curve's trainings, by its repeat and which share of train it has.

    Parameters
    ----------
    study_seed
        The study's seed.
    repeat
        Counted from 0.
    share
        The train set's size over the training's: 1, 2, 4, ...; 0 for the drawing of the repeat's examples.
    """
    return _seed(study_seed, repeat, 6, share)


def _seed(*words: int) -> int:
    # A sequence is as one with zeros after it, so that the purpose must tell seeds apart at the same place.
    return int(np.random.SeedSequence(words).generate_state(1)[0])
