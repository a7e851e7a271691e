"""The errors that people see: each is one clear line, printed once by the command line."""


class ProctorError(Exception):
    """Something went wrong that one line can explain; the command exits with 1."""


class BadInputError(ProctorError):
    """The input is at fault: the line names the place, what was found and what was expected; exits with 2."""
