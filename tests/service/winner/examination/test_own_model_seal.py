"""The user's own code sees no test row before the opening, and the winner then predicts them from memory."""

from pathlib import Path
from textwrap import dedent

import numpy as np

from service.configuration.model_config import ModelConfig
from service.configuration.study_config import TrainingConfig
from service.winner.examination.conclusion import measure_winner
from tests.service.iris_study import IrisStudy, new_store, search_iris
from tests.service.wired_data import wired

CODE = """
import numpy as np
from pathlib import Path
from sklearn.tree import DecisionTreeClassifier

class Watched(DecisionTreeClassifier):
    def fit(self, X, y):
        see(X)
        return super().fit(X, y)

    def predict_proba(self, X):
        see(X)
        return super().predict_proba(X)

def see(X):
    with Path({seen!r}).open("ab") as file:
        file.write(X.tobytes())

def make(max_depth):
    return Watched(max_depth=max_depth)
"""


def own_study(directory: Path) -> IrisStudy:
    (directory / "models.py").write_text(dedent(CODE).format(seen=f"{directory / 'seen'}"))
    return search_iris(
        new_store(directory),
        model=ModelConfig(kind="own", estimator=f"{directory / 'models.py'}:make"),
        space={"max_depth": {"low": 1, "high": 5}},
        training=TrainingConfig(max_epochs=1, patience=1),
    )


def rows_seen(directory: Path) -> set[bytes]:
    """Return the inputs that the model's code has seen by now."""
    content = (directory / "seen").read_bytes()
    return {row.tobytes() for row in np.frombuffer(content, np.float32).reshape(-1, 4)}


def test_nothing_of_the_search_and_the_examination_trips_the_wire(tmp_path: Path) -> None:
    study = own_study(tmp_path)
    measure_winner(study.stored, wired(study.prepared), store=study.store, pool=study.pool)
    study.store.close()


def test_the_models_code_sees_the_known_rows_alone_until_the_opening(tmp_path: Path) -> None:
    study = own_study(tmp_path)
    study.conclude(keep_sealed=True)
    (sets,) = study.prepared.known_sets.values()
    known = {row.tobytes() for labelled in sets.values() for row in labelled.X}
    assert rows_seen(tmp_path) == known
    assert not study.looks

    study.conclude()

    assert [look.figures is not None for look in study.looks] == [True]
    n_test = study.prepared.n_examples["test"]
    assert 0 < len(rows_seen(tmp_path) - known) <= n_test
    assert study.report.winner is not None
    assert study.report.winner.is_reproduced
    study.store.close()
