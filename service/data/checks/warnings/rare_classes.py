"""Classes with few examples."""

from collections.abc import Iterator

from service.data.checks.warnings.data_warning import Concern, DataWarning
from service.data.checks.warnings.known_data import KnownData
from service.tables.csv_cells import shown

FEWEST_EXAMPLES = 30
"""Known ones: with fewer a class is hardly learned, and its error hardly measured."""


def rare_classes(data: KnownData) -> Iterator[DataWarning]:
    """Warn of classes with fewer than 30 known examples."""
    for index, name in enumerate(data.class_names):
        n_examples = int((data.y == index).sum())
        if n_examples < FEWEST_EXAMPLES:
            yield DataWarning(
                about=Concern.RARE_CLASS,
                column=None,
                sentence=f"class {shown(name)} has {n_examples} known examples",
                remedy="its error is hardly known: get more of them, or join it with another class",
            )
