"""The one error that is the user's to mend."""

from __future__ import annotations


class InputError(ValueError):
    """Bad input: a file, an argument or a configuration that cannot be used as it is.

    The message is one line that names the file or argument, what was found, what was expected and
    what to do. Command line tools print it as ``error: <message>`` and exit with status 2.
    """

    def __init__(self, message: object) -> None:
        """Keep ``message`` on one line, whatever it was composed from."""
        text = str(message)
        # A data loader raises a worker's error anew with the worker's traceback for a message.
        if text.startswith("Caught InputError in DataLoader worker"):
            text = text.rsplit("mmalign.errors.InputError: ", 1)[-1]
        super().__init__(" ".join(text.split()))


class WriteError(InputError):
    """A place that cannot be written to: no item is to blame, and none is skipped for it."""


def check_at_least(name: str, value: object, least: int) -> None:
    """Check a number that a config or an option gave, which may be of any type.

    Raises:
        InputError: If it is no whole number, or below ``least``.
    """
    whole = hasattr(value, "__index__") and not isinstance(value, bool)
    if not whole or value < least:  # type: ignore[operator]
        raise InputError(f"{name} is {value!r:.40}, expected at least {least}, a whole number")
