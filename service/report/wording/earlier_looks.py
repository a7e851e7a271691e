"""Earlier looks at a test set in words, before anything is run and in the report on the screen."""

from service.report.facts.final_facts import EarlierLooks
from service.study.storage.database_url import in_storage


def warning_of_earlier_looks(  # noqa: PLR0913 (what a study begins with, each by its name)
    earlier: EarlierLooks,
    name: str,
    *,
    goes_on: bool,
    keep_sealed: bool,
    look_again: str | None,
    storage: str,
) -> str:
    """Say that the test set was opened, and what follows from it for the study that begins or goes on.

    Parameters
    ----------
    earlier
        The looks of others, or from before the study went on.
    name
        The study.
    goes_on
        Whether the study itself looked before it went on.
    keep_sealed
        Whether the study leaves the test set sealed anyway.
    look_again
        Why it is to be opened all the same; None where it is not to.
    storage
        URL of the database, without a password.
    """
    unseal = in_storage(earlier.unseal, storage)
    if keep_sealed:
        follows = f"a look by study {name} will need a reason: {unseal}"
    elif look_again is not None:
        follows = f"study {name} will look again, because: {look_again}"
    else:
        whose = f"a new winner of study {name}" if goes_on else f"study {name}"
        follows = (
            f"the test figure of {whose} will stay sealed; to see it, run with --look-again"
            f' "REASON", or afterwards: {unseal}'
        )
    return f"{earlier.sentence}; {follows}"
