"""What the opening showed of overfitting to the dev set, in words."""

from service.reporting.overfitting import Overfitting
from service.wording.numbers import size_text
from workers.metrics import Metric


def overfitting_text(found: Overfitting, metric: Metric) -> str:
    """Say how much worse the winner did than on dev, beside what was foretold."""
    than_dev = "worse" if found.size > 0 else "better"
    size = f"{size_text(metric, abs(found.size))} ± {size_text(metric, 2 * found.standard_error)}"
    foretold = (
        "" if found.foretold is None else f"; {size_text(metric, max(found.foretold, 0.0))} were foretold"
    )
    foreseen = "" if found.foretold is None else "that and "
    clear = f", and it is beyond {foreseen}chance: the dev set was overfitted" if found.is_clear else ""
    return f"{size} {than_dev} than on dev{foretold}{clear}"
