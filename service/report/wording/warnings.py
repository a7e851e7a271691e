"""What a report warns of: a winner that cannot be repeated, baselines that are as good, failures."""

from collections.abc import Mapping

from service.report.facts.study_report import StudyReport
from service.report.wording.numbers import counted


def faulty_text(n_faulty: Mapping[str, int]) -> str:
    """Say how many of the test set's cells could not be read."""
    cells = ", ".join(f"{counted(n, 'cell')} of {column!r}" for column, n in n_faulty.items())
    is_one = sum(n_faulty.values()) == 1
    of_kind = "is not of its column's kind, and was" if is_one else "are not of their column's kind, and were"
    return f"{cells} in the test set {of_kind} taken for missing"


def warnings_of(report: StudyReport) -> list[str]:
    """Return a sentence a warning, without a full stop."""
    found = []
    winner = report.winner
    if winner is not None and not winner.is_reproduced:
        found.append(
            "training the winner again gave other figures than it won with: another processor or library"
        )
    if winner is not None and winner.figures is not None and report.test is None:  # the test set tells better
        metric = report.metric
        dev = metric.badness(winner.figures["dev"][metric])
        better = [
            name for name, by_set in winner.baselines.items() if metric.badness(by_set["dev"][metric]) <= dev
        ]
        if better:
            *others, last = better
            named = f"the {', the '.join(others)} or the {last}" if others else f"the {last}"
            found.append(f"on the dev set the network does not beat {named}")
    if report.failures_in_common is not None:
        trials = report.trials
        n_ended = trials.complete + trials.pruned + trials.failed
        found.append(f"{trials.failed} of {n_ended} trials failed: {report.failures_in_common}")
    return found
