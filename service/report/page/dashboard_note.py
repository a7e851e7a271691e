"""The note on a study that optuna-dashboard shows: the dev figure, the winner, the next step, in Markdown.

Test figures have no place in it: it is an attribute of the study, and nothing may be chosen by them.
"""

from service.report.facts.study_report import StudyReport
from service.report.page.markdown import escaped, fenced
from service.report.page.names import title_of
from service.report.page.sections.answer import dev_sentence
from service.report.wording.final_figure import after_look_short
from service.report.wording.numbers import metrics_text
from service.study.storage.next_command import next_command


def dashboard_note(report: StudyReport) -> str:
    """Return the note.

    Parameters
    ----------
    report
        The study's report.
    """
    parts = [f"## {escaped(title_of(report))}"]
    winner = report.winner
    if winner is None:
        parts.append("There is no winner yet.")
    else:
        chosen = f"chosen on the dev set by {metrics_text(report.metric, report.watch)}"
        parts += [f"**Winner: trial {winner.trial}**, {chosen}.", escaped(dev_sentence(report, winner))]
    if (after := after_look_short(report, with_figures=False)) is not None:
        parts.append(f"**Note:** {escaped(after)}.")
    if report.advice:
        parts.append(f"**Next:** {escaped(report.advice[0].text)}.")
    commands = [next_command(report.storage, command, report.study) for command in ("show", "report")]
    if report.has_test_set:
        parts.append("The test figure, once there is one, is kept apart, so that nothing is chosen by it:")
    else:
        parts.append("The whole report:")
    return "\n\n".join([*parts, fenced("\n".join(commands))]) + "\n"
