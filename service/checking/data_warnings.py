"""All that is to see to in a study's data, what misleads most at the front."""

from collections.abc import Callable, Iterator

from service.checking.constant_columns import constant_columns
from service.checking.data_warning import DataWarning
from service.checking.group_like import group_like
from service.checking.heavy_tails import heavy_tails
from service.checking.id_like import id_like
from service.checking.known_data import KnownData
from service.checking.leaks import leaks
from service.checking.many_categories import many_categories
from service.checking.near_duplicates import near_duplicates
from service.checking.rare_classes import rare_classes
from service.checking.skewed_target import skewed_target
from service.checking.small_dev_set import small_dev_set
from service.checking.unused_dates import unused_dates

WARNINGS: tuple[Callable[[KnownData], Iterator[DataWarning]], ...] = (
    leaks,
    near_duplicates,
    group_like,
    unused_dates,
    id_like,
    small_dev_set,
    rare_classes,
    skewed_target,
    heavy_tails,
    many_categories,
    constant_columns,
)


def data_warnings(data: KnownData) -> tuple[DataWarning, ...]:
    """Look through the known examples; of the test set nothing is there to be looked at."""
    return tuple(warning for warnings in WARNINGS for warning in warnings(data))
