"""What `proctor run` and `proctor data` say of a study's data, in sentences for who calls from Python."""

import re
from collections.abc import Mapping
from dataclasses import replace

from service.configuration.study_config import StudyConfig
from service.data.checks.data_check import describe_data
from service.data.checks.data_warning import Concern, DataWarning
from service.data.preparation.prepared_data import PreparedData
from service.seal.splits import Split
from service.tables.column_inference import InferredTable
from service.tables.said_column import said_by_name
from service.tables.table import Table

_COLUMNS_LINE = re.compile(
    r'\[columns\] (?P<name>"(?:[^"\\]|\\.)*"|[A-Za-z0-9_-]+) = (?P<said>"[a-z]+"|\{ missing = \[[^\]]*\] \})'
)

_REMEDIES: Mapping[Concern, str] = {
    Concern.SKEWED_TARGET: "if ratios matter more than differences, learn the logarithm, as"
    " scikit-learn's TransformedTargetRegressor does",
    Concern.DUPLICATES: "if they belong to the same person or thing, name the column that identifies it:"
    ' columns={"...": "group"}',
}
"""Where the command's own cannot be followed from Python."""


def data_warnings_of(
    table: Table, config: StudyConfig, sets: Split, told: InferredTable
) -> tuple[DataWarning, ...]:
    """Look through a table as `proctor data` does.

    Parameters
    ----------
    table, sets, told
        A table in memory without a test set, split.
    config
        The study.
    """
    said = said_by_name(config.columns, table.frame.columns, target=table.target_name, file=table.name)
    cells = table.features_of(sets.known.rows)
    return describe_data(config, replace(table, said=said), sets, told, cells=cells).warnings


def notes_on_data(prepared: PreparedData, warnings: tuple[DataWarning, ...]) -> tuple[str, ...]:
    """Return each sentence once: the notes of `proctor run`, then what `proctor data` warns of.

    Parameters
    ----------
    prepared
        The data that the study is run on.
    warnings
        Those of the same data.
    """
    left_out = set(prepared.preparations[prepared.first_choices].transformation.dropped)
    left_out |= {each.column.name for each in prepared.told.columns if each.reason}
    noted = (Concern.ID, Concern.CONSTANT)
    others = [it for it in warnings if it.about not in noted or it.column not in left_out]
    return tuple(dict.fromkeys([*prepared.notes, *map(_sentence, others)]))


def _sentence(warning: DataWarning) -> str:
    subject = "" if warning.column is None else f"column {warning.column!r} "
    remedy = _REMEDIES.get(warning.about, warning.remedy)
    remedy = _COLUMNS_LINE.sub(_columns_argument, remedy).replace("--folds ", "folds=")
    return f"{subject}{warning.sentence}; {remedy}"


def _columns_argument(line: re.Match[str]) -> str:
    name = line["name"] if line["name"].startswith('"') else f'"{line["name"]}"'
    said = line["said"].replace("{ missing = ", '{"missing": ').replace(" }", "}")
    return f"columns={{{name}: {said}}}"
