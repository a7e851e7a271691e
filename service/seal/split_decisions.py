"""What a split decides by the evidence of the tables, as values that are kept with a study.

A table's equal rows are copies of one record, or records that agree by chance. A record that was entered
twice must not be in two sets, or its answer is known before it is asked for. Records that agree because
their columns have few values must be split like any others: kept together, they would make a test set of
rows that no train row resembles. The target never decides which they are; rows would else be divided by their
answers.

Beside a dev set from elsewhere, rows of the train file that nothing is fitted on tell data mismatch from
variance: the train-dev set. Beside a dev set from the same source they would be train rows wasted.
"""

from enum import StrEnum, auto

from pydantic import BaseModel, ConfigDict

from service.configuration.data_config import EqualRowsRule, TrainDevRule


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


_MOST_NAMED = 3


class TrainDevDecision(BaseModel):
    """The decision about a train-dev set, and its evidence."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    rule: TrainDevRule
    """The user's choice; `auto` follows the evidence."""

    n_train: int
    """Rows of the train file that were compared, one of each group, those of a train-dev set among them."""

    n_dev: int
    """Rows of the dev set that were compared, one of each group."""

    n_columns: int
    """Columns that were compared: those that are learned from, and the target."""

    columns: tuple[str, ...]
    """Columns in which the two differ beyond chance, the clearest first; none where they are alike."""

    p_value: float
    """How likely chance is to bring the clearest of all the columns as far apart as it is; at most 1."""

    @property
    def are_apart(self) -> bool:
        """Whether the dev rows differ from the train rows beyond chance."""
        return bool(self.columns)

    @property
    def sets_aside(self) -> bool:
        """Whether there is a train-dev set."""
        return self.are_apart if self.rule is TrainDevRule.AUTO else self.rule is TrainDevRule.ALWAYS

    @property
    def sentence(self) -> str:
        """A sentence for people."""
        if self.rule is TrainDevRule.NEVER:
            mixed = ", and variance includes what that costs" if self.are_apart else ""
            return f'no train-dev set, because train_dev = "never": {self._evidence}{mixed}'
        if self.rule is TrainDevRule.ALWAYS:
            return f'a train-dev set is set aside, because train_dev = "always": {self._evidence}'
        done = "a train-dev set is set aside" if self.sets_aside else "no train-dev set"
        return f"{done}, because {self._evidence}"

    @property
    def _evidence(self) -> str:
        compared = f"{self.n_train:,} train and {self.n_dev:,} dev rows"
        if not self.are_apart:
            return f"none of {self.n_columns:,} columns tells {compared} apart beyond chance"
        named = ", ".join(self.columns[:_MOST_NAMED])
        n_more = len(self.columns) - _MOST_NAMED
        more = f" and {n_more:,} more" if n_more > 0 else ""
        chance = "p < 0.0001" if self.p_value < 0.0001 else f"p = {self.p_value:.2g}"
        return f"{compared} differ beyond chance in {named}{more} ({chance})"
