"""Look at a prepared data set: ``mmalign data browse DIR --out PICTURES``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from mmengine.config import Config
from rich.console import Console
from rich.progress import track

from mmalign.cli.config import load_config, shipped_config
from mmalign.cli.guard import guarded
from mmalign.datasets import PoseSequenceDataset
from mmalign.errors import InputError
from mmalign.fileio import atomic_write
from mmalign.poses.pose_file import read_pose_file
from mmalign.poses.pose_index import SPLITS, PoseIndex, read_index
from mmalign.registry import TRANSFORMS
from mmalign.video.writer import write_video
from mmalign.visualization.contact_sheet import ShownSequence, draw_contact_sheet
from mmalign.visualization.heatmap_figure import draw_heatmaps
from mmalign.visualization.pose_video import pose_frames
from mmalign.visualization.view_pair import draw_view_pair

KINDS = ("sheet", "heatmaps", "pairs", "videos")
_DEFAULT_PIPELINE = "configs/_base_/datasets/pipelines_trimmed.py"
EXAMPLES = """\
examples:
  six sequences, all kinds of pictures:  %(prog)s data/penn_action --out pictures
  twenty of one action on one sheet:     %(prog)s data/penn_action --out pictures \\
                                             --action golf_swing --num 20 --show sheet
  one sequence as a config trains it:    %(prog)s data/penn_action --out pictures --id 0758 \\
                                             --show pairs --config configs/la2ds_penn_action.py
"""


def build_parser() -> argparse.ArgumentParser:
    """The command line of the tool."""
    parser = argparse.ArgumentParser(
        prog="mmalign data browse",
        description="Draw sequences of a prepared data set: contact sheets (sheet.png), heatmaps"
        " and pairs of augmented views (ID_heatmaps.png, ID_pair.png), videos (ID.mp4).",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("dir", metavar="DIR", help="folder of the prepared data set")
    parser.add_argument("--out", required=True, metavar="PICTURES", help="folder to write to")
    parser.add_argument("--id", nargs="+", metavar="ID", help="these sequences")
    parser.add_argument(
        "--num", type=int, default=6, help="so many, chosen at random (default: %(default)s)"
    )
    parser.add_argument("--split", choices=SPLITS, help="of this split only")
    parser.add_argument("--action", help="of this action only")
    parser.add_argument(
        "--show", nargs="+", choices=KINDS, default=KINDS, help="what to draw (default: all)"
    )
    parser.add_argument(
        "--config",
        metavar="CONFIG",
        help="draw the pairs by this config's training pipeline (default: trimmed views with the"
        " paper's augmentations)",
    )
    parser.add_argument(
        "--seed", type=int, default=0, help="of the choice and of the views (default: %(default)s)"
    )
    return parser


@guarded
def main(argv: Sequence[str] | None = None) -> int:
    """Run the tool; returns its exit status.

    Raises:
        InputError: If the data set, the choice or the config cannot be used.
    """
    args = build_parser().parse_args(argv)
    index = read_index(args.dir)
    positions = choose(index, args.id, args.num, args.split, args.action, args.seed)
    pipeline = training_pipeline(args.config) if "pairs" in args.show else []
    # All of them in the index's order, read when used.
    dataset = PoseSequenceDataset(args.dir, split="all", seed=args.seed, cache=False)
    root, out = Path(args.dir), Path(args.out)
    shown, written = [], 0
    for position in track(positions, "drawing", console=Console(stderr=True), transient=True):
        entry = index.sequences[position]
        phases = index.actions.get(entry.action, {}).get("phases", [])
        item = ShownSequence(entry, read_pose_file(root / entry.file), phases)
        shown.append(item)
        if "heatmaps" in args.show:
            _save(draw_heatmaps(item.sequence, item.title), out / f"{entry.id}_heatmaps.png")
        if "pairs" in args.show:
            views = make_views(dataset, position, pipeline)
            _save(draw_view_pair(views, item.title), out / f"{entry.id}_pair.png")
        if "videos" in args.show:
            frames = pose_frames(item.sequence, entry.id, phases)
            write_video(out / f"{entry.id}.mp4", frames, entry.fps)
        written += len(set(args.show) - {"sheet"})
    if "sheet" in args.show:
        title = (
            f"{index.source}: {len(shown)} of {len(index.sequences)} sequences, {index.skeleton}"
        )
        _save(draw_contact_sheet(shown, title), out / "sheet.png")
        written += 1
    print(f"wrote {written} files to {out}")
    return 0


def choose(
    index: PoseIndex,
    ids: Sequence[str] | None,
    num: int,
    split: str | None,
    action: str | None,
    seed: int,
) -> list[int]:
    """Positions in the index of the sequences to draw, ascending; named ones as named.

    Raises:
        InputError: If an id is not there, or nothing has the split and the action.
    """
    if ids:
        known = {entry.id: i for i, entry in enumerate(index.sequences)}
        missing = [name for name in ids if name not in known]
        if missing:
            raise InputError(
                f"--id {missing[0]}: no such sequence; the data set has {len(known)}, e.g. "
                f"{', '.join(list(known)[:3])}"
            )
        return [known[name] for name in ids]
    if num < 1:
        raise InputError(f"--num is {num}, expected at least 1")
    found = [
        i
        for i, entry in enumerate(index.sequences)
        if split in (None, entry.split) and action in (None, entry.action)
    ]
    if not found:
        raise InputError(
            f"--split {split} --action {action}: no sequence has them; the actions are "
            f"{', '.join(sorted(index.actions)) or 'none'}"
        )
    chosen = np.random.default_rng(seed).permutation(len(found))[:num]
    return sorted(found[i] for i in chosen)


def training_pipeline(config: str | None) -> list[Any]:
    """Built transforms of a config's training pipeline that come before packing.

    Raises:
        InputError: If the config has no such pipeline, or it makes no two views.
    """
    if config is None:
        steps = Config.fromfile(str(shipped_config(_DEFAULT_PIPELINE))).trimmed_train_pipeline
    else:
        loader = load_config(config).get("train_dataloader") or {}
        steps = loader.get("dataset", {}).get("pipeline", [])
    names = [str(step["type"]).split(".")[-1] for step in steps]
    if "TwoViews" not in names:
        raise InputError(
            f"{config}: its training pipeline is {', '.join(names) or 'empty'}; pairs need one "
            "with TwoViews: choose another config or leave pairs out of --show"
        )
    return [TRANSFORMS.build(step) for step in steps[: names.index("TwoViews") + 1]]


def make_views(
    dataset: PoseSequenceDataset, position: int, pipeline: Sequence[Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The two views of a sequence, as the first epoch of a training has them."""
    sample = dataset.get_data_info(position)
    for transform in pipeline:
        sample = transform(sample)
    first, second = sample["views"]
    return first, second


def _save(figure: Figure, path: Path) -> None:
    with atomic_write(path) as temporary:
        figure.savefig(temporary, dpi=130)


if __name__ == "__main__":
    raise SystemExit(main())
