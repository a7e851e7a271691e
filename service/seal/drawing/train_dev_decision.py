"""The decision about a train-dev set when the dev set has a file of its own, and its evidence.

Beside a dev set from elsewhere, rows of the train file that nothing is fitted on tell data mismatch from
variance. Beside a dev set from the same source they would be train rows wasted.
"""

from pydantic import BaseModel, ConfigDict

from service.configuration.data_config import TrainDevRule

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
