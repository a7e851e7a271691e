"""The order in which a parallel study's trials start and end, whatever the real workers do.

`concurrency` trials run at once on this clock. A trial's virtual length is the epochs it ran times the cost
of its epoch, a fixed formula; trial n starts at the instant when a place falls free, and what is known then
are the trials that have virtually ended. An instant is used only once it is certain: each trial virtually
running has really ended, or has really passed it. No I/O, no randomness, no wall-clock time.

The formula knows numbers that are counted and values that are configured, nothing measured: it gives the same
bits on every machine. Only ratios of costs matter: they order the events of a study, and a factor common to
all changes nothing. The closer they are to those of real epochs, the less workers wait for an order to become
certain.

References
----------
Chandy, K. M. and Misra, J. (1979). Distributed simulation: a case study in design and verification of
distributed programs. IEEE Transactions on Software Engineering, SE-5(5).
"""

import heapq
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, fsum, inf
from statistics import fmean

from search_spaces.hyperparameters import Activation, Hyperparameters, L1Step, Optimizer, Switch
from workers.network.augmentation.image_transforms import transforms_images
from workers.train_dev_data import TrainDevData
from workers.trial_data import TrialData


@dataclass(slots=True)
class _Run:
    """A trial on the clock: `end` is known once it has really ended, `at_least` is a bound until then."""

    start: float
    epoch_cost: float
    at_least: float
    end: float | None = None


class VirtualClock:
    """Decides when the next trial may start, and which trials have ended by then.

    Each call takes a time that grows with the logarithm of the concurrency, on average over a study.

    Parameters
    ----------
    concurrency
        How many trials run at once, virtually; at least 1.
    """

    def __init__(self, concurrency: int) -> None:
        if concurrency < 1:
            raise ValueError(f"concurrency must be at least 1, got {concurrency}")
        self._concurrency = concurrency
        self._running: dict[int, _Run] = {}
        self._ends: list[tuple[float, int]] = []  # a heap: the known ends of trials not yet settled
        self._bounds: list[tuple[float, int]] = []  # a heap: what others run at least, or ran at least before
        self._now = 0.0

    @property
    def now(self) -> float:
        """The instant up to which the order of events is settled (virtual seconds)."""
        return self._now

    def next_start(self) -> float | None:
        """Return the instant at which the next trial starts, or None while it is not certain."""
        if len(self._running) < self._concurrency:
            return self._now
        if not self._ends:
            return None
        instant, _ = self._ends[0]
        # A trial still running might yet end at the very instant that it has been seen to reach: only one
        # that is certain to pass it leaves the set of trials ended by then as it is.
        return instant if self._least_bound() > instant else None

    def awaited(self) -> list[int]:
        """Return the trials that the next start waits for: it is certain once each is seen to pass it.

        There are none where it is certain, or no trial's end is known. It takes longer the more there are.
        """
        if len(self._running) < self._concurrency or not self._ends:
            return []
        instant, _ = self._ends[0]
        held_up = []
        while self._least_bound() <= instant:
            held_up.append(heapq.heappop(self._bounds))
        for bound in held_up:
            heapq.heappush(self._bounds, bound)
        return [number for _, number in held_up]

    def settle(self, instant: float) -> list[int]:
        """Settle all that happens up to an instant, and return the trials that have virtually ended since.

        Parameters
        ----------
        instant
            What `next_start` gave, now or in an earlier run of the same study.

        Returns
        -------
        list of int
            Trials in the order of their ends, ties by number.
        """
        ended = []
        while self._ends and self._ends[0][0] <= instant:
            _, number = heapq.heappop(self._ends)
            del self._running[number]
            ended.append(number)
        self._now = instant
        return ended

    def start(self, number: int, epoch_cost: float) -> float:
        """Start a trial now, and return now.

        Parameters
        ----------
        number
            The trial's number.
        epoch_cost
            Virtual length of one of its epochs (virtual seconds); above 0.

        Raises
        ------
        ValueError
            When no place is free, or `epoch_cost` is not above 0.
        """
        if len(self._running) >= self._concurrency:
            raise ValueError(f"trial {number} cannot start: all {self._concurrency} places are taken")
        if not epoch_cost > 0:
            raise ValueError(f"an epoch's cost must be above 0, got {epoch_cost} for trial {number}")
        run = self._running[number] = _Run(self._now, epoch_cost, at_least=self._now + epoch_cost)
        heapq.heappush(self._bounds, (run.at_least, number))
        return self._now

    def advance(self, number: int, epochs: int) -> None:
        """Note that a trial has run `epochs` epochs and goes on to another."""
        run = self._running[number]
        run.at_least = max(run.at_least, run.start + (epochs + 1) * run.epoch_cost)

    def end(self, number: int, epochs: int) -> float:
        """Note that a trial has really ended after `epochs` epochs (at least 1), and return its virtual end.

        Raises
        ------
        ValueError
            When the trial had been seen to run for longer: the past cannot be changed.
        """
        run = self._running[number]
        end = run.start + max(epochs, 1) * run.epoch_cost
        if end < run.at_least:
            raise ValueError(f"trial {number} was seen to run beyond {run.at_least}, so cannot end at {end}")
        return self.end_at(number, end)

    def end_at(self, number: int, end: float) -> float:
        """Note a trial's virtual end as it was computed in an earlier run of the study, and return it.

        It is taken as it is, since another version may have reckoned otherwise with the cost of an epoch.

        Raises
        ------
        ValueError
            When the trial was seen to end before: the past cannot be changed.
        """
        run = self._running[number]
        if run.end is not None:
            raise ValueError(f"trial {number} was seen to end at {run.end}, so cannot end at {end}")
        run.end = end
        heapq.heappush(self._ends, (end, number))
        return end

    def _least_bound(self) -> float:
        """Return the earliest instant at which a trial might end whose end is not known; infinite if none."""
        while self._bounds:
            bound, number = self._bounds[0]
            run = self._running.get(number)
            if run is None or run.end is not None:
                heapq.heappop(self._bounds)
            elif run.at_least > bound:
                heapq.heapreplace(self._bounds, (run.at_least, number))
            else:
                return bound
        return inf


# Fitted to measured epochs: `python -m benchmarks.epoch_cost --fit`.
_NANOSECONDS = {
    "step": 10_800.0,
    "layer and step": 8_000.0,
    "flop": 0.0106,
    "parameter and pass": 0.144,
    "relu": 1.01,
    "leaky_relu": 1.46,
    "tanh": 1.15,
    "sigmoid": 4.7,
    "gelu": 17.1,
    "activation drawn": 1.95,
    "activation standardized": 0.99,
    "layer standardized": 16_500.0,
    "feature": 0.73,
    "feature with noise": 8.6,
    "feature mixed": 0.5,
    "example mixed": 260.0,
    "pixel resampled": 26.7,
    "output": 16.0,
}

_OPTIMIZER_PASSES = {
    Optimizer.SGD: 2,
    Optimizer.MOMENTUM: 4,
    Optimizer.NESTEROV: 6,
    Optimizer.RMSPROP: 8,
    Optimizer.ADAM: 9,
    Optimizer.ADAMW: 10,
}
"""Elementwise operations over all parameters that a step takes."""


def epoch_cost(hyperparameters: Hyperparameters, data: TrialData) -> float:
    """Return the virtual length of one epoch (virtual seconds), roughly proportional to the real one.

    It is the sum of what an epoch has to do, each weighted by the time that one of its kind takes. It decides
    the order of events in every study, so a change of it changes what the same seed gives. Where there are
    several folds, it is the mean over them.
    """
    return fmean(_cost(hyperparameters, fold) for fold in data.folds(hyperparameters))


def _cost(hyperparameters: Hyperparameters, data: TrainDevData) -> float:
    amounts = amounts_of_work(hyperparameters, data)
    return 1e-9 * fsum(_NANOSECONDS[kind] * amount for kind, amount in amounts.items())


def amounts_of_work(hyperparameters: Hyperparameters, data: TrainDevData) -> dict[str, float]:
    """Return how much of each kind an epoch has to do.

    Parameters
    ----------
    hyperparameters
        The point.
    data
        Its shape decides; what it holds is not looked at.

    Returns
    -------
    amounts
        By kind, the same kinds for every point: mini-batches, and layers of mini-batches; the operations of
        matrix products, three a layer for the train set (forward, and backward to weights and inputs; the
        first has no inputs to go back to) and one for the dev set; passes over all parameters; entries of
        hidden activations by their function, and those that are drawn for dropout or standardised over a
        mini-batch; entries of the features, and what augmentation does to them; entries of predictions.
    """
    point = hyperparameters
    n_train, n_dev, n_features = len(data.X_train), len(data.X_dev), int(data.X_train.shape[1])
    sizes = (n_features, *point.layer_widths, data.n_outputs)
    n_weights = sum(n_in * n_out for n_in, n_out in pairwise(sizes))
    n_parameters = n_weights + sum(sizes[1:])
    n_steps = ceil(n_train / point.batch_size)
    n_layer_steps = n_steps * (len(sizes) - 1)
    n_hidden = sum(point.layer_widths)
    n_drawn = n_hidden * (point.keep_prob < 1) + n_features * (point.input_keep_prob < 1)
    is_standardized = point.batch_normalization is Switch.ON
    first = n_features * sizes[1]
    return {
        "step": n_steps,
        "layer and step": n_layer_steps,
        "flop": 2 * (n_train * (3 * n_weights - first) + n_dev * n_weights),
        "parameter and pass": n_steps * n_parameters * _passes(point),
        **{a.value: (n_train + n_dev) * n_hidden * (a is point.activation) for a in Activation},
        "activation drawn": n_train * n_drawn,
        "activation standardized": n_train * n_hidden * is_standardized,
        "layer standardized": n_layer_steps * is_standardized,
        "feature": n_train * n_features * (1 + (point.feature_scale is Switch.ON)),
        "feature with noise": n_train * n_features * (point.noise_deviation > 0),
        "feature mixed": n_train * n_features * (point.mixup_alpha > 0),
        "example mixed": n_train * (point.mixup_alpha > 0),
        "pixel resampled": n_train * n_features * transforms_images(point),
        "output": (n_train + n_dev) * data.n_outputs,
    }


def _passes(point: Hyperparameters) -> int:
    """Return how often a step goes over all parameters: for the optimizer, and for regularization."""
    return (
        _OPTIMIZER_PASSES[point.optimizer]
        + 2 * (point.l2_lambda > 0)
        + (4 if point.l1_step is L1Step.PROXIMAL else 3) * (point.l1_lambda > 0)
        + 2 * (point.clip_norm is not None)
        + 5 * (point.max_norm is not None)
    )
