"""The checks of a network's training on one screen, with a small picture of its spreads."""

import json
import math
from collections.abc import Sequence

from pydantic import TypeAdapter
from rich.console import Console
from rich.table import Table
from rich.text import Text

from service.advice.network_check import TrainingCheck
from workers.network.gradient_check import Verdict

_STYLES = {Verdict.RIGHT: "green", Verdict.LOOK_AGAIN: "yellow", Verdict.WRONG: "bold red"}
_BARS = "▁▂▃▄▅▆▇█"
_MIDDLE = 3
_DECADES_A_BAR = 0.5


def check_json(check: TrainingCheck) -> str:
    """Return the checks as one JSON object; what is infinite or no number is null."""
    titles = ("gradient", "descent", "by_heart", "spreads")
    verdicts = {title: verdict.value for title, verdict in zip(titles, check.verdicts, strict=True)}
    values = json.loads(TypeAdapter(TrainingCheck).dump_json(check))
    return json.dumps({"is_sound": check.is_sound, "verdicts": verdicts, **values}, allow_nan=False)


def print_check(check: TrainingCheck, console: Console, *, name: str) -> None:
    """Print what was checked, four verdicts, and the spreads by layer.

    Parameters
    ----------
    check
        The checks.
    console
        The screen; a width of 80 is enough.
    name
        The table.
    """
    point = check.hyperparameters
    layers = " - ".join(f"{size:,}" for size in check.layers)
    console.print(f"The first point of a study of {name}:", highlight=False, soft_wrap=True)
    console.print(
        f"  {layers} units, {point.activation}, init {point.init_scheme}, {point.optimizer}"
        f" at rate {point.learning_rate:g}",
        highlight=False,
    )
    console.print()
    for verdict, (title, detail) in zip(check.verdicts, _details(check), strict=True):
        console.print(Text.assemble("  ", (f"{verdict:12}", _STYLES[verdict]), f"{title:18}", detail))
    console.print()
    console.print("  Standard deviation by layer before training, were the network 8 layers deep:")
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for heading in ("  init", "activations", "", "gradients", ""):
        table.add_column(heading)
    for init, spreads in check.pictures.items():
        table.add_row(f"  {init}", *_cells(spreads.activations, at=0), *_cells(spreads.gradients, at=-1))
    console.print(table)


def _details(check: TrainingCheck) -> list[tuple[str, str]]:
    gradient, descent, by_heart, spreads = check.gradient, check.descent, check.by_heart, check.spreads
    costs = f"{descent.costs[0]:.4g} to {descent.costs[-1]:.4g} in " if descent.costs else ""
    left = ""
    if not by_heart.is_learned:
        left = f", error {by_heart.error:.3g} at rate {check.hyperparameters.learning_rate:g}"
    return [
        (
            "gradient check",
            f"ratio {gradient.ratio:.1e} over {gradient.n_checked:,} of {gradient.n_parameters:,} parameters",
        ),
        (
            "the cost falls",
            descent.failure
            or f"{costs}{len(descent.costs)} full-batch steps at rate {descent.learning_rate:g}, dropout off",
        ),
        (
            "learns by heart",
            by_heart.failure or f"{by_heart.n_examples} examples in {by_heart.n_epochs} epochs{left}",
        ),
        (
            "spreads are kept",
            f"activations {_ends(spreads.activations)}, gradients {_ends(spreads.gradients)}",
        ),
    ]


def _ends(spreads: Sequence[float]) -> str:
    return f"{spreads[0]:.2g}" + (f" to {spreads[-1]:.2g}" if len(spreads) > 1 else "")


def _cells(spreads: Sequence[float], *, at: int) -> tuple[str, str]:
    return bars(spreads, reference=spreads[at]), _ends(spreads)


def bars(spreads: Sequence[float], *, reference: float) -> str:
    """Draw spreads against the layer's where they start: activations at the first, gradients at the last.

    A step is half a decade, with two decades up and one and a half down; a level line is what a fitting init
    gives. What is 0, infinite or no number has a mark of its own.
    """
    drawn = []
    for spread in spreads:
        if spread == 0:
            drawn.append("·")
        elif not (math.isfinite(spread) and math.isfinite(reference) and reference > 0):
            drawn.append("!")
        else:
            step = _MIDDLE + round(math.log10(spread / reference) / _DECADES_A_BAR)
            drawn.append(_BARS[min(max(step, 0), len(_BARS) - 1)])
    return "".join(drawn)
