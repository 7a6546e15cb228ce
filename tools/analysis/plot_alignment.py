r"""Draw how a trained model aligns two validation clips.

Example: python tools/analysis/plot_alignment.py configs/la2ds_toy.py work_dirs/demo/epoch_40.pth \\
             --clips 0 3 --out alignment.png
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import torch
from mmengine.dataset import pseudo_collate
from mmengine.registry import init_default_scope

from mmalign.cli.config import add_config_arguments, config_from
from mmalign.cli.guard import guarded
from mmalign.compat import read_checkpoint
from mmalign.errors import InputError
from mmalign.fileio import atomic_write
from mmalign.registry import DATASETS, MODELS
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
    cfg = config_from(args)
    init_default_scope("mmalign")
    dataset = DATASETS.build(dict(cfg.test_dataloader.dataset.dataset, split="val", test_mode=True))
    if not all(0 <= clip < len(dataset) for clip in args.clips):
        raise InputError(f"--clips {args.clips}: the validation split has 0..{len(dataset) - 1}")
    model = MODELS.build(cfg.model)
    checkpoint = read_checkpoint(args.checkpoint)
    model.load_state_dict(checkpoint.get("state_dict", checkpoint))
    model.eval()
    first, second = (embed(model, dataset, clip) for clip in args.clips)
    figure = draw_alignment(first, second, args.poses)
    out = Path(args.out)
    with atomic_write(out) as temporary:
        figure.savefig(temporary, dpi=110, format=out.suffix[1:])
    print(f"wrote {out}")
    return 0


def embed(model, dataset, index: int) -> EmbeddedPoses:
    """Embed one clip of a data set."""
    raw = dataset.get_data_info(index)
    batch = model.data_preprocessor(pseudo_collate([dataset[index]]))
    with torch.no_grad():
        embedding = model(**batch, mode="predict")[0].embedding
    return EmbeddedPoses(
        f"{raw['action']}, clip {raw['sample_id']}",
        raw["keypoint"][0],
        raw["keypoint_score"][0],
        embedding.numpy(),
        raw["skeleton"],
    )


if __name__ == "__main__":
    raise SystemExit(main())
