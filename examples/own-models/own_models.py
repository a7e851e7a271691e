"""Models of one's own: a scikit-learn pipeline, and a network in plain NumPy that learns in epochs."""

import numpy as np
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline


def make_kernel(gamma, alpha):
    """Return a kernel regression: each step that has a random_state gets one from the trial's seed."""
    return make_pipeline(Nystroem(gamma=gamma, n_components=60), Ridge(alpha=alpha))


class TinyNet:
    """A hidden layer of tanh, trained by stochastic gradient descent on the squared error."""

    def __init__(self, width, learning_rate, n_features, n_outputs, seed):
        self.learning_rate = learning_rate
        self.rng = np.random.default_rng(seed)
        self.W = self.rng.normal(0, n_features**-0.5, (n_features, width))
        self.b = np.zeros(width)
        self.V = np.zeros((width, n_outputs))

    def advance(self, X, y):
        """Learn for one epoch, and return the train loss; None would have it measured."""
        losses = []
        for rows in np.array_split(self.rng.permutation(len(X)), max(1, len(X) // 32)):
            hidden = np.tanh(X[rows] @ self.W + self.b)
            errors = hidden @ self.V - y[rows, np.newaxis]
            losses.append(np.mean(errors**2))
            back = errors @ self.V.T * (1 - hidden**2) / len(rows)
            self.V -= self.learning_rate * hidden.T @ errors / len(rows)
            self.W -= self.learning_rate * X[rows].T @ back
            self.b -= self.learning_rate * back.sum(axis=0)
        return float(np.mean(losses))

    def predict(self, X):
        """Return numbers as targets are standardised; of classes, probabilities (n_examples, n_outputs)."""
        return np.tanh(X @ self.W + self.b) @ self.V

    def state(self):
        """Return what it has learned, as arrays."""
        return {"W": self.W, "b": self.b, "V": self.V}

    def load(self, state):
        """Take a state back."""
        self.W, self.b, self.V = state["W"], state["b"], state["V"]
