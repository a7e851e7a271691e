"""The error for a command that does not exist: it names the likely one, unless that cannot be undone."""

import click

from search_spaces.nearest_word import nearest_word
from service.commands.mended_command import SlipError, is_file

NEVER_SUGGESTED = frozenset({"delete", "unseal"})
"""Commands that cannot be undone: nobody is to come to one by a slip."""

SYNONYMS = {
    **dict.fromkeys(("tune", "train", "fit", "start", "begin", "search", "optimize", "study"), "run"),
    **dict.fromkeys(("continue", "restart"), "resume"),
    **dict.fromkeys(("ls", "studies"), "list"),
    **dict.fromkeys(("score", "infer"), "predict"),
}
"""What other tools call a command."""


class CommandGroup(click.Group):
    """A group of commands that helps after a slip."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the first argument names.

        Raises
        ------
        SlipError
            There is no such command; the likely one is named, if it can be undone. A file is read as a run's
            table.
        """
        word = args[0]
        if word in self.commands or word.startswith("-") or ctx.resilient_parsing:
            return super().resolve_command(ctx, args)
        if is_file(word):
            raise SlipError(f"No such command {word!r}.", ctx, meant=("run", *args))
        meant = self.meant(word)
        hint = f" Did you mean {meant!r}?" if meant else ""
        raise SlipError(f"No such command {word!r}.{hint}", ctx, meant=(meant, *args[1:]) if meant else ())

    def meant(self, word: str) -> str | None:
        """Return the command that a wrong word is most likely meant for; None where none is like it."""
        return SYNONYMS.get(word.lower()) or nearest_word(word, self.commands.keys() - NEVER_SUGGESTED)
