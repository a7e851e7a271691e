"""What to see to in a table before a study of it: each with the column, and what to do."""

import re
from collections.abc import Iterator, Mapping
from math import sqrt

import polars as pl
from pydantic import BaseModel, ConfigDict

from service.checking.column_facts import ColumnFacts
from service.checking.near_duplicates import near_duplicates
from service.checking.telling_columns import telling_columns
from service.preparation.one_hot import MAX_CATEGORIES
from service.seal.splits import Split
from service.tables.column_inference import ToldTable
from service.tables.column_kinds import ColumnKind
from workers.train_dev_data import Task

FEW_OF_A_CLASS = 30
"""A class with fewer known examples is hardly learned, and its error hardly measured."""

FEW_DEV_EXAMPLES = 600
"""With fewer a winner's dev figure is mostly luck: it flatters by more than what is searched for gains."""

HEAVY_TAIL = 100.0
"""Quartile ranges from the median beyond which a number outweighs all others."""

_NAMES_OF_IDS = re.compile(r"(^|_)id$|[a-z]I[Dd]$", re.ASCII)


class DataWarning(BaseModel):
    """One thing to see to."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    about: str
    """What it is: `leak`, `id`, `constant`, `heavy tail`, `categories`, `date`, `group`, `rare class`,
    `duplicates`, `few dev examples`."""

    column: str | None
    """The column, where it is about one."""

    sentence: str
    """What was found."""

    remedy: str
    """What to do about it."""


def data_warnings(
    facts: tuple[ColumnFacts, ...],
    told: ToldTable,
    split: Split,
    *,
    class_counts: Mapping[str, int],
    seed: int,
) -> tuple[DataWarning, ...]:
    """Look through the known examples; of the test set nothing is looked at.

    Parameters
    ----------
    facts
        Of all columns but the target.
    told
        What they hold, and the values of those that are learned from.
    split
        The sets.
    class_counts
        Known examples by class; empty in regression.
    seed
        The study's.
    """
    return (
        *_leaks(told, split, seed=seed),
        *_of_columns(facts, told, n_known=len(split.known), is_by_time=_has(facts, ColumnKind.TIME)),
        *_groups(facts, n_known=len(split.known)),
        *_rare_classes(class_counts),
        *_near_duplicates(told, split),
        *_few_dev_examples(split),
    )


def _leaks(told: ToldTable, split: Split, *, seed: int) -> Iterator[DataWarning]:
    telling = telling_columns(told.values, split.known.y, task=split.task, seed=seed)
    for name, score in telling.items():
        figure = (
            f"{100 * score:.1f} % of them right" if split.task is Task.CLASSIFICATION else f"R² {score:.4f}"
        )
        yield DataWarning(
            about="leak",
            column=name,
            sentence=f"tells the target by itself: {figure}",
            remedy=f'if it is known only afterwards, [columns] {_key(name)} = "ignore"',
        )


def _of_columns(
    facts: tuple[ColumnFacts, ...], told: ToldTable, *, n_known: int, is_by_time: bool
) -> Iterator[DataWarning]:
    for fact in facts:
        key = _key(fact.name)
        if fact.kind is ColumnKind.ID and not fact.is_said:
            yield DataWarning(
                about="id",
                column=fact.name,
                sentence=f"is not learned from: {fact.reason}",
                remedy=f'if it says something, [columns] {key} = "numeric" or "categorical"',
            )
        if not fact.is_learned_from:
            continue
        if fact.distinct <= 1 and fact.kind is not ColumnKind.IMAGE and fact.missing in {0, n_known}:
            yield DataWarning(
                about="constant",
                column=fact.name,
                sentence="has no value at all" if fact.distinct == 0 else "has one value in all rows",
                remedy="it is left out",
            )
        elif fact.kind is ColumnKind.NUMERIC and (reach := _reach(told.values[fact.name])) > HEAVY_TAIL:
            yield DataWarning(
                about="heavy tail",
                column=fact.name,
                sentence=f"reaches {reach:,.0f} quartile ranges from its median",
                remedy='[space] numeric_scaling = "robust" or "quantile"',
            )
        elif fact.kind is ColumnKind.CATEGORICAL and fact.distinct > MAX_CATEGORIES:
            yield DataWarning(
                about="categories",
                column=fact.name,
                sentence=f"has {fact.distinct:,} categories, too many for an input each",
                remedy='[space] high_cardinality_encoding = "hashing" or "target_statistics"',
            )
        elif fact.kind is ColumnKind.DATE and not is_by_time:
            yield DataWarning(
                about="date",
                column=fact.name,
                sentence="is a date, and the sets are not split by it",
                remedy=f'to be judged on later rows than those learned from, [columns] {key} = "time"',
            )


def _groups(facts: tuple[ColumnFacts, ...], *, n_known: int) -> Iterator[DataWarning]:
    """Offer to keep together what looks like the rows of one person, shop or machine."""
    if _has(facts, ColumnKind.GROUP):
        return
    for fact in facts:
        is_named_so = _NAMES_OF_IDS.search(fact.name) is not None
        repeats = fact.kind in {ColumnKind.CATEGORICAL, ColumnKind.NUMERIC}
        many_texts = fact.kind is ColumnKind.CATEGORICAL and n_known / 50 <= fact.distinct
        if repeats and 2 < fact.distinct <= n_known / 2 and (is_named_so or many_texts):
            yield DataWarning(
                about="group",
                column=fact.name,
                sentence=f"has {fact.distinct:,} values in {n_known:,} rows, as of persons or shops",
                remedy=f'if new ones are to be predicted, [columns] {_key(fact.name)} = "group"',
            )


def _rare_classes(class_counts: Mapping[str, int]) -> Iterator[DataWarning]:
    for name, count in class_counts.items():
        if count < FEW_OF_A_CLASS:
            yield DataWarning(
                about="rare class",
                column=None,
                sentence=f"class {name!r} has {count} known examples",
                remedy="its error is hardly known: get more of them, or join it with another",
            )


def _near_duplicates(told: ToldTable, split: Split) -> Iterator[DataWarning]:
    if len(split.folds) > 1:
        return
    ((train, dev),) = ((fold.train, fold.dev) for fold in split.folds)
    n_near = near_duplicates(told.values, train, dev)
    if n_near > len(dev) / 50:
        yield DataWarning(
            about="duplicates",
            column=None,
            sentence=f"{n_near:,} of {len(dev):,} dev examples are a train example but for one column",
            remedy='if they are of one person or thing, name the column that says so "group" under [columns]',
        )


def _few_dev_examples(split: Split) -> Iterator[DataWarning]:
    if len(split.folds) > 1:
        return
    n_dev, n_known = len(split.folds[0].dev), len(split.known)
    if n_dev >= FEW_DEV_EXAMPLES:
        return
    if split.task is Task.CLASSIFICATION:
        width = f"an error of 10 % is known to ± {100 * 1.96 * sqrt(0.09 / n_dev):.1f} %"
    else:
        width = f"an RMSE is known to ± {100 * 1.96 / sqrt(2 * n_dev):.0f} % of itself"
    yield DataWarning(
        about="few dev examples",
        column=None,
        sentence=f"with {n_dev:,} dev examples {width}, more than most choices differ by",
        remedy=f"--folds 5 judges each trial on all {n_known:,} known examples, in turn",
    )


def _reach(values: pl.Series) -> float:
    """Return how many quartile ranges the farthest number lies from the median; 0 where there is no range."""
    finite = values.drop_nulls().filter(values.drop_nulls().is_finite())
    if len(finite) == 0:
        return 0.0
    low, middle, high = (float(finite.quantile(share) or 0.0) for share in (0.25, 0.5, 0.75))
    if not high - low > 0:
        return 0.0
    farthest = max(float(finite.max()) - middle, middle - float(finite.min()))  # type: ignore[arg-type] # Float64 has these
    return farthest / (high - low)


def _has(facts: tuple[ColumnFacts, ...], kind: ColumnKind) -> bool:
    return any(fact.kind is kind for fact in facts)


def _key(name: str) -> str:
    """Write a column's name as a key of TOML."""
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else f'"{name}"'
