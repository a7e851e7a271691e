"""A table of contenders by public table: what each changes against the first, and how it ranks."""

from collections.abc import Mapping
from statistics import fmean, stdev

import numpy as np
from scipy.stats import rankdata

Figures = Mapping[str, Mapping[int, float]]
"""By table and seed, lower is better."""


def print_comparison(figures: Mapping[str, Figures], seconds: Mapping[str, Figures]) -> None:
    """Print the first contender's own figures, and what each other changes on the seeds that both have.

    Below stand the mean over the tables with its standard error, the mean rank and the mean seconds of a
    search, those two over the tables that all contenders have.
    """
    reference, *others = figures
    tables = list(dict.fromkeys(table for of_contender in figures.values() for table in of_contender))
    changes = {other: changes_against(figures[reference], figures[other]) for other in others}
    print(f"{'change in %':20}{reference:>12}", *[f"{other:>16}" for other in others])
    for table in tables:
        own = figures[reference].get(table)
        shown = f"{fmean(own.values()):12.4g}" if own else f"{'-':>12}"
        by_other = [_signed(changes[other].get(table)) for other in others]
        print(f"{table:20}{shown}", *by_other)
    means = [_mean(list(changes[other].values())) for other in others]
    print(f"{'mean ± s.e.':20}{'':12}", *[f"{mean:>16}" for mean in means])
    common = [table for table in tables if all(table in of_contender for of_contender in figures.values())]
    if common:
        ranks = mean_ranks([[fmean(figures[it][table].values()) for it in figures] for table in common])
        taken = [fmean(fmean(seconds[it][table].values()) for table in common) for it in figures]
        of = f"{len(common)} tables"
        for name, (first, *rest) in ((f"rank, {of}", ranks), (f"seconds, {of}", taken)):
            print(f"{name:20}{first:12.4g}", *[f"{value:16.4g}" for value in rest])


def changes_against(reference: Figures, other: Figures) -> dict[str, float]:
    """Return by how much the mean of a table is above the reference's, in percent, where both were measured.

    A table is left out where the reference makes no error at all.
    """
    found = {}
    for table in reference:
        seeds = reference[table].keys() & other.get(table, {}).keys()
        before = sum(reference[table][seed] for seed in seeds)
        if before:
            found[table] = 100 * (sum(other[table][seed] for seed in seeds) / before - 1)
    return found


def mean_ranks(by_table: list[list[float]]) -> list[float]:
    """Return each contender's mean rank over the tables, 1 for the lowest figure; equals share theirs."""
    ranks: list[float] = np.mean([rankdata(row) for row in by_table], axis=0).tolist()
    return ranks


def _signed(change: float | None) -> str:
    return f"{'-':>16}" if change is None else f"{change:+16.1f}"


def _mean(changes: list[float]) -> str:
    if not changes:
        return "-"
    error = stdev(changes) / len(changes) ** 0.5 if len(changes) > 1 else float("nan")
    return f"{fmean(changes):+.1f} ± {error:.1f}"
