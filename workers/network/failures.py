"""How a training can fail by itself. A trial that fails so is told as data, with the reason in words."""


class TrainingFailedError(ArithmeticError):
    """A training that will not come to anything; the message says why."""


class DivergedError(TrainingFailedError):
    """Training left the finite numbers."""


class DeadError(TrainingFailedError):
    """Training does not move, and cannot."""
