"""The console script: ``mmalign COMMAND …``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module

from mmalign.cli.guard import guarded
from mmalign.errors import InputError
from mmalign.version import __version__

# Command: (module with `main`, what it does). Modules are imported when their command is run, so
# that --help does not wait for torch.
COMMANDS = {
    "demo": ("mmalign.cli.demo", "align two recorded movements; --train: train on generated ones"),
    "data": ("mmalign.cli.data", "make, check and look at data sets of poses"),
    "extract-poses": ("mmalign.cli.extract_poses", "turn videos into a data set of poses"),
    "train": ("mmalign.cli.train", "train a model"),
    "align": ("mmalign.cli.align", "align videos or poses of one activity"),
    "sync": ("mmalign.cli.sync", "synchronise cameras that film the same moments"),
    "anomaly": ("mmalign.cli.anomaly", "score sequences against a set of normal ones"),
    "test": ("mmalign.cli.test", "evaluate a checkpoint, beside the floors"),
    "evaluate": ("mmalign.cli.evaluate", "score embeddings of any method, from a file"),
    "run-penn-action": (
        "mmalign.cli.run_penn_action",
        "train and evaluate every action of Penn Action",
    ),
    "run-ablation": (
        "mmalign.cli.run_ablation",
        "run a table of ablations, or of other methods, on Penn Action",
    ),
    "models": ("mmalign.cli.models", "list the networks that come with the package"),
    "doctor": ("mmalign.doctor", "say what works here, and how to mend what does not"),
}


def usage() -> str:
    """Return the text of ``mmalign --help``."""
    width = max(map(len, COMMANDS))
    lines = [f"  {name:<{width}}  {text}" for name, (_, text) in COMMANDS.items()]
    return "\n".join(
        [
            "usage: mmalign COMMAND [arguments]",
            "",
            "Temporal alignment of human activity sequences from skeletons.",
            "",
            "commands:",
            *lines,
            "",
            "mmalign COMMAND --help tells more; start with: mmalign demo",
        ]
    )


@guarded
def main(argv: Sequence[str] | None = None) -> int:
    """Run ``mmalign``; returns the exit status.

    Raises:
        InputError: If there is no such command.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    if not arguments or arguments[0] in ("-h", "--help"):
        print(usage())
        return 0
    if arguments[0] == "--version":
        print(f"mmalign {__version__}")
        return 0
    command = arguments[0]
    if command not in COMMANDS:
        raise InputError(f"{command}: no such command; expected one of {', '.join(COMMANDS)}")
    return import_module(COMMANDS[command][0]).main(arguments[1:])


if __name__ == "__main__":
    raise SystemExit(main())
