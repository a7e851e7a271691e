"""How far train and dev set are apart, in a line or two, and the columns that tell them apart."""

from rich.console import Console
from rich.text import Text

from service.data.checks.separation import AdversarialCheck
from service.report.terminal.filled_lines import filled_lines


def print_adversarial_check(check: AdversarialCheck, console: Console) -> None:
    """Print what a classifier of the two sets reached, and by which columns; then an empty line."""
    low, high = check.interval
    told = "are told apart" if check.are_apart else "are alike as far as can be told"
    figure = f"ROC AUC {check.area:.3f}, 95 % interval {low:.3f} to {high:.3f} (0.5: alike)"
    line = Text.assemble((f"{check.compared.capitalize()} and dev examples {told}", "bold"), f": {figure}")
    console.print(line, soft_wrap=not console.is_terminal)
    if check.columns:
        pieces = [Text(f"{it.column} ").append(f"{it.area:.3f}", "bold") for it in check.columns]
        console.print(filled_lines([Text("by column:"), *pieces], width=console.width, indent="  "))
    console.print()
