"""All that is to see to in a study's data, what misleads most at the front."""

from collections.abc import Callable, Iterator

from service.data.checks.warnings.constant_columns import constant_columns
from service.data.checks.warnings.data_warning import DataWarning
from service.data.checks.warnings.group_like import group_like
from service.data.checks.warnings.heavy_tails import heavy_tails
from service.data.checks.warnings.id_like import id_like
from service.data.checks.warnings.known_data import KnownData
from service.data.checks.warnings.leaks import leaks
from service.data.checks.warnings.many_categories import many_categories
from service.data.checks.warnings.near_duplicates import near_duplicates
from service.data.checks.warnings.rare_classes import rare_classes
from service.data.checks.warnings.skewed_target import skewed_target
from service.data.checks.warnings.small_dev_set import small_dev_set
from service.data.checks.warnings.unused_dates import unused_dates

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
