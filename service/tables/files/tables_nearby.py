"""Files that look like tables by their endings, for whoever names a wrong one."""

from pathlib import Path

from search_spaces.nearest_word import nearest_word

ENDINGS = (
    *(".csv", ".tsv", ".csv.gz", ".csv.bz2", ".csv.xz", ".csv.zst", ".json", ".jsonl", ".ndjson"),
    *(".xlsx", ".xlsm", ".parquet", ".feather", ".arrow", ".npz", ".npy"),
)
"""What names of tables end with; a table is read whatever its name ends with."""


def tables_in(directory: Path) -> list[Path]:
    """Return what looks like a table, by name; nothing where the directory cannot be read."""
    try:
        files = [file for file in directory.iterdir() if file.name.lower().endswith(ENDINGS)]
        return sorted(file for file in files if file.is_file() and not file.name.startswith("."))
    except (OSError, ValueError):  # ValueError: a path with a NUL character
        return []


def nearest_file(path: Path) -> Path | None:
    """Return the table beside a path whose name is most like the path's; None where none is alike."""
    by_name = {file.name: file for file in tables_in(path.parent)}
    nearest = nearest_word(path.name, by_name)
    return None if nearest is None else by_name[nearest]
