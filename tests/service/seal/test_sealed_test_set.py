"""Nothing reads, copies or sends a sealed test set; an opening of this very set opens it."""

import copy
import pickle
from collections.abc import Callable

import numpy as np
import pytest
from ray import cloudpickle

from service.seal.identity import StudyIdentity
from service.seal.openings import Opening
from service.seal.sealed_test_set import SealedTestSet, SealError
from service.seal.splits import split
from service.tables.table import load_table
from tests.tripwire import TrippedError, tripwired_examples

FINGERPRINT = "f" * 64


def sealed() -> SealedTestSet:
    return SealedTestSet(tripwired_examples(20, 3), fingerprint=FINGERPRINT)


def test_its_number_fingerprint_and_words_are_told_without_reading_an_example() -> None:
    test = sealed()
    assert (test.n_examples, test.fingerprint) == (20, FINGERPRINT)
    assert repr(test) == f"SealedTestSet(n_examples=20, fingerprint='{FINGERPRINT}')"


@pytest.mark.parametrize(
    "read",
    [
        lambda x: x[0],
        lambda x: x + 1,
        lambda x: x.mean(),
        list,
        np.asarray,
        np.add.reduce,
        np.sort,
        pickle.dumps,
    ],
)
def test_the_tripwire_trips(read: Callable[[object], object]) -> None:
    with pytest.raises(TrippedError, match="a sealed test example was read"):
        read(tripwired_examples(20, 3).frame)


def test_an_opening_of_this_test_set_opens_it() -> None:
    examples = tripwired_examples(20, 3)
    test = SealedTestSet(examples, fingerprint=FINGERPRINT)
    assert test.open(Opening(1, StudyIdentity("study", "ab", 1), FINGERPRINT, 1, 7)) is examples


def test_an_opening_of_another_test_set_is_refused() -> None:
    with pytest.raises(
        SealError, match=r"this test set, ffffffffffff, got one of eeeeeeeeeeee \(study 'other'\)"
    ):
        sealed().open(Opening(1, StudyIdentity("other", "ab", 1), "e" * 64, 1, 7))


def test_what_is_no_opening_is_refused() -> None:
    with pytest.raises(SealError, match="an opening from the ledger, got str"):
        sealed().open(FINGERPRINT)  # type: ignore[arg-type]  # the wrong type is the point


@pytest.mark.parametrize("copying", [copy.copy, copy.deepcopy])
def test_it_is_never_copied(copying: Callable[[SealedTestSet], SealedTestSet]) -> None:
    with pytest.raises(SealError, match="never copied"):
        copying(sealed())


def test_it_reaches_no_worker_alone_or_inside_something_else() -> None:
    parts = split(load_table("iris"), seed=0)
    for thing in (parts.test, parts, {"a closure": lambda: parts.test}):
        with pytest.raises(SealError, match="goes to no worker and into no file"):
            cloudpickle.dumps(thing)  # type: ignore[no-untyped-call]  # Ray's own pickler has no types
    with pytest.raises(SealError, match="goes to no worker and into no file"):
        pickle.dumps(parts.test)
