"""What a report says of earlier looks at its test set: which studies, when, how often, and what to type."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from service.advice.rounds import Chain
from service.report.facts.final_facts import EarlierLooks, earlier_looks
from service.seal.identity import current_process
from service.seal.openings import Look
from service.study.storage.stored_study import StoredStudy
from tests.service.iris_study import new_store, search_iris


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoredStudy]:
    store = new_store(tmp_path_factory.mktemp("earlier"))
    yield search_iris(store, name="mine", trials=1).stored
    store.close()


def look(study_name: str, day: int, *, is_finished: bool = True, key: str = "", study_id: int = 0) -> Look:
    when = datetime(2030, 1, day, 9, 30, tzinfo=UTC)
    finished_at, figures = (when, dict[str, object]()) if is_finished else (None, None)
    return Look(
        id=day,
        study_name=study_name,
        study_key=key,
        study_id=study_id,
        is_deleted=False,
        test_fingerprint="ab",
        look=1,
        winner_trial=7,
        reason=None,
        opened_at=when,
        process=current_process(),
        resumes=0,
        finished_at=finished_at,
        figures=figures,
    )


def said(study: StoredStudy, *looks: Look) -> EarlierLooks:
    found = earlier_looks(Chain([study]), looks)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("looks", "who_and_when"),
    [
        ([look("a", 1)], "once: by study a (2030-01-01 09:30 UTC)"),
        (
            [look("a", 1), look("b", 2, is_finished=False)],
            "twice: by study a (2030-01-01 09:30 UTC), by study b (2030-01-02 09:30 UTC, without a figure)",
        ),
        (
            [look(name, day) for day, name in enumerate("abcd", start=1)],
            "4 times: first by study a (2030-01-01 09:30 UTC), last by study d (2030-01-04 09:30 UTC)",
        ),
    ],
)
def test_it_says_how_often_who_and_when(study: StoredStudy, looks: Sequence[Look], who_and_when: str) -> None:
    found = said(study, *looks)
    assert found.sentence == f"this test set was opened before, {who_and_when}"
    assert found.n_looks == len(looks)


def test_it_gives_the_command_that_opens_it(study: StoredStudy) -> None:
    assert said(study, look("a", 1)).unseal == 'proctor unseal mine --look-again "REASON"'


def test_a_look_of_its_own_is_no_earlier_one(study: StoredStudy) -> None:
    assert earlier_looks(Chain([study]), []) is None
    own = look("a former name", 2, is_finished=False, key=study.identity.key, study_id=1)
    assert earlier_looks(Chain([study]), [look("a", 1), own]) is None


def test_rounds_are_one_study_whose_best_is_opened(study: StoredStudy) -> None:
    other = replace(
        study,
        config=study.config.model_copy(update={"name": "round-2"}),
        identity=replace(study.identity, key="other"),
    )
    without = replace(study, trials=[], rounds_ending={"reason": "done", "winner": 2})
    chain = Chain([without, other])
    assert earlier_looks(chain, [look("round-2", 1, key="other", study_id=1)]) is None
    found = earlier_looks(chain, [look("a", 1)])
    assert found is not None
    assert found.unseal.startswith("proctor unseal round-2 ")


def test_without_a_test_set_nothing_was_looked_at(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    search_iris(store, name="first", trials=2).conclude()
    without = search_iris(store, name="without", trials=2, split={"no_test": True})
    without.conclude(look_again="in vain")
    assert without.report.earlier_looks is None
    assert len(without.looks) == 0
    store.close()
