"""What can be wrong with a database, whoever finds it."""

from service.errors import BadInputError


class StorageError(BadInputError):
    """The database cannot be reached, read or written."""


class NoStudiesError(StorageError):
    """There is no such database, or it has no tables for studies yet."""


class OthersStudyError(StorageError):
    """The study was not made by Proctor."""


class ForeignTrialError(StorageError):
    """A study of Proctor's holds a trial that another tool made or ended."""
