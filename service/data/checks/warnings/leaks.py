"""Columns that tell the target by themselves."""

from collections.abc import Iterator

from service.data.checks.warnings.data_warning import Concern, DataWarning, columns_line
from service.data.checks.warnings.known_data import KnownData
from service.data.checks.warnings.telling_columns import telling_columns
from service.tables.column_kinds import ColumnKind
from workers.train_dev_data import Task


def leaks(data: KnownData) -> Iterator[DataWarning]:
    """Warn of columns that tell the target nearly perfectly; pixels are not asked."""
    asked = [
        column.name
        for column in data.columns
        if column.is_learned_from and column.kind is not ColumnKind.IMAGE
    ]
    telling = telling_columns(data.values.select(asked), data.y, task=data.task, seed=data.seed)
    for name, score in telling.items():
        figure = (
            f"{100 * score:.1f} % of them right" if data.task is Task.CLASSIFICATION else f"R² {score:.4f}"
        )
        yield DataWarning(
            about=Concern.LEAK,
            column=name,
            sentence=f"tells the target by itself: {figure}",
            remedy=f"if it is known only afterwards, {columns_line(name, ColumnKind.IGNORE)}",
        )
