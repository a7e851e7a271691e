"""A table of what alternatives change against a reference, by public table, in percent."""

from collections.abc import Mapping, Sequence
from statistics import mean, stdev


def print_changes(figures: Mapping[str, Mapping[str, Sequence[float]]], *, width: int) -> None:
    """Print the reference's own means, then each alternative's change by table, its mean and standard error.

    Parameters
    ----------
    figures
        By alternative and table, a figure a seed; the first alternative is the reference.
    width
        Of the column of names.
    """
    (reference, before), *alternatives = figures.items()
    means = {table: mean(values) for table, values in before.items()}
    print(f"{'change in %':{width}}", *[f"{table:>14}" for table in means], f"{'mean':>8} {'s.e.':>6}")
    print(f"{reference:{width}}", *[f"{figure:14.4g}" for figure in means.values()])
    for name, by_table in alternatives:
        gains = [100 * (mean(by_table[table]) - figure) / figure for table, figure in means.items()]
        error = stdev(gains) / len(gains) ** 0.5 if len(gains) > 1 else float("nan")
        print(f"{name:{width}}", *[f"{gain:14.1f}" for gain in gains], f"{mean(gains):8.1f} {error:6.1f}")
