r"""Map a model's frame embeddings to the plane by t-SNE, coloured by clip, progress or phase.

example: python tools/analysis/tsne.py configs/la2ds_toy.py work_dirs/demo/epoch_30.pth \
             --clips 0 1 2 3 --by progress --out tsne.png
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from mmalign.cli.config import add_config_arguments, config_from
from mmalign.cli.guard import guarded
from mmalign.experiments.embedded_clips import embed_clips
from mmalign.fileio import atomic_write
from mmalign.visualization.embedding_figures import draw_tsne


@guarded
def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_config_arguments(parser)
    parser.add_argument("checkpoint", metavar="CHECKPOINT")
    parser.add_argument(
        "--clips", nargs="+", type=int, default=[0, 1], help="indices in the split (%(default)s)"
    )
    parser.add_argument("--split", choices=["train", "val"], default="val", help="(%(default)s)")
    parser.add_argument(
        "--by",
        choices=["clip", "progress", "phase"],
        default="clip",
        help="what the colours tell (%(default)s: opacity grows with time)",
    )
    parser.add_argument("--out", default="tsne.png", help="a PNG, PDF or SVG (%(default)s)")
    args = parser.parse_args(argv)
    sequences = embed_clips(config_from(args), args.checkpoint, args.clips, args.split)
    figure = draw_tsne(sequences, args.by, args.seed or 0)
    out = Path(args.out)
    with atomic_write(out) as temporary:
        figure.savefig(temporary, dpi=110, format=out.suffix[1:] or "png")
    print(f"wrote {out}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
