"""What is kept of a winner is read as it was written, by this version and by earlier ones.

`winner_records.json` has what a version without `MeasuredWinner` kept of three studies.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from service.study.search.winner import winner_of
from service.study.storage.storage_errors import StorageError
from service.winner.examination.measured_winner import MeasuredWinner, measured_winner
from tests.service.iris_study import IrisStudy, new_store, search_iris

RECORDS: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parent / "winner_records.json").read_text("utf-8")
)
MAY_BE_MISSING: dict[str, object] = {
    "strengths": {},
    "dev_by_class": None,
    "is_reproduced": True,
    "n_models": 1,
    "averages_folds": False,
    "ensemble": None,
    "selection_bootstrap": None,
    "noise_floor": None,
    "beside_constant": None,
    "dev_analysis": None,
    "adversarial": None,
}


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IrisStudy]:
    study = search_iris(new_store(tmp_path_factory.mktemp("winner")))
    study.conclude(keep_sealed=True)
    yield study
    study.store.close()


@pytest.mark.parametrize("name", RECORDS)
def test_an_earlier_versions_record_is_written_again_to_the_byte(name: str) -> None:
    again = MeasuredWinner.model_validate(RECORDS[name]).attribute()
    assert json.dumps(again) == json.dumps(RECORDS[name])


def test_what_is_written_is_what_is_read(study: IrisStudy) -> None:
    stored = study.stored
    winner = winner_of(stored.trials, stored.metric)
    measured = measured_winner(stored, winner.number)
    assert measured is not None
    assert json.dumps(measured.attribute()) == json.dumps(stored.winner)
    assert measured.figures["dev"][stored.metric] == winner.value
    assert {"winner", *measured.baselines} == measured.models.keys()
    assert "winner" not in measured.baselines


def test_infinite_figures_are_kept() -> None:
    record = RECORDS["of numbers"]
    record = {**record, "standard_errors": {**record["standard_errors"], "dev": float("inf")}}
    assert json.dumps(MeasuredWinner.model_validate(record).attribute()) == json.dumps(record)


@pytest.mark.parametrize("missing", MAY_BE_MISSING)
def test_a_record_may_lack_what_came_later(missing: str) -> None:
    record = {name: value for name, value in RECORDS["averaged"].items() if name != missing}
    assert getattr(MeasuredWinner.model_validate(record), missing) == MAY_BE_MISSING[missing]


def test_unequal_weights_average_out_as_few_equal_ones_would() -> None:
    averaged = MeasuredWinner.model_validate(RECORDS["averaged"])
    assert averaged.n_averaged_on_dev == pytest.approx(100**2 / (60**2 + 25**2 + 15**2))
    assert averaged.model_copy(update={"ensemble": None}).n_averaged_on_dev == 1


def test_another_trials_figures_are_not_the_winners(study: IrisStudy) -> None:
    stored = study.stored
    winner = winner_of(stored.trials, stored.metric).number
    assert measured_winner(stored, winner + 1) is None
    assert measured_winner(replace(stored, winner=None), winner) is None


def test_a_record_that_cannot_be_read_is_refused_with_the_studys_name(study: IrisStudy) -> None:
    with pytest.raises(StorageError, match="study 'iris': its winner's stored figures cannot be read"):
        measured_winner(replace(study.stored, winner={"trial": 0}), 0)
