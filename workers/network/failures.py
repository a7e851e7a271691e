"""How a training can fail by itself. Such a failure is reported as data, with the reason in words."""


class TrainingFailedError(ArithmeticError):
    """A training that cannot succeed; the message says why."""


class DivergedError(TrainingFailedError):
    """Training left the finite numbers."""


class DeadError(TrainingFailedError):
    """Training does not move, and cannot."""
