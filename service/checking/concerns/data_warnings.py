"""All that is to see to in a study's data, what misleads most at the front."""

from collections.abc import Callable, Iterator

from service.checking.concerns.constant_columns import constant_columns
from service.checking.concerns.data_warning import DataWarning
from service.checking.concerns.group_like import group_like
from service.checking.concerns.heavy_tails import heavy_tails
from service.checking.concerns.id_like import id_like
from service.checking.concerns.known_data import KnownData
from service.checking.concerns.leaks import leaks
from service.checking.concerns.many_categories import many_categories
from service.checking.concerns.near_duplicates import near_duplicates
from service.checking.concerns.rare_classes import rare_classes
from service.checking.concerns.skewed_target import skewed_target
from service.checking.concerns.small_dev_set import small_dev_set
from service.checking.concerns.unused_dates import unused_dates

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
