"""A study's data with a wire where the test set is: whoever reads it trips."""

from dataclasses import replace

from service.data.preparation.prepared_data import PreparedData
from service.seal.sealed_test_set import SealedTestSet
from tests.tripwire import tripwired_examples


def wired(prepared: PreparedData) -> PreparedData:
    """Return the data with a test set that cannot be read, of the same number and name."""
    sealed = prepared.split.test
    assert sealed is not None
    test = SealedTestSet(tripwired_examples(sealed.n_examples), fingerprint=sealed.fingerprint)
    return replace(prepared, split=replace(prepared.split, test=test))
