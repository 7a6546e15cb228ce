"""``mmalign data COMMAND …``: make, check and look at prepared data sets."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module

from mmalign.cli.guard import guarded
from mmalign.errors import InputError

# Command: (module with `main`, what it does); a module is imported when its command is run.
COMMANDS = {
    "convert": ("mmalign.cli.data_convert", "turn poses of a public format into a data set"),
    "check": ("mmalign.cli.data_check", "say what is wrong with a data set and how to mend it"),
    "export": ("mmalign.cli.data_export", "write a data set in a public format"),
    "browse": ("mmalign.cli.data_browse", "draw contact sheets and videos of a data set"),
    "toy": ("mmalign.cli.data_toy", "write generated data in a public data set's own files"),
}

EXAMPLES = (
    "mmalign data convert penn_action PENN_ACTION --out data/penn_action",
    "mmalign data convert openpose VIDEO_JSON --out data/mine --fill-gaps 5",
    "mmalign data check data/mine",
    "mmalign data export csv data/mine --out tables",
    "mmalign data browse data/mine --out pictures",
)


def usage() -> str:
    """Return the text of ``mmalign data --help``."""
    width = max(map(len, COMMANDS))
    return "\n".join(
        [
            "usage: mmalign data COMMAND [arguments]",
            "",
            "Data sets of poses: made of public formats, checked, looked at.",
            "",
            "commands:",
            *(f"  {name:<{width}}  {text}" for name, (_, text) in COMMANDS.items()),
            "",
            "examples:",
            *(f"  {example}" for example in EXAMPLES),
            "",
            "mmalign data COMMAND --help tells more.",
        ]
    )


@guarded
def main(argv: Sequence[str] | None = None) -> int:
    """Run ``mmalign data``; returns the exit status of the command.

    Raises:
        InputError: If there is no such command.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    if not arguments or arguments[0] in ("-h", "--help"):
        print(usage())
        return 0
    command = arguments[0]
    if command not in COMMANDS:
        raise InputError(
            f"{command}: no such command of mmalign data; expected one of {', '.join(COMMANDS)}; "
            "data are converted by `mmalign data convert FORMAT SRC --out DST`"
        )
    return import_module(COMMANDS[command][0]).main(arguments[1:])
