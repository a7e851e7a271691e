"""How many rows the dev and the test set are to have: by a rule of size, or by fractions."""

from dataclasses import dataclass

MAX_EXAMPLES_HELD_OUT = 10_000
"""Most examples in the dev set, and in the test set, where no fractions are given."""


@dataclass(frozen=True, slots=True)
class SplitSizes:
    """The sizes asked for; None is the rule: a fifth of the rows, and at most 10,000.

    The rule gives 60/20/20 % while a table is small, and 98/1/1 % at a million.

    Attributes
    ----------
    dev_fraction, test_fraction
        Share of all rows, from 0 up to but not including 1; with 0 there is no such set.

    Raises
    ------
    ValueError
        A fraction is not in [0, 1), or both leave no train rows.
    """

    dev_fraction: float | None = None
    test_fraction: float | None = None

    def __post_init__(self) -> None:
        for name, fraction in (("dev", self.dev_fraction), ("test", self.test_fraction)):
            if fraction is not None and not 0 <= fraction < 1:
                raise ValueError(f"expected a {name} fraction of at least 0 and below 1, got {fraction}")
        if (self.dev_fraction or 0) + (self.test_fraction or 0) >= 1:
            raise ValueError(
                f"expected dev and test fractions that leave train rows, got {self.dev_fraction} and"
                f" {self.test_fraction}"
            )

    def counts(self, n_rows: int) -> tuple[int, int]:
        """Return the numbers of dev and of test rows; 0 where there is to be no such set.

        Raises
        ------
        ValueError
            There are too few rows for a set to have one.
        """
        n_dev = self._count("dev", self.dev_fraction, n_rows)
        n_test = self._count("test", self.test_fraction, n_rows)
        if n_dev + n_test >= n_rows:
            raise ValueError(
                f"expected at least one train row: of {n_rows} rows, {n_dev} would be dev and {n_test} test"
                f" rows"
            )
        return n_dev, n_test

    @staticmethod
    def _count(name: str, fraction: float | None, n_rows: int) -> int:
        if fraction == 0:
            return 0
        n_held_out = min(n_rows // 5, MAX_EXAMPLES_HELD_OUT) if fraction is None else round(fraction * n_rows)
        if n_held_out == 0:
            share = "a fifth" if fraction is None else f"a share of {fraction}"
            raise ValueError(f"expected at least one {name} row, got less: {share} of {n_rows} rows")
        return n_held_out
