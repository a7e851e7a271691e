"""All that is to see to in a study's data, what misleads most at the front."""

from collections.abc import Callable, Iterator

from service.data.checks.warnings.columns import (
    constant_columns,
    group_like,
    heavy_tails,
    id_like,
    many_categories,
    unused_dates,
)
from service.data.checks.warnings.data_warning import DataWarning
from service.data.checks.warnings.disguised_values import code_like, sentinels
from service.data.checks.warnings.known_data import KnownData
from service.data.checks.warnings.leaks import leaks
from service.data.checks.warnings.near_duplicates import near_duplicates
from service.data.checks.warnings.targets import (
    rare_classes,
    similar_classes,
    skewed_target,
    small_dev_set,
)

WARNINGS: tuple[Callable[[KnownData], Iterator[DataWarning]], ...] = (
    leaks,
    near_duplicates,
    similar_classes,
    group_like,
    unused_dates,
    id_like,
    sentinels,
    code_like,
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
