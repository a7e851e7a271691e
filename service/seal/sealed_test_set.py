"""The sealed test set: examples that nobody reads without an opening from the ledger."""

from typing import NoReturn

from service.errors import ProctorError
from service.seal.openings import Opening
from service.tables.table import Examples


class SealError(ProctorError):
    """Somebody reached for the test set without leave."""


class SealedTestSet:
    """Test examples behind a seal; their number and fingerprint can be read, they cannot.

    The seal keeps honest code honest: it cannot be copied or pickled, so that it reaches no worker, and it
    opens for the ledger's own entry alone. It does not defend against code that means to cheat.

    Parameters
    ----------
    examples
        What is sealed.
    fingerprint
        The name of these examples, by which looks are counted across studies.
    """

    __slots__ = ("__examples", "fingerprint", "n_examples")

    def __init__(self, examples: Examples, *, fingerprint: str) -> None:
        self.__examples = examples
        self.n_examples: int = len(examples)
        self.fingerprint = fingerprint

    def __repr__(self) -> str:
        return f"SealedTestSet(n_examples={self.n_examples}, fingerprint={self.fingerprint!r})"

    def open(self, opening: Opening) -> Examples:
        """Return the examples to the holder of an opening of this very test set.

        Raises
        ------
        SealError
            `opening` is none, or is one of another test set.
        """
        if not isinstance(opening, Opening):
            raise SealError(f"expected an opening from the ledger, got {type(opening).__name__}")
        if opening.test_fingerprint != self.fingerprint:
            raise SealError(
                f"expected an opening of this test set, {self.fingerprint[:12]}, got one of"
                f" {opening.test_fingerprint[:12]} (study {opening.study.name!r})"
            )
        return self.__examples

    def __copy__(self) -> NoReturn:
        raise SealError("a sealed test set is never copied")

    def __deepcopy__(self, memo: dict[int, object]) -> NoReturn:
        raise SealError("a sealed test set is never copied")

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise SealError("a sealed test set is never pickled: it goes to no worker and into no file")
