r"""Draw frames of a clip and their nearest frames in others, those of another phase boxed red.

example: python tools/analysis/retrieval.py configs/la2ds_toy.py work_dirs/demo/epoch_30.pth \
             --clips 0 1 2 3 --queries 6 --out retrieval.png
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from mmalign.cli.config import add_config_arguments, config_from
from mmalign.cli.guard import guarded
from mmalign.errors import InputError
from mmalign.experiments.embedded_clips import embed_clips
from mmalign.fileio import atomic_write
from mmalign.visualization.embedding_figures import draw_retrieval


@guarded
def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_config_arguments(parser)
    parser.add_argument("checkpoint", metavar="CHECKPOINT")
    parser.add_argument(
        "--clips",
        nargs="+",
        type=int,
        default=[0, 1, 2],
        metavar="N",
        help="indices in the split: the query's, then those that are searched (default: 0 1 2)",
    )
    parser.add_argument("--split", choices=["train", "val"], default="val", help="(%(default)s)")
    parser.add_argument("--queries", type=int, default=5, metavar="N", help="rows (%(default)s)")
    parser.add_argument("--k", type=int, default=7, help="frames per row (%(default)s)")
    parser.add_argument("--out", default="retrieval.png", help="a PNG, PDF or SVG (%(default)s)")
    args = parser.parse_args(argv)
    for name, value in (("--queries", args.queries), ("--k", args.k)):
        if value < 1:
            raise InputError(f"{name}: found {value}, expected at least 1")
    query, *support = embed_clips(config_from(args), args.checkpoint, args.clips, args.split)
    figure = draw_retrieval(query, support, args.queries, args.k)
    out = Path(args.out)
    with atomic_write(out) as temporary:
        figure.savefig(temporary, dpi=110, format=out.suffix[1:] or "png")
    print(f"wrote {out}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
