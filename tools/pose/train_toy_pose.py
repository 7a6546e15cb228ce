"""Train a pose network and a detector on the toy generator's pictures, with MMPose and MMDetection.

No picture or weight is downloaded: what the toy generator draws is written as a COCO data set, and
RTMPose-tiny and RTMDet-nano as MMPose packages them (configs/pose) are trained on it from scratch.
The weights find toy figures, nothing else; they show that the whole path works.

Example: python tools/pose/train_toy_pose.py --work-dir work_dirs/toy_pose
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import torch
from mmengine.config import Config, DictAction

from mmalign.cli.guard import guarded
from mmalign.compat import build_runner
from mmalign.compat.mmpose import import_mmpose
from mmalign.toy import generate_dataset
from mmalign.toy.coco_tree import write_coco

CONFIGS = Path(__file__).resolve().parents[2] / "configs" / "pose"
PARTS = {"pose": "toy_rtmpose_tiny.py", "detector": "toy_rtmdet_nano.py"}
ACTIVITIES = ("lift", "wave_squat", "throw")


def write_data(root: Path, number: int) -> None:
    """Render ``number`` training clips per activity and half as many of unseen performers."""
    for split, count, every in (("train", number, 6), ("val", number // 2, 12)):
        if not (root / f"{split}.json").is_file():
            clips = [
                clip for name in ACTIVITIES for clip in generate_dataset(name, count, split, seed=7)
            ]
            write_coco(root, split, clips, every)


def train(part: str, args: argparse.Namespace) -> None:
    """Train one of the two networks and write ``PART.pth`` and its config ``PART.py``."""
    config = Config.fromfile(str(CONFIGS / PARTS[part]))
    config.work_dir = str(args.work_dir / part)
    for loader in (config.train_dataloader, config.val_dataloader, config.test_dataloader):
        loader.dataset.data_root = str(args.work_dir / "data")
    if part == "detector":
        for evaluator in (config.val_evaluator, config.test_evaluator):
            evaluator.ann_file = str(args.work_dir / "data" / "val.json")
    config.merge_from_dict(args.cfg_options or {})
    runner = build_runner(config)
    # Convolutions on a CPU are faster so by half.
    runner.model.to(memory_format=torch.channels_last)
    runner.train()
    config.dump(str(args.work_dir / f"{part}.py"))
    last = Path((args.work_dir / part / "last_checkpoint").read_text(encoding="utf-8"))
    (args.work_dir / f"{part}.pth").write_bytes(last.read_bytes())


@guarded
def main(argv: Sequence[str] | None = None) -> int:
    """Render, train."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--work-dir", type=Path, required=True, help="where everything is written")
    parser.add_argument("--parts", nargs="+", choices=[*PARTS], default=[*PARTS])
    parser.add_argument("--clips", type=int, default=40, help="training clips per activity")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--cfg-options", nargs="+", action=DictAction, help="settings to override")
    args = parser.parse_args(argv)
    torch.set_num_threads(args.threads)
    import_mmpose()
    write_data(args.work_dir / "data", args.clips)
    for part in args.parts:
        train(part, args)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
