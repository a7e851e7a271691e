"""The first line of a study: what it is about."""

from collections.abc import Mapping

from service.report.wording.numbers import sizes_text


def study_line(  # noqa: PLR0913 (what a study is, each by its name)
    *, name: str, table: str, task: str, target: str, n_examples: Mapping[str, int], is_sealed: bool
) -> str:
    """Return it.

    Parameters
    ----------
    name, table, task, target
        Of the study.
    n_examples
        Sizes of its sets, by set.
    is_sealed
        Whether it has a test set, and nothing has opened it.
    """
    sealed = " (sealed)" if is_sealed else ""
    return f"study {name}: {table}, {task} of {target}; {sizes_text(n_examples)}{sealed}"
