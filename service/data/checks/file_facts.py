"""The files that a table comes from, and how they are written."""

from enum import StrEnum

import numpy as np
from pydantic import BaseModel, ConfigDict

from service.configuration.data_config import DataConfig
from service.tables.table import Table


class FileRole(StrEnum):
    """What a file is for, by its key in a study file."""

    TABLE = "table"
    DEV_TABLE = "dev_table"
    TEST_TABLE = "test_table"


class FileFacts(BaseModel):
    """One file."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    path: str
    """Its path, or a built-in table's name."""

    role: FileRole
    """What it is for."""

    n_examples: int
    """Its rows that have a target."""

    delimiter: str | None
    """What stands between the cells of a CSV file; null for other formats."""

    encoding: str | None
    """How the text of a CSV file is written; null for other formats."""

    decimal_comma: bool
    """Whether its numbers have a comma for a point."""


def file_facts(table: Table, data: DataConfig) -> tuple[FileFacts, ...]:
    """Tell of each file what is known of it without its cells."""
    roles = [FileRole.TABLE]
    roles += [FileRole.DEV_TABLE] * (data.dev_table is not None)
    roles += [FileRole.TEST_TABLE] * (data.test_table is not None)
    counts = np.bincount(table.file_of_row, minlength=len(table.files)).tolist()
    return tuple(
        FileFacts(
            path=str(file.path),
            role=role,
            n_examples=count,
            delimiter=file.delimiter,
            encoding=(file.encoding or "utf-8") if file.is_csv else None,
            decimal_comma=file.decimal_comma,
        )
        for file, role, count in zip(table.files, roles, counts, strict=True)
    )
