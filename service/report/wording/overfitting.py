"""What the opening showed of overfitting to the dev set, in words."""

from service.report.facts.overfitting import Overfitting
from service.report.wording.numbers import size_text
from workers.metrics import Metric


def overfitting_text(found: Overfitting, metric: Metric) -> str:
    """Say how much worse the winner did than on dev, beside what selection was expected to cost."""
    than_dev = "worse" if found.size > 0 else "better"
    size = f"{size_text(metric, abs(found.size))} ± {size_text(metric, 2 * found.standard_error)}"
    expected, cause = "", "chance explains"
    if found.foretold is not None:
        expected = f"; selecting on dev was expected to cost {size_text(metric, max(found.foretold, 0.0))}"
        cause = "selection and chance explain"
    clear = f"; it is more than {cause}: the dev set was overfitted" if found.is_clear else ""
    return f"{size} {than_dev} than on dev{expected}{clear}"
