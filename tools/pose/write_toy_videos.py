"""Write toy clips as videos with their phases, to extract poses from and to train on them.

Example: python tools/pose/write_toy_videos.py --out toy_videos --activity lift
    mmalign extract-poses toy_videos/videos --annotations toy_videos/annotations.json ...
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import track

from mmalign.cli.guard import guarded
from mmalign.fileio import atomic_write
from mmalign.toy import generate_dataset, get_activity, list_activities, render_frames
from mmalign.video.writer import write_video


@guarded
def main(argv: Sequence[str] | None = None) -> int:
    """Write ``videos/SPLIT/ACTIVITY/ID.mp4`` and ``annotations.json``; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--activity", choices=list_activities(), default="lift")
    parser.add_argument("--num-train", type=int, default=24)
    parser.add_argument("--num-val", type=int, default=12)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(argv)
    videos = {}
    console = Console(stderr=True)
    for split, number in (("train", args.num_train), ("val", args.num_val)):
        clips = generate_dataset(args.activity, number, split, args.seed)
        for i, clip in enumerate(track(clips, f"rendering {split}", console=console)):
            name = f"{split}/{args.activity}/{args.activity}_{split}_{i:04d}.mp4"
            write_video(args.out / "videos" / name, render_frames(clip), clip.fps)
            assert clip.labels is not None
            videos[name] = {
                "split": split,
                "action": args.activity,
                "labels": clip.labels.tolist(),
            }
    phases = {args.activity: list(get_activity(args.activity).phases)}
    with atomic_write(args.out / "annotations.json") as temporary:
        content = json.dumps({"videos": videos, "phases": phases})
        temporary.write_text(content, encoding="utf-8")
    print(f"{len(videos)} videos in {args.out / 'videos'}, their phases in annotations.json")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
