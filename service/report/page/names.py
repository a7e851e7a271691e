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
    "train": "the network learns from these rows",
    "train-dev": "from the same source as the train rows, but never learned from",
    "dev": "hyperparameters are chosen by the figures on these",
    "test": "kept from everything else until the end",
}
"""What each set is for."""

WORDS = (
    ("train, dev and test set", "rows to learn from; rows to choose by; rows kept for one last evaluation"),
    ("sealed", "nothing but the split has read the test set, and nobody has seen its figure"),
    ("ledger", "the list, kept with the study, of every time that a test set was opened"),
    ("look", "one opening of the test set; a further one makes its figure less believable"),
    ("hyperparameters", "settings of the network and its training, which are chosen rather than learned"),
    ("trial", "one training with one choice of hyperparameters"),
    ("pruned", "ended early, because its figures were behind those of other trials"),
    ("finalist", "one of the best trials, trained again with other seeds before the winner is chosen"),
    ("winner", "the trial that was best on the dev set, over several seeds where they were tried"),
    ("seed", "the number that all randomness of a training comes from; another seed is another draw"),
    ("epoch", "one pass over the train set"),
    ("loss", "what training lowers: a smooth stand-in for the figure that counts"),
    ("nats", "the unit of a log loss that uses the natural logarithm"),
    ("Bayes error", "the best error that any model could reach with these columns"),
    ("avoidable bias", "how far the train figure is from the best known one"),
    ("variance", "how much worse the figure is on rows that were not learned from"),
    (
        "95 % interval",
        "a range that, computed in this way, holds the figure on unlimited rows 19 times in 20",
    ),
    ("standard error", "how far a figure is typically off because it comes from so few rows"),
    ("recall", "the share of a class's rows that are predicted as that class"),
    ("precision", "the share of the rows predicted as a class that are of that class"),
    ("baseline", "a far simpler model; a network that does not beat it is not worth having"),
)
"""The report's words, for readers who do not know them."""
