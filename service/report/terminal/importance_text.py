"""Hyperparameters by importance: a row each, with a bar."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from service.report.facts.importance import RELIABLE_TRIALS, Importance, Importances
from service.report.wording.numbers import metric_name

BAR_WIDTH = 24


def print_importances(found: Importances, console: Console) -> None:
    """Print how much each hyperparameter decided about being among the best, and what that rests on."""
    best = f"What decided whether a trial was among the best {found.n_best} of {found.n_trials}"
    console.print(
        Text(f"{best} by dev {metric_name(found.metric)}", "bold"), soft_wrap=not console.is_terminal
    )
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("hyperparameter", no_wrap=True)
    table.add_column("share", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("trials", justify="right", no_wrap=True)
    table.add_column("")
    for importance in found.importances:
        table.add_row(*_row(importance))
    console.print(table)
    if not any(each.is_clear for each in found.importances):
        console.print(Text("All of this may be chance", "bold"), soft_wrap=not console.is_terminal)
    for note in _notes(found):
        console.print(Text(note, "dim"), soft_wrap=not console.is_terminal)
    if not found.is_reliable:
        warning = f"with {found.n_trials} trials this is a hint at best: {RELIABLE_TRIALS} or more tell"
        console.print(Text.assemble(("Warning: ", "yellow"), warning), soft_wrap=not console.is_terminal)


def bar(share: float, width: int, *, is_clear: bool) -> str:
    """Draw a share (fraction) as a bar on a dashed line; what may be chance is shaded."""
    filled = round(share * width)
    return ("━" if is_clear else "░") * filled + "╌" * (width - filled)


def _row(importance: Importance) -> tuple[Text, Text, Text, Text, Text]:
    n_active = Text(f"{importance.n_active}")
    if importance.share is None:
        return Text(importance.hyperparameter), Text("-"), Text(), n_active, Text("in too few trials", "dim")
    is_clear = importance.is_clear
    style = "bold" if is_clear else ""
    return (
        Text(importance.hyperparameter, style),
        Text(f"{100 * importance.share:.0f} %", style),
        Text(bar(importance.share, BAR_WIDTH, is_clear=is_clear), "blue" if is_clear else "dim"),
        n_active,
        Text("" if is_clear else "may be chance", "dim"),
    )


def _notes(found: Importances) -> list[str]:
    n_others = found.n_trials - found.n_complete
    notes = [f"{found.method} on {found.n_trials} trials"]
    if n_others:
        notes[0] += f"; the {n_others} pruned or failed ones count as not among the best"
    if any(each.n_active < found.n_trials for each in found.importances):
        notes.append("a conditional hyperparameter is compared among the trials that had it")
    return notes
