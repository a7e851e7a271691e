"""The report says what storage and ledger hold, validates against its schema, and keeps the seal."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from service.configuration.launch_config import LaunchConfig
from service.errors import BadInputError
from service.report.facts.lookups import read_space, study_and_trial
from service.report.facts.study_report import StudyReport
from service.study.storage.storage_errors import StorageError
from service.study.storage.stored_study import load_study
from service.study.storage.study_format import FORMAT
from tests.service.iris_study import IrisStudy, new_store, search_iris


@pytest.fixture
def study(tmp_path: Path) -> Iterator[IrisStudy]:
    study = search_iris(new_store(tmp_path))
    yield study
    study.store.close()


def test_it_validates_against_its_schema_and_comes_back_from_json(study: IrisStudy) -> None:
    study.conclude()
    report = study.report

    Draft202012Validator(StudyReport.model_json_schema()).validate(report.model_dump(mode="json"))
    assert StudyReport.model_validate_json(report.model_dump_json()) == report


def test_before_the_opening_it_has_no_test_figure(study: IrisStudy) -> None:
    searched = study.report
    study.conclude(keep_sealed=True)
    sealed = study.report
    study.conclude()
    opened = study.report

    assert searched.winner is not None
    assert searched.winner.figures is None
    assert sealed.winner is not None
    assert sealed.winner.figures is not None
    assert sealed.gaps is not None
    assert sealed.test is None
    assert opened.test is not None
    assert opened.test.interval[0] <= opened.test.models["winner"]["error"] <= opened.test.interval[1]


def test_it_counts_trials_and_examples(study: IrisStudy) -> None:
    report = study.report
    trials = report.trials
    assert (trials.budget, trials.running) == (5, 0)
    assert trials.complete + trials.pruned + trials.failed == 5
    assert report.n_examples == {"train": 90, "dev": 30, "test": 30}


def test_looks_of_other_studies_at_the_same_test_set_are_counted(study: IrisStudy) -> None:
    study.conclude()
    other = search_iris(study.store, name="other")
    assert [look.study for look in other.report.looks] == ["iris"]
    other.conclude(look_again="another space")
    assert [look.study for look in study.report.looks] == ["iris", "other"]


def test_listings_find_what_there_is(study: IrisStudy) -> None:
    launch = LaunchConfig(storage=study.store.url)
    study.store.create("somebody-elses", {"owner": "optuna"})

    _, trial = study_and_trial("iris", 4, launch)
    assert trial.number == 4
    with pytest.raises(BadInputError, match="has trials 0 to 4: there is no trial 5"):
        study_and_trial("iris", 5, launch)
    with pytest.raises(StorageError, match="'somebody-elses' was not made by Proctor"):
        load_study(study.store, "somebody-elses")


def test_a_study_of_a_newer_format_is_refused(study: IrisStudy) -> None:
    study.store.set_attribute("iris", "format", FORMAT + 1)
    refusal = (
        f"study 'iris' was written by a newer Proctor: expected format {FORMAT}, got {FORMAT + 1}; upgrade"
    )
    with pytest.raises(StorageError, match=refusal):
        load_study(study.store, "iris")


def test_a_space_that_is_not_there_is_refused() -> None:
    with pytest.raises(BadInputError, match=r"no built-in search space 'smal'; did you mean small\?"):
        read_space("smal", "network")
