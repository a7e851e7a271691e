"""Hyperparameters by how much they decided, as bars; what may be chance is drawn faintly."""

from service.report.facts.importance import RELIABLE_TRIALS, Importances
from service.report.page.blocks import Colors, Numbers, Picture
from service.report.page.plots.axes import linear_marks
from service.report.page.plots.drawing import Bar, draw_bars
from service.report.wording.numbers import share_text


def importance_picture(found: Importances) -> Picture | None:
    """Return the picture; None where no hyperparameter's importance can be told."""
    bars = [
        Bar(each.hyperparameter, each.share, is_faint=not each.is_clear)
        for each in found.importances
        if each.share is not None
    ]
    if not bars:
        return None
    first = max(bars, key=lambda bar: bar.length)
    clear = [bar.name for bar in bars if not bar.is_faint]
    beyond = f"Beyond chance: {', '.join(clear)}." if clear else "All of this may be chance."
    hint = "" if found.is_reliable else f" With fewer than {RELIABLE_TRIALS} trials this is a hint at best."
    return Picture(
        title="What mattered",
        alternative=f"Importance of {len(bars)} hyperparameters: most of all {first.name},"
        f" {share_text(first.length)}. {beyond}",
        svg=draw_bars(bars, linear_marks(0.0, max(first.length, 0.01), write=share_text)),
        caption=f"{beyond} The bars show how much each decided whether a trial was among the best"
        f" {found.n_best} of {found.n_trials} ({found.method}).{hint}",
        numbers=Numbers(
            "importance",
            ("hyperparameter", "share", "beyond chance", "trials that had it"),
            tuple(
                (each.hyperparameter, each.share, "yes" if each.is_clear else "no", each.n_active)
                for each in found.importances
            ),
        ),
        legend=("beyond chance" if clear else "", "may be chance" if len(clear) < len(bars) else ""),
        colors=Colors.CHANCE,
    )
