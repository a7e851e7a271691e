"""Names of attributes in storage, for whoever reads them with or without Optuna."""

from typing import Final

LEARNING_CURVE: Final = "learning_curve"
"""The trial's attribute that takes more memory than all else of it, and that the search has no use for."""

VIRTUAL_START: Final = "virtual_start"
"""A trial that tries a point has its start on the virtual clock."""

CONFIRMS: Final = "confirms"
"""A confirmation has the number of the trial that it repeats."""

OF_COORDINATOR: Final = (VIRTUAL_START, CONFIRMS)
"""A trial that a coordinator asked has one of these; another tool gives it no place on the clock."""

SET_ASIDE: Final = "set_aside"
"""Marks a trial that a person set aside."""

TAKEN_AS: Final = "taken_as"
"""Marks a trial that another tool queued, and whose point was taken up."""

OF_RESULT: Final = "runs"
"""A trial that a coordinator ended has this with the rest of its result; another tool leaves no result."""

DEV_LOSS: Final = "dev_loss"
"""The trial's dev loss at its best epoch."""

COMMAND: Final = "command"
"""The study's attribute that has the command which gives the same study again, under its present name."""

ENDING: Final = "ending"
"""The study's attribute that says why its search ended."""

FINALISTS: Final = "finalists"
"""The study's attribute that has the numbers of the trials that are confirmed."""

WINNER: Final = "winner"
"""The study's attribute that has what was measured of its winner; null until that is measured anew."""

OF_WINNER: Final = (WINNER, "learning_curve")
"""The study's attributes that were measured of its winner: null where another may win."""

ROUNDS_ENDING: Final = "rounds_ending"
"""Attribute of the first of several rounds: why there are no more, and whose winner is the best of all."""

LOOK_AGAIN: Final = "look_again"
"""The study's attribute that says why its end opens a test set that was opened before."""

ROUND: Final = "round"
"""Attribute of a later round: what finds the first study, and its place among the rounds."""

ARCHIVED: Final = "archived"
"""The study's attribute that has `proctor list` pass it over."""
