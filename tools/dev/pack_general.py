r"""Pack a checkpoint of configs/general_cpu.py as the network that the package ships.

Example: python tools/dev/pack_general.py work_dirs/general/epoch_4.pth \\
             --commit $(git rev-parse HEAD) --figures unseen.json \\
             --command "tools/train.py configs/general_cpu.py"
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from mmalign.apis.packaged import DEFAULT, pack
from mmalign.cli.guard import guarded

DATA = [
    {
        "name": "Penn Action, training split, annotated joints of all 15 actions",
        "clips": 1258,
        "licence": "the authors ask to cite Zhang et al., ICCV 2013",
    },
    {
        "name": "UI-PRMD, deep squat, without the performers that are held out",
        "clips": 70,
        "licence": "PDDL (public domain)",
    },
    {
        "name": "generated activities (mmalign.toy)",
        "clips": 552,
        "licence": "Apache-2.0, made by this package",
    },
]


@guarded
def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkpoint", help="written by mmalign train")
    parser.add_argument("--command", required=True, help="what it was trained by")
    parser.add_argument("--commit", required=True, help="of the code that trained it")
    parser.add_argument(
        "--figures",
        help="JSON of tools/analysis/phase_transfer.py by the same recipe trained without the"
        " actions that are scored; kept beside the weights",
    )
    args = parser.parse_args(argv)
    figures = {}
    if args.figures:
        content = json.loads(Path(args.figures).read_text(encoding="utf-8"))
        figures = {"phases carried over, activities never seen": content}
    facts = {
        "description": "bodies in general, for activities that it has never seen",
        "skeleton": "penn13",
        "data": DATA,
        "command": args.command,
        "commit": args.commit,
        "figures": figures,
    }
    for path in pack(args.checkpoint, DEFAULT, facts):
        print(f"wrote {path} ({path.stat().st_size / 1e6:.2f} MB)")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
