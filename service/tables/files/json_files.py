"""JSON lines, and JSON arrays of objects: a row an object, a column a key."""

from pathlib import Path

import polars as pl

from service.tables.files.damage import FAILURES, damaged
from service.tables.files.file_formats import FileFormat


def scan_json_file(path: Path, file_format: FileFormat) -> pl.LazyFrame:
    """Look into a file of objects; the whole of it decides which keys there are, and of which types.

    A key that an object lacks is a missing cell, wherever in the file it is first seen. A column of numbers
    and words is text. Columns stand in the order in which Polars merges the objects' keys.

    Raises
    ------
    BadInputError
        The file is no JSON, or holds something else than objects, or values of one key that no type has.
    """
    try:
        if file_format is FileFormat.JSON:
            return pl.read_json(path, infer_schema_length=None).lazy()
        schema = pl.scan_ndjson(path, infer_schema_length=None).collect_schema()
        return pl.scan_ndjson(path, schema=schema)  # it would be inferred again for every slice
    except FAILURES as error:
        raise damaged(path, file_format, error) from None
