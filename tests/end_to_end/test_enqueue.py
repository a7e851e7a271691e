"""A point that a person enqueues is tried next; a new study may begin with an earlier one's best points."""

from pathlib import Path

from optuna.trial import TrialState

from tests.end_to_end.commands import proctor, start_proctor, trials_of, wait_for_trials

STUDY = (
    *("run", "digits", "--space", "small", "--trials", "40", "--max-epochs", "90", "--patience", "90"),
    *("--confirm", "0", "--workers", "2", "--quiet"),
)


def test_a_point_is_tried_next_and_an_earlier_studys_best_first(tmp_path: Path) -> None:
    running = start_proctor(*STUDY, cwd=tmp_path)
    wait_for_trials(running, tmp_path, "digits", 2)
    running.kill()
    running.communicate()
    n_asked = len(trials_of(tmp_path, "digits"))

    wrong = proctor("enqueue", "digits", "--set", "widht=12", cwd=tmp_path)
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert wrong.stderr == "proctor: widht: it is not searched in this study; did you mean width?\n"
    senseless = proctor("enqueue", "digits", "--set", "width", cwd=tmp_path)
    assert senseless.stderr == "proctor: --set: expected NAME=VALUE, found 'width'\n"
    for place in ("", ", after 1 other"):
        said = proctor("enqueue", "digits", "--set", "width=32", "--set", "learning_rate=0.02", cwd=tmp_path)
        assert said.returncode == 0, said.stderr
        assert said.stdout.startswith(f"enqueued in study digits{place}: learning_rate=0.02")
    resumed = proctor("resume", "digits", "--quiet", "--workers", "2", cwd=tmp_path)
    assert resumed.returncode == 0, resumed.stderr
    assert "2 enqueued" in resumed.stdout
    params = [trial["params"] for trial in trials_of(tmp_path, "digits")]
    assert [(point["width"], point["learning_rate"]) for point in params[n_asked : n_asked + 2]] == [
        (32, 0.02),
        (32, 0.02),
    ]
    late = proctor("enqueue", "digits", "--set", "width=32", cwd=tmp_path)
    assert late.stderr == "proctor: study 'digits' takes no more points: its search has ended\n"

    warm = ("--name", "warm", "--warm-start", "digits", "--trials", "4")
    begun = proctor(*STUDY, *warm, cwd=tmp_path)
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
