"""Models as users write them, as text, and data for them."""

from dataclasses import replace
from textwrap import dedent

from search_spaces.own.point import OwnPoint
from tests.workers.kind_cases import data_of
from workers.messages import TrainingRules
from workers.metrics.metric import Metric
from workers.model_source import ModelSource, Role
from workers.train_dev_data import Task, TrainDevData

FOREST = """
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

def make(max_depth, task, n_estimators=5):
    forest = RandomForestClassifier if task == "classification" else RandomForestRegressor
    return make_pipeline(StandardScaler(), forest(n_estimators=n_estimators, max_depth=max_depth))
"""

LINEAR = """
import numpy as np

class Model:
    def __init__(self, rate, n_features, n_outputs, task, seed):
        self.rate, self.task, self.rng = rate, task, np.random.default_rng(seed)
        self.W = self.rng.normal(0, 0.1, (n_features, n_outputs))

    def advance(self, X, y):
        for rows in np.array_split(self.rng.permutation(len(X)), 10):
            targets = np.eye(self.W.shape[1])[y[rows]] if self.task == "classification" else y[rows, None]
            self.W -= self.rate * X[rows].T @ (self.predict(X[rows]) - targets) / len(rows)

    def predict(self, X):
        scores = X @ self.W
        if self.task == "regression":
            return scores
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        return odds / odds.sum(axis=1, keepdims=True)
"""

WITH_STATE = """
    def state(self):
        return {"W": self.W}

    def load(self, state):
        self.W = state["W"]
"""


def source_of_text(text: str, *, role: Role = Role.ESTIMATOR, attribute: str = "make") -> ModelSource:
    """Return a source whose file is nowhere."""
    return ModelSource(role, "/nowhere/my_models.py", attribute, dedent(text).encode())


def learner_source(text: str = LINEAR) -> ModelSource:
    return source_of_text(text, role=Role.LEARNER, attribute="Model")


def own_data(source: ModelSource, n_outputs: int = 2) -> TrainDevData:
    """Return small data with a model's source."""
    data = data_of("linear", n_outputs)
    return replace(data, X_train=data.X_train.copy(), own_model=source)  # which could be written to


def rules_of(data: TrainDevData, *, max_epochs: int = 20) -> TrainingRules:
    metric = Metric.RMSE if data.task is Task.REGRESSION else Metric.LOG_LOSS
    return TrainingRules(max_epochs, max_epochs, metric, metric)


POINT = OwnPoint.model_validate({"max_depth": 3})
RATE = OwnPoint.model_validate({"rate": 0.5})
