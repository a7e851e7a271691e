"""What a study is called on its page: table and title without the way to the file."""

from pathlib import PurePath

from service.report.facts.study_report import StudyReport


def table_name(table: str) -> str:
    """Return a table's name without the folders that it lies in."""
    return PurePath(table).name


def title_of(report: StudyReport) -> str:
    """Return the report's title."""
    return f"Predicting {report.target} from {table_name(report.table)}"


SETS = {
    "train": "the network learns from these",
    "train-dev": "of the same origin as the train rows, and never learned from",
    "dev": "hyperparameters are chosen by these",
    "test": "kept away from everything until the end",
}
"""What each set is for."""

WORDS = (
    ("train, dev and test set", "rows to learn from; rows to choose by; rows kept for one last examination"),
    ("hyperparameters", "settings of the network and its training, which are chosen rather than learned"),
    ("trial", "one training with one choice of hyperparameters"),
    ("winner", "the trial that was best on the dev set, over several seeds where they were tried"),
    (
        "seed",
        "the number that all randomness of a training comes from; another is another roll of the dice",
    ),
    ("epoch", "one pass over the train set"),
    ("loss", "what training lowers: a smooth stand-in for the figure that counts"),
    ("95 % interval", "where the figure on ever more rows of the same kind would lie, 19 times in 20"),
    ("standard error", "by how much a figure is off, typically, because its rows are so few"),
    ("baseline", "what a far simpler model reaches; a network that does not beat it is not worth having"),
    ("ledger", "the list, kept with the study, of every time that a test set was looked at"),
)
"""The report's words, for who does not know them."""
