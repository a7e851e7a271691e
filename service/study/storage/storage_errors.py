"""What can be wrong with a database and the studies in it, whoever finds it."""

from service.errors import BadInputError, ProctorError


class StorageError(BadInputError):
    """The database cannot be reached, read or written."""


class StorageAwayError(StorageError):
    """The database cannot be reached or written for the moment: the very same may succeed later."""


class NoStudiesError(StorageError):
    """There is no such database, or it has no tables for studies yet."""


class OthersStudyError(StorageError):
    """The study was not made by Proctor."""


class OtherVersionError(StorageError):
    """The study was written by another version of Proctor, in another format."""


class StudyHeldError(StorageError):
    """Another coordinator runs the study."""


class StudyConflictError(ProctorError):
    """Somebody else has written to the study that a coordinator runs."""


class LeaseLostError(StudyConflictError):
    """The study that a coordinator ran is another's by now; nothing more of it is written."""
