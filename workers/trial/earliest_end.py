"""How soon a trial may end: the bound that is certain before it has run so far."""

from workers.messages import TrialRequest


def earliest_end(request: TrialRequest, epochs: int) -> int:
    """Return the fewest epochs after which a trial may end that has run `epochs` and goes on.

    Its patience lasts for `patience` epochs after the first, and a threshold acts at its own epoch. A trial
    that breaks off in between counts on the virtual clock as if it had run until then: what is certain of all
    trials must be certain of those that fail. (The lookahead of Chandy and Misra.)

    Parameters
    ----------
    request
        The trial.
    epochs
        Epochs that it has been seen to run, in all folds; 0 before it has begun.
    """
    in_first_fold = [threshold.epoch for threshold in request.thresholds if threshold.epoch > epochs]
    out_of_patience = max(epochs + 1, 1 + request.rules.patience)
    by_rule = max(epochs + 1, request.rules.max_epochs)
    return min([*in_first_fold, out_of_patience, by_rule])
