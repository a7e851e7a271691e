"""Rounds of search: studies in a row, each where the one before pointed; a part of what the search found."""

from collections.abc import Iterator

from service.advice.rounds.summary import Rounds
from service.report.page.blocks import Block, Bullets, Paragraph, Table
from service.report.wording.numbers import metric_name, metric_text
from workers.metrics import Metric


def round_blocks(rounds: Rounds, metric: Metric) -> Iterator[Block]:
    """Yield the studies in a row, of which this is one."""
    yield Table(
        caption=f"Rounds of search, each where the one before pointed; dev {metric_name(metric)}",
        columns=("study", "step", "trouble", f"dev {metric_name(metric)}", "trials", "epochs"),
        rows=tuple(
            (
                line.study,
                line.step or "the first",
                line.trouble or "-",
                "-" if line.dev_metric is None else metric_text(metric, line.dev_metric),
                f"{line.trials:,}",
                f"{line.epochs:,}",
            )
            for line in rounds.rounds
        ),
        n_words=3,
        strong=tuple(place for place, line in enumerate(rounds.rounds) if line.study == rounds.winner),
    )
    changes = tuple(f"{line.study}: {why}" for line in rounds.rounds for why in line.reasons.values())
    if changes:
        yield Bullets(changes)
    if rounds.ending is not None:
        yield Paragraph(f"No more rounds: {rounds.ending}.")
