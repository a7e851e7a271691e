"""`proctor watch` in this process: when it ends, and that it begins anew where the study goes on."""

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from service.commands.watch import watch_study
from service.configuration.launch_config import LaunchConfig
from service.configuration.study_config import ConfirmationConfig
from service.study.search.more_trials import NewLimits, extend_study
from tests.service.iris_study import IrisStudy, new_store, search_iris


@pytest.fixture
def iris(tmp_path: Path) -> Iterator[IrisStudy]:
    study = search_iris(new_store(tmp_path), trials=4, confirmation=ConfirmationConfig(finalists=2, seeds=1))
    yield study
    study.store.close()


def test_a_study_that_goes_on_is_watched_until_its_next_winner_is_measured(
    iris: IrisStudy, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    steps: Iterator[Callable[[], object]] = iter(
        [
            lambda: extend_study(iris.name, iris.store, NewLimits(6, {}), look_again=None),
            lambda: None,
            iris.run,
            lambda: None,  # over, and the attribute of the winner is there, null
            iris.conclude,
        ]
    )
    clock = SimpleNamespace(sleep=lambda _: next(steps)())  # other threads sleep as ever
    monkeypatch.setattr("service.commands.watch.time", clock)
    assert watch_study("iris", LaunchConfig(storage=iris.store.url)) == 0
    assert next(steps, None) is None
    lines = capsys.readouterr().out.splitlines()
    so_far = [line.partition(", best")[0] for line in lines if line.startswith("study iris: ")]
    assert so_far == [
        "study iris: 4 of 4 trials done, 2 of 2 confirmations",
        "study iris: 4 of 6 trials done",
    ]
    assert "its limits were changed: its search continues" in lines
    assert lines[-1].startswith("study iris has ended: ")
