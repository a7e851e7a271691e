"""The checks on the screen: four verdicts in words, and a picture in which what vanishes falls."""

import json
from dataclasses import replace

import pytest

from search_spaces.network.point import NetworkPoint, Optimizer
from service.advice.network_check import TrainingCheck, check_training
from service.report.terminal.check_text import bars, check_json, print_check
from tests.service.paper import paper, text_of
from tests.workers.train_dev_sets import digits


@pytest.fixture(scope="module")
def sound() -> TrainingCheck:
    return check_training(digits(), NetworkPoint(), seed=0)


def said(check: TrainingCheck) -> str:
    console = paper()
    print_check(check, console, name="digits")
    text = text_of(console)
    assert all(len(line) <= 80 for line in text.splitlines())
    return text


def test_a_sound_network_is_right_four_times(sound: TrainingCheck) -> None:
    text = said(sound)
    assert text.count("  right ") == 4
    assert "wrong" not in text
    assert "64 - 64 - 64 - 10 units" in text
    assert "1,000 of 8,970 parameters" in text


def test_what_is_wrong_is_told_with_its_figure(sound: TrainingCheck) -> None:
    wrong = replace(
        sound,
        gradient=replace(sound.gradient, ratio=0.3),
        descent=replace(sound.descent, costs=(1.0, 2.0)),
        by_heart=replace(sound.by_heart, error=0.5),
    )
    text = said(wrong)
    assert text.count("  wrong ") == 3
    assert "ratio 3.0e-01" in text
    assert "1 to 2 in 2 full-batch steps" in text
    assert "error 0.5 at rate 0.001" in " ".join(text.split())


def test_why_a_training_failed_is_told() -> None:
    wild = NetworkPoint(optimizer=Optimizer.SGD, learning_rate=1e30)
    assert "diverged in epoch 1" in " ".join(said(check_training(digits(), wild, seed=0)).split())


def test_the_picture_has_a_row_an_init_and_a_bar_a_layer(sound: TrainingCheck) -> None:
    inits = ("  auto", "  normal", "  zeros")
    rows = {line.split("  ")[1]: line for line in said(sound).splitlines() if line.startswith(inits)}
    assert set(rows) == {"auto", "normal 0.01", "normal 1", "zeros"}
    level, vanishing = rows["auto"].split()[1], rows["normal 0.01"].split()[2]
    assert set(level) <= set("▃▄▅")
    assert len(level) == len(vanishing) == 8
    assert list(vanishing) == sorted(vanishing, reverse=True)
    assert vanishing[-1] == "▁"


def test_bars_rise_and_fall_by_half_decades_and_mark_what_is_no_height() -> None:
    assert bars((1.0, 10**0.5, 10.0, 1e9), reference=1.0) == "▄▅▆█"
    assert bars((1.0, 10**-0.5, 0.1, 1e-9), reference=1.0) == "▄▃▂▁"
    assert bars((1.0, 0.0, float("inf"), float("nan")), reference=1.0) == "▄·!!"
    assert bars((1.0, 2.0), reference=0.0) == "!!"


def test_json_tells_all_in_one_object(sound: TrainingCheck) -> None:
    told = json.loads(check_json(sound))
    assert told["is_sound"] is True
    assert told["verdicts"] == dict.fromkeys(("gradient", "descent", "by_heart", "spreads"), "right")
    assert told["gradient"]["ratio"] == sound.gradient.ratio
    assert told["pictures"]["zeros"]["activations"] == [0.0] * 8


def test_json_has_no_infinities(sound: TrainingCheck) -> None:
    endless = replace(sound, by_heart=replace(sound.by_heart, error=float("inf")))
    assert json.loads(check_json(endless))["by_heart"]["error"] is None
