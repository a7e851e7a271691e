"""The errors and warnings that people see: each is one clear line; the command line prints it once."""


class ProctorError(Exception):
    """Something went wrong that one line can explain; the command exits with 1."""


class BadInputError(ProctorError):
    """The input is at fault: the line names the place, what was found and what was expected; exits with 2."""


class ProctorWarning(UserWarning):
    """What should be known of the data and stops nothing: in Python, each sentence that a command prints.

    `warnings.filterwarnings("ignore", category=ProctorWarning)` silences them.
    """
