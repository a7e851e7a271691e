"""Explanations of the report's own words, where each first stands on a page."""

import re

from markupsafe import Markup

from service.report.page.names import WORDS

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
