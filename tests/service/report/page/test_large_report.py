"""A report of a study of 2,000 trials is small enough to be sent."""

from pathlib import Path

from optuna.trial import TrialState

from service.report.facts.report_contents import gather_contents
from service.report.page.report_file import write_report
from service.study.storage.kept_trials import AskedTrial, TrialAttributes, TrialResult, record_of
from tests.service.iris_study import IrisStudy, new_store, search_iris

N_TRIALS = 2_000
MOST_BYTES = 2_000_000


def lengthen(study: IrisStudy, n_trials: int) -> None:
    """Repeat a study's trials in storage until there are so many, each with a figure of its own."""
    trials = study.store.trials(study.name)
    asked, ended = [], []
    for number in range(len(trials), n_trials):
        trial = trials[number % len(trials)]
        began = TrialAttributes(seed=number, virtual_start=float(number))
        record = record_of(trial)
        attributes = record.attributes.copy()
        del attributes["seed"], attributes["virtual_start"]
        figure = 0.1 + 0.8 * (number * 7919 % n_trials) / n_trials
        state = TrialState.PRUNED if number % 3 else TrialState.COMPLETE
        asked.append(AskedTrial(number, trial.params, trial.distributions, began))
        curve = {**record.learning_curve, "dev_metric": [figure] * record.epochs}
        attributes |= TrialAttributes(learning_curve=curve)
        ended.append(TrialResult(number, state, figure, [figure], attributes))
    study.store.record(study.name, ended=[], asked=asked)
    study.store.record(study.name, ended=ended, asked=[])


def test_it_draws_no_point_too_many(tmp_path: Path) -> None:
    study = search_iris(new_store(tmp_path))
    study.conclude(keep_sealed=True)
    lengthen(study, N_TRIALS)

    contents = gather_contents(study.stored, study.store)
    write_report(contents, tmp_path / "report.html")

    page = (tmp_path / "report.html").read_text("utf-8")
    assert len(contents.points) == N_TRIALS
    assert len(page.encode()) < MOST_BYTES
    drawings = page.split("<svg")[1:]
    assert max(drawing.count("<circle") for drawing in drawings) <= 301
    assert "of 2,000 trials are drawn" in page
    study.store.close()
