"""``mmalign models``: the networks that come with the package."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence

from mmalign.cli.guard import guarded
from mmalign.errors import InputError


@guarded
def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status.

    Raises:
        InputError: If there is no network of the name that is asked for.
    """
    parser = argparse.ArgumentParser(
        prog="mmalign models",
        description="List the networks that come with the package; with a name, say all that is"
        " known of it. A name stands for a checkpoint: mmalign align --checkpoint NAME.",
    )
    parser.add_argument("name", nargs="?", metavar="NAME", help="tell all of this one, as JSON")
    args = parser.parse_args(argv)
    # Not before --help is answered: it waits for torch.
    from mmalign.apis.packaged import DEFAULT, packaged_models

    known = packaged_models()
    if args.name is not None:
        if args.name not in known:
            raise InputError(
                f"{args.name}: no network of that name comes with the package; it has"
                f" {', '.join(known) or 'none'}"
            )
        print(json.dumps(known[args.name], indent=2))
        return 0
    for name, facts in known.items():
        default = " (used where no checkpoint is named)" if name == DEFAULT else ""
        print(f"{name}{default}: {facts['description']}; joints: {facts['skeleton']}")
        for source in facts["data"]:
            print(f"    {source['clips']} clips of {source['name']} ({source['licence']})")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
