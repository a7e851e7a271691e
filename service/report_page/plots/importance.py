"""Hyperparameters by how much they decided, as bars."""

from service.report_page.blocks import Numbers, Picture
from service.report_page.plots.axes import linear_marks
from service.report_page.plots.drawing import Bar, draw_bars
from service.reporting.importance import RELIABLE_TRIALS, Importances
from service.wording.numbers import share_text


def importance_picture(found: Importances) -> Picture | None:
    """Return the picture; None where no hyperparameter's importance can be told."""
    told = [(each.hyperparameter, each.share) for each in found.importances if each.share is not None]
    if not told:
        return None
    first = max(told, key=lambda each: each[1])
    clear = [each.hyperparameter for each in found.importances if each.is_clear]
    beyond = f"beyond chance: {', '.join(clear)}" if clear else "none of it is beyond chance"
    hint = "" if found.is_reliable else f" With fewer than {RELIABLE_TRIALS} trials this is a hint at best."
    return Picture(
        title="What mattered",
        alternative=f"Importance of {len(told)} hyperparameters: most of all {first[0]},"
        f" {share_text(first[1])}",
        svg=draw_bars(
            [Bar(name, share) for name, share in told],
            linear_marks(0.0, max(first[1], 0.01), write=lambda share: f"{share_text(share)}"),
        ),
        caption=f"Share of each in whether a trial was among the best {found.n_best} of {found.n_trials}"
        f" ({found.method}); {beyond}.{hint}",
        numbers=Numbers(
            "importance",
            ("hyperparameter", "share", "beyond chance", "trials that had it"),
            tuple(
                (each.hyperparameter, each.share, "yes" if each.is_clear else "no", each.n_active)
                for each in found.importances
            ),
        ),
    )
