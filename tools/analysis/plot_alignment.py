r"""Draw how a trained model aligns two validation clips.

Example: python tools/analysis/plot_alignment.py configs/la2ds_toy.py work_dirs/demo/epoch_40.pth \\
             --clips 0 3 --out alignment.png
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mmalign.cli.config import add_config_arguments, config_from
from mmalign.cli.guard import guarded
from mmalign.experiments.embedded_clips import embed_clips
from mmalign.fileio import atomic_write
from mmalign.visualization import draw_alignment
from mmalign.visualization.alignment_figure import EmbeddedPoses


@guarded
def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_config_arguments(parser)
    parser.add_argument("checkpoint", metavar="CHECKPOINT")
    parser.add_argument("--clips", nargs=2, type=int, default=(0, 1), help="indices in the split")
    parser.add_argument("--poses", type=int, default=9, help="how many poses are drawn")
    parser.add_argument("--out", default="alignment.png", help="a PNG, PDF or SVG")
    args = parser.parse_args(argv)
    clips = embed_clips(config_from(args), args.checkpoint, args.clips)
    first, second = (
        EmbeddedPoses(
            clip.name,
            clip.poses.keypoints,
            clip.poses.scores,
            np.asarray(clip.embedding),
            clip.poses.skeleton,
        )
        for clip in clips
    )
    figure = draw_alignment(first, second, args.poses)
    out = Path(args.out)
    with atomic_write(out) as temporary:
        figure.savefig(temporary, dpi=110, format=out.suffix[1:])
    print(f"wrote {out}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
