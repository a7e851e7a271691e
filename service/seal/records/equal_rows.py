"""What a table's equal rows are: copies of one record, or records that agree by chance.

A record that was entered twice must not be in two sets, or its answer is known before it is asked for.
Records that agree because their columns have few values must be split like any others: kept together, they
would make a test set of rows that no train row resembles. The target never tells which they are; rows would
else be divided by their answers.
"""

from enum import StrEnum, auto

from pydantic import BaseModel, ConfigDict

from service.configuration.data_config import EqualRowsRule


class Meeting(StrEnum):
    """What the rows are that equal another one in every feature."""

    NONE = auto()
    FEW = auto()
    COPIES = auto()
    WHOLE_COPIES = auto()
    CHANCE = auto()


class EqualRows(BaseModel):
    """The decision about the rows that equal another one in every feature."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    meeting: Meeting
    """What they are, by the evidence of the table itself: copies of some records, or of all (whole copies),
    records that agree by chance, too few to matter, or none."""

    rule: EqualRowsRule
    """The user's choice; `auto` follows the evidence."""

    n_rows: int
    """Rows of the table, a test file's aside."""

    n_meeting: int
    """Rows that equal another one in every feature."""

    n_kept_together: int
    """Rows that are in one set with the others of their record."""

    n_times: int
    """How often most records are there, where the whole table is repeated; else 1."""

    is_by_time: bool
    """Whether the split is by time, which keeps no copies together."""

    @property
    def sentence(self) -> str | None:
        """A sentence for people; None if no rows are equal."""
        if not self.n_meeting:
            return None
        found = f"{self.n_meeting:,} of {self.n_rows:,} rows have the same features as another row"
        if self.is_by_time:
            return f"{found}; the split is by time, and copies may be in different sets"
        return f"{found}; {self._done}"

    @property
    def _done(self) -> str:
        apart, together = "they are split like other rows", "the copies of a record are kept together"
        if self.rule is not EqualRowsRule.AUTO:
            done = apart if self.rule is EqualRowsRule.APART else "they are kept together"
            return f'{done}, because equal_rows = "{self.rule}"'
        told = {
            Meeting.CHANCE: f"chance explains that, and {apart}",
            Meeting.COPIES: f"that is more than chance explains, and {together}",
            Meeting.WHOLE_COPIES: f"most records appear {self.n_times} times, and {together}",
        }.get(self.meeting, "they are kept together")
        n_common = self.n_meeting - self.n_kept_together
        if n_common and self.meeting is not Meeting.CHANCE:
            return f"{told}, except {n_common:,} rows with very frequent values"
        return told
