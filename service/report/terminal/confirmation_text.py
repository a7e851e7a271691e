"""What confirmation showed, on the screen."""

from rich.console import Console
from rich.text import Text

from service.advice.diagnosis.confirmation import Confirmation
from service.report.wording.confirmation import confirmation_lines
from workers.metrics import Metric


def print_confirmation(confirmation: Confirmation, metric: Metric, console: Console) -> None:
    """Print how the finalists did with other seeds."""
    for line in confirmation_lines(confirmation, metric):
        console.print(Text(f"  {line}"), soft_wrap=not console.is_terminal)
