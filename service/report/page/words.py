"""The page's own words: what a study is called on it, what each set is for, and what each term means.

A term is explained where it first stands on a page, and in the table of words at its end.
"""

import re
from pathlib import PurePath

from markupsafe import Markup

from service.report.facts.study_report import StudyReport


def table_name(table: str) -> str:
    """Return a table's name without the folders that it lies in."""
    return PurePath(table).name


def title_of(report: StudyReport) -> str:
    """Return the report's title."""
    return f"Predicting {report.target} from {table_name(report.table)}"


SETS = {
    "train": "the model learns from these rows",
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
    ("hyperparameters", "settings of the model and its training, which are chosen rather than learned"),
    ("trial", "one training with one choice of hyperparameters"),
    ("pruned", "ended early, because its figures were behind those of other trials"),
    ("finalist", "one of the best trials, trained again with other seeds before the winner is chosen"),
    ("winner", "the trial that was best on the dev set, over several seeds where they were tried"),
    ("seed", "the number that all randomness of a training comes from; another seed is another draw"),
    ("epoch", "one pass over the train set; of boosting, one more tree, or one for each class"),
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
    ("baseline", "a far simpler model; a model that does not beat it is not worth having"),
)
"""The report's words, for readers who do not know them."""

_EXPLAINED = {
    "sealed": "sealed",
    "ledger": "ledger",
    "finalist": "finalist",
    "finalists": "finalist",
    "nats": "nats",
    "Bayes": "Bayes error",
    "pruned": "pruned",
    "95 % interval": "95 % interval",
    "standard errors": "standard error",
    "recall": "recall",
    "precision": "precision",
    "avoidable bias": "avoidable bias",
}
"""By the form that stands in a text, its entry among the report's words."""

_FORMS = re.compile("|".join(rf"\b{re.escape(form)}\b" for form in sorted(_EXPLAINED, key=len, reverse=True)))


class Glosses:
    """Marks each word the first time that it comes, with what it means."""

    def __init__(self) -> None:
        self._meanings = dict(WORDS)

    def marked(self, text: str) -> Markup:
        """Return a text, escaped, with the words that come in it for the first time explained."""
        parts, end = [], 0
        for match in _FORMS.finditer(text):
            meaning = self._meanings.pop(_EXPLAINED[match[0]], None)
            if meaning is not None:
                parts += [Markup.escape(text[end : match.start()])]
                parts += [Markup('<abbr title="{}">{}</abbr>').format(meaning, match[0])]
                end = match.end()
        return Markup("").join([*parts, Markup.escape(text[end:])])
