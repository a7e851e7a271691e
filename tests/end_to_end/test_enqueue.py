"""A point that a person enqueues is tried next; a new study may begin with an earlier one's best points."""

from pathlib import Path

import optuna
import pytest
from optuna.trial import TrialState

from service.cli import run_command
from tests.end_to_end.commands import database, proctor, start_proctor, trials_of, wait_for_trials

STUDY = (
    *("run", "digits", "--space", "small", "--trials", "14", "--max-epochs", "60", "--patience", "60"),
    *("--confirm", "0", "--no-baselines", "--workers", "0", "--quiet"),
)
POINT = ("--set", "width=32", "--set", "learning_rate=0.02")


def test_a_point_is_tried_next_and_an_earlier_studys_best_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PROCTOR_STORAGE", raising=False)

    def says(*arguments: str) -> tuple[int, str, str]:
        status = run_command(list(arguments))
        said = capsys.readouterr()
        return status, said.out, said.err

    running = start_proctor(*STUDY, cwd=tmp_path)
    wait_for_trials(running, tmp_path, "digits", 2)
    running.kill()
    running.communicate()
    n_asked = len(trials_of(tmp_path, "digits"))

    wrong = says("enqueue", "digits", "--set", "widht=12")
    assert wrong == (2, "", "proctor: widht: not searched in this study; did you mean width?\n")
    senseless = says("enqueue", "digits", "--set", "width")
    assert senseless == (2, "", "proctor: --set: expected NAME=VALUE, got 'width'\n")
    first = proctor("enqueue", "digits", *POINT, cwd=tmp_path)
    assert first.stdout.startswith("enqueued in study digits: learning_rate=0.02"), first.stderr
    assert first.stdout.endswith("the study is not running; `proctor resume digits` tries it\n")
    twice = says("enqueue", "digits", *POINT, "--set", "width=33")
    assert twice == (2, "", "proctor: --set: expected one value for width, got 32 and 33\n")
    again = says("enqueue", "digits", "--set", "width=32.0", "--set", "learning_rate=2e-2")
    assert again == (2, "", "proctor: study 'digits' has this point in its queue already, at place 1 of 1\n")
    status, second, _ = says("enqueue", "digits", "--set", "width=48.0", "--set", "learning_rate=0.02")
    assert status == 0
    assert second.startswith("enqueued in study digits, after 1 other: learning_rate=0.02")
    known = trials_of(tmp_path, "digits")[0]["params"]
    status, third, _ = says("enqueue", "digits", *(f"--set={name}={value}" for name, value in known.items()))
    assert status == 0
    assert "the study has already tried this point with another seed: trial 0" in third
    resumed = proctor("resume", "digits", "--quiet", "--workers", "0", cwd=tmp_path)
    assert resumed.returncode == 0, resumed.stderr
    assert "3 enqueued" in resumed.stdout
    params = [trial["params"] for trial in trials_of(tmp_path, "digits")]
    taken = params[n_asked : n_asked + 3]
    assert [(point["width"], point["learning_rate"]) for point in taken[:2]] == [(32, 0.02), (48, 0.02)]
    assert taken[2] == known
    late = says("enqueue", "digits", "--set", "width=32")
    assert late[:2] == (2, "")
    assert late[2].startswith(
        "proctor: study 'digits' takes no more points, as its search has ended:"
        " `proctor resume digits --trials N`, with N above 14, extends the search"
    )

    begun = proctor(*STUDY, "--name", "warm", "--warm-start", "digits", "--trials", "4", cwd=tmp_path)
    assert begun.returncode == 0, begun.stderr
    tried = [trial["params"] for trial in trials_of(tmp_path, "warm")[1:]]
    best = min(
        (trial for trial in trials_of(tmp_path, "digits") if trial["state"] is TrialState.COMPLETE),
        key=lambda trial: (trial["value"], trial["attributes"]["dev_loss"], trial["number"]),
    )
    assert tried[0] == best["params"]
    nowhere = proctor(*STUDY, "--name", "cold", "--warm-start", "digist", cwd=tmp_path)
    assert nowhere.returncode == 2
    assert "did you mean digits?" in nowhere.stderr


def test_a_running_study_tries_what_optuna_queues_and_ends_as_any_other(tmp_path: Path) -> None:
    # The search is long enough for the other tool to come in time on any machine.
    running = start_proctor(*STUDY, "--trials", "120", "--concurrency", "4", cwd=tmp_path)
    wait_for_trials(running, tmp_path, "digits", 2)
    storage = optuna.storages.RDBStorage(database(tmp_path))
    other = optuna.load_study(study_name="digits", storage=storage)
    other.tell(other.ask(), 0.0)  # no error at all: it would win
    other.enqueue_trial({"width": 32, "learning_rate": 0.02})
    other.enqueue_trial({"width": 1e9})
    output, errors = running.communicate(timeout=120)
    trials = other.get_trials()
    storage.remove_session()
    storage.engine.dispose()

    assert running.returncode == 0, errors
    assert "1 enqueued" in output
    (tried,) = [trial for trial in trials if "enqueued" in trial.user_attrs]
    assert (tried.params["width"], tried.params["learning_rate"]) == (32, 0.02)
    made, taken, passed_over = [trial for trial in trials if "virtual_start" not in trial.user_attrs]
    assert made.state is TrialState.COMPLETE
    assert taken.state is TrialState.FAIL
    assert passed_over.state is TrialState.WAITING
    told = [line.strip() for line in output.splitlines() if "another tool" in line]
    was_taken = "was queued by another tool and taken up as an enqueued point"
    assert told[:2] == [
        f"trial {made.number} (complete) was made by another tool: not counted, ranked or chosen",
        f"trial {taken.number} (fail) {was_taken}: its point is trial {tried.number}'s",
    ]
    assert told[2].startswith(f"trial {passed_over.number} (waiting) was queued by another tool: passed over")
    assert f"Winner: trial {made.number}," not in output
