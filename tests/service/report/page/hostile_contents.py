"""A report in which whatever may come from a user is hostile text."""

from dataclasses import replace

from optuna.trial import TrialState

from service.report.facts.report_contents import Axis, ReportContents, TriedPoint
from tests.service.report.page.made_contents import full_contents

HOSTILE = (
    '</title></style><script>document.title="struck"</script><img src=x onerror=alert(1)>"\'|`*_[x](http://x)'
)


def hostile_contents(contents: ReportContents, text: str = HOSTILE) -> ReportContents:
    """Return a report in which whatever may come from a user is a hostile text."""
    full = full_contents(contents, name=text)
    report = full.report
    changes = {
        "study": text,
        "table": text,
        "target": text,
        "storage": text,
        "reproduce": f"proctor run {text}",
        "failures": {text: 3},
        "failures_in_common": text,
        "looks": tuple(look.model_copy(update={"study": text, "reason": text}) for look in report.looks),
        "test": report.test and report.test.model_copy(update={"n_faulty": {text: 2}}),
    }
    points = [
        TriedPoint(
            number, TrialState.COMPLETE, 0.1 + 0.01 * number, 5, {text: [text, "b"][number % 2], "x": 0.5}
        )
        for number in range(6)
    ]
    return replace(
        full,
        report=report.model_copy(update=changes),
        points=tuple(points),
        axes=(
            Axis(text, 0.0, 1.0, is_log=False, choices=(text, "b")),
            Axis("x", 0.1, 1.0, is_log=True, choices=None),
        ),
        versions={text: text},
        machine={text: text},
        fingerprints={text: text},
    )
