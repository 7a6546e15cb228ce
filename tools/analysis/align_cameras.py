r"""Align one camera's recording with another's, with and without RGB, where the truth is known.

The recording is Pose2Sim's balancing demo: a folder with `videos/camNN.mp4` and OpenPose's
`pose-associated/camNN_json` of hardware-synchronised cameras. The first two cameras train the
networks of a fusion config (poses, RGB, both); the other two are then aligned with each other, each
cut to its own random window at its own random tempo, many times. Beside the networks stand the raw
poses, aligned by the same algorithm, and the clock. It is two clips of training data and one pair
of clips to align: a figure, not a proof.

Example: python tools/analysis/align_cameras.py data/pose2sim_balancing --work-dir work_dirs/cameras
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from mmcv.transforms import Compose

from mmalign.apis.loading import LoadedAligner, load_aligner
from mmalign.cli import data_convert, train
from mmalign.cli.guard import guarded
from mmalign.datasets.pose_dataset import PoseSequenceDataset
from mmalign.datasets.transforms import TemporalTrim, TemporalWarp
from mmalign.errors import InputError
from mmalign.experiments.alignment_error import Case, by_clock, measure
from mmalign.functional.alignment import align_frames
from mmalign.functional.floors import raw_pose
from mmalign.models.windows import embed_clip
from mmalign.poses.pose_file import PoseSequence
from mmalign.poses.pose_index import read_index, write_index
from mmalign.structures import RawClip
from mmalign.video.facts import read_video_facts

CONFIG = Path(__file__).parents[2] / "configs/fusion/la2ds_rgb_pose_cameras.py"
FPS = 60.0
TRAINING = ("cam01", "cam02")
METHODS = ("subsequence", "dtw", "nearest")


def prepare(source: Path, folder: Path) -> None:
    """Write the recording as a data set whose videos are a link to the recording's.

    Raises:
        InputError: If it is not such a recording.
    """
    videos = source / "videos"
    if not videos.is_dir():
        raise InputError(f"{source}: has no folder 'videos'; name the folder of the recording")
    height, width = read_video_facts(videos / "cam01.mp4").frame_size
    size = f"{width}x{height}"
    options = ["--fps", str(FPS), "--frame-size", size, "--action", "balancing"]
    poses = str(source / "pose-associated")
    if data_convert.main(["openpose", poses, "--out", str(folder), *options]):
        raise InputError(f"{poses}: cannot be read; see above")
    index = read_index(folder)
    index.sequences = [
        replace(
            entry,
            split="train" if entry.id.startswith(TRAINING) else "val",
            video=f"videos/{entry.id.removesuffix('_json')}.mp4",
        )
        for entry in index.sequences
    ]
    write_index(folder, index)
    link = folder / "videos"
    if not link.exists():
        link.symlink_to(videos.resolve(), target_is_directory=True)


def draw_samples(dataset: PoseSequenceDataset, number: int) -> list[list[dict]]:
    """Per draw and camera a window of 60 to 100 % at its own tempo."""
    cut = Compose(
        [TemporalTrim(min_ratio=0.6), TemporalWarp(max_log_speed=0.5, min_speed=0.7, max_speed=1.4)]
    )
    draws = []
    for draw in range(number):
        dataset.set_epoch(draw)
        draws.append([cut(dataset[camera]) for camera in range(len(dataset))])
    return draws


def to_case(first: dict, second: dict) -> Case:
    """Two samples as sequences, and where each frame of the second stands in the first."""
    sequences = [
        PoseSequence(
            keypoints=sample["keypoint"][0],
            scores=sample["keypoint_score"][0],
            frame_size=sample["img_shape"],
            fps=sample["fps"],
            skeleton=sample["skeleton"],
        )
        for sample in (first, second)
    ]
    instants = first["frame_inds"]
    frames = np.arange(len(instants))
    truth = np.interp(second["frame_inds"], instants, frames, left=-1, right=np.inf)
    return Case(sequences[0], sequences[1], truth)


def embed(network: LoadedAligner, sample: dict) -> np.ndarray:
    """Embeddings ``(T, D)`` of a sample."""
    return embed_clip(network.model, RawClip(sample, network.pipeline))["embedding"].numpy()


def print_errors(
    name: str, draws: list[list[dict]], features: Callable[[dict], np.ndarray]
) -> None:
    """Print the error of alignment by features, one line per method."""
    cases = [to_case(*draw) for draw in draws]
    embedded = {id(c): [features(s) for s in d] for c, d in zip(cases, draws, strict=True)}
    for method in METHODS:

        def run(case: Case, method: str = method) -> tuple[np.ndarray, np.ndarray]:
            first, second = embedded[id(case)]
            found = align_frames(first, second, FPS, method)
            # Like the clock, a path from end to end and the nearest frames answer for all frames.
            everywhere = np.ones_like(found.matched)
            return found.positions, found.matched if method == "subsequence" else everywhere

        print(f"{name:<10} {method:<12} {measure(cases, run)}", flush=True)


@guarded
def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("source", type=Path, metavar="DIR", help="folder of the recording")
    parser.add_argument("--work-dir", type=Path, required=True, help="data and checkpoints")
    parser.add_argument("--config", default=str(CONFIG), help="fused, with stages pose and rgb")
    parser.add_argument("--num", type=int, default=40, help="draws (default: %(default)s)")
    parser.add_argument(
        "--cfg-options", nargs="+", default=[], metavar="KEY=VALUE", help="as of tools/train.py"
    )
    args = parser.parse_args(argv)
    data, run = args.work_dir / "data", args.work_dir / "train"
    prepare(args.source, data)
    command = [args.config, "--data-root", str(data), "--work-dir", str(run), "--resume"]
    if args.cfg_options:
        command += ["--cfg-options", *args.cfg_options]
    if train.main(command):
        return 2
    draws = draw_samples(PoseSequenceDataset(str(data), split="val"), args.num)
    print(f"{args.num} draws\n{'way':<10} {'method':<12} median     p95  matched   (ms, ms, share)")
    for name, folder in (
        ("pose", run / "stage_pose"),
        ("RGB", run / "stage_rgb"),
        ("both", run),
    ):
        checkpoint = train.latest_checkpoint(folder)
        if checkpoint is None:
            raise InputError(f"{folder}: has no checkpoint; delete {run} and run this again")
        network = load_aligner(checkpoint)
        print_errors(name, draws, partial(embed, network))
    print_errors("raw pose", draws, lambda s: raw_pose(s["keypoint"][0], s["keypoint_score"][0]))
    print(f"{'clock':<23} {measure([to_case(*draw) for draw in draws], by_clock)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
