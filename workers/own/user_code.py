"""Running the user's code: what it prints, warns of and draws by lot does not disturb others, nor they it."""

import random
import sys
import traceback
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from inspect import unwrap
from pathlib import Path
from threading import RLock, get_ident
from typing import Any, TextIO, cast

import numpy as np

from workers.failures import TrainingFailedError
from workers.model_source import ModelSource
from workers.one_thread import one_thread

MOST_LETTERS = 200
"""Of an error's message."""

ONE_AT_A_TIME = RLock()
"""Held while the user's code runs: streams, warnings and global generators are the whole process's."""


class _WithoutThisThread:
    """A stream that passes on what other threads write, and in the end everything: somebody may keep it."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._thread: int | None = get_ident()

    def write(self, text: str) -> int:
        if get_ident() != self._thread:
            return self._stream.write(text)
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def end(self) -> None:
        self._thread = None

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 (whatever the stream has)
        return getattr(self._stream, name)


@contextmanager
def muted() -> Iterator[None]:
    """Let nothing be seen of what this thread prints through Python, nor of any warning."""
    streams = {name: getattr(sys, name) for name in ("stdout", "stderr")}
    mutes = {name: _WithoutThisThread(stream) for name, stream in streams.items() if stream is not None}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, mute in mutes.items():
            setattr(sys, name, cast("TextIO", mute))
        try:
            yield
        finally:
            for name, mute in mutes.items():
                mute.end()
                if getattr(sys, name) is mute:  # else another thread has put its own there
                    setattr(sys, name, streams[name])


class GlobalRandomness:
    """NumPy's and Python's global generators as one model sees them, whoever uses them in between.

    Parameters
    ----------
    seed
        Where they begin.
    """

    def __init__(self, seed: int) -> None:
        words = np.random.SeedSequence(seed).generate_state(2)
        self._of_numpy = np.random.RandomState(int(words[0])).get_state()
        self._of_python = random.Random(int(words[1])).getstate()  # noqa: S311

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Put them where the user's code finds them, and the others back in the end."""
        of_numpy, of_python = np.random.get_state(), random.getstate()  # noqa: NPY002
        np.random.set_state(self._of_numpy)  # noqa: NPY002
        random.setstate(self._of_python)
        try:
            yield
        finally:
            self._of_numpy, self._of_python = np.random.get_state(), random.getstate()  # noqa: NPY002
            np.random.set_state(of_numpy)  # noqa: NPY002
            random.setstate(of_python)


@contextmanager
def users_code(source: ModelSource, randomness: GlobalRandomness | None = None) -> Iterator[None]:
    """Run the user's code on one thread, muted; whatever it raises becomes a training's failure.

    Another thread that would run any waits until this one has.

    Parameters
    ----------
    source
        Whose code it is.
    randomness
        Its global generators, where it may use any.

    Raises
    ------
    TrainingFailedError
        `my_models.py:12: ValueError: ...`, with the last line of the user's that was at work.
    MemoryError
        As it is: the trial's limit may be meant.
    """
    try:
        with (
            ONE_AT_A_TIME,
            muted(),
            one_thread(),
            (randomness or GlobalRandomness(0)).in_place(),
        ):
            yield
    except (TrainingFailedError, MemoryError):
        raise
    except (Exception, SystemExit) as error:
        raise TrainingFailedError(reason_of(error, source)) from error


def reason_of(error: BaseException, source: ModelSource) -> str:
    """Say in one line what the user's code raised, and on which line of it."""
    text = error.msg if isinstance(error, SyntaxError) else str(error)  # without the place, said before it
    lines = text.strip().splitlines()
    message = f": {lines[0][:MOST_LETTERS]}" if lines else ""
    return f"{_place(error, source)}: {type(error).__name__}{message}"


def _place(error: BaseException, source: ModelSource) -> str:
    """Return file and line of the innermost frame in the model's directory; else of the function itself."""
    directory = Path(source.path).parent
    if isinstance(error, SyntaxError) and error.filename is not None:
        return f"{Path(error.filename).name}:{error.lineno}"
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        is_beside = path.is_relative_to(directory) and "site-packages" not in path.parts
        if frame.filename == source.path or is_beside:
            return f"{path.relative_to(directory)}:{frame.lineno}"
    return where(source, getattr(sys.modules.get(source.module_name), source.attribute, None))


def where(source: ModelSource, function: Any) -> str:  # noqa: ANN401 (anything callable)
    """Return the file and line on which a function or a class of the user's begins; else the file."""
    name = Path(source.path).name
    if isinstance(function, type):
        function = vars(function).get("__init__")
    code = getattr(unwrap(function), "__code__", None) if callable(function) else None
    if code is None or code.co_filename != source.path:
        return name
    return f"{name}:{code.co_firstlineno}"
