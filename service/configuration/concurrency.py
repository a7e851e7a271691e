"""How many trials virtually run at once where a study does not say: by its trials, not by the machine."""

LEAST, MOST = 4, 32
TRIALS_FOR_ONE = 16


def default_concurrency(n_trials: int) -> int:
    """Return a sixteenth of a study's trials, 4 at least and 32 at most.

    It must not depend on workers or cores: sampler and pruner would see other results when a trial is asked,
    and the study would be another. More at once keep more workers busy, but more trials are then asked before
    anything can be pruned, so that a short search takes longer for them: docs/explanation/concurrency.md has
    the figures.

    Parameters
    ----------
    n_trials
        The study's trials.
    """
    return min(max(LEAST, n_trials // TRIALS_FOR_ONE), MOST)


def workers_line(n_workers: int, *, concurrency: int, n_trials: int) -> str | None:
    """Say so where there are more workers than trials that may run at once; None where all find work.

    Parameters
    ----------
    n_workers
        Workers that the study has.
    concurrency
        Trials that virtually run at once; no more of them ever really do.
    n_trials
        The study's trials; of no more workers than these any use could be made.
    """
    if n_workers <= concurrency or n_trials <= concurrency:
        return None
    wanted = min(2 * n_workers, n_trials)
    return (
        f"only {concurrency} of {n_workers} workers can be busy at a time, because concurrency is"
        f" {concurrency}; --concurrency {wanted} uses more of them, but changes the results, because sampler"
        f" and pruner then react later"
    )
