r"""Time pose extraction against a plain loop over MMPoseInferencer: same video, networks, threads.

Both sides draw nothing and write nothing. Seconds of the clock and of the process's CPU, split into
decoding, detector and pose network; with extraction, decoding is what the networks wait for, as a
thread decodes ahead. The keypoints of both are compared on the boxes of the loop.

Example: python tools/benchmark/extract_poses.py --video clip.mp4 --model pose.py \
    --checkpoint pose.pth --detector detector.py --detector-checkpoint detector.pth
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mmalign.cli.guard import guarded
from mmalign.compat.openmmlab_checkpoint import plain_openmmlab_content
from mmalign.extraction.backends.catalogue import build_backend
from mmalign.extraction.backends.mmpose import MMPoseBackend
from mmalign.extraction.estimation import Estimation, estimate_people
from mmalign.fileio import atomic_write
from mmalign.video.ahead import decoded_ahead
from mmalign.video.facts import read_video_facts


class Watch:
    """Adds up the seconds that pass in the functions it is put round."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def around(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """``function``, timed under ``name``."""

        def timed(*args: Any, **kwargs: Any) -> Any:
            begin = time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                spent = time.perf_counter() - begin
                self.seconds[name] = self.seconds.get(name, 0.0) + spent

        return timed

    @contextmanager
    def whole(self, frames: int) -> Iterator[dict[str, float]]:
        """Time what runs in the context; afterwards the result holds the figures."""
        self.seconds, result = {}, dict[str, float]()
        wall, cpu = time.perf_counter(), time.process_time()
        yield result
        result["seconds"] = time.perf_counter() - wall
        result["CPU seconds"] = time.process_time() - cpu
        result["frames per second"] = frames / result["seconds"]
        result["frames per CPU second"] = frames / result["CPU seconds"]
        result |= {f"seconds of {name}": value for name, value in self.seconds.items()}


def plain_loop(args: argparse.Namespace, detector: bool, frames: int) -> tuple[Any, Any]:
    """MMPoseInferencer on the video; its figures and what it predicts per frame."""
    import mmcv
    from mmengine.registry import DefaultScope
    from mmpose.apis import MMPoseInferencer

    with DefaultScope.overwrite_default_scope("mmpose"), plain_openmmlab_content():
        inferencer = MMPoseInferencer(
            pose2d=args.model,
            pose2d_weights=args.checkpoint,
            det_model=args.detector if detector else "whole_image",
            det_weights=args.detector_checkpoint if detector else None,
            det_cat_ids=[0],
            device="cpu",
        )
    watch = Watch()
    inner = inferencer.inferencer
    # Its network is timed with what surrounds it, as the rest of the loop's seconds.
    if detector:
        inner.detector = watch.around("detector", inner.detector)
    read = mmcv.VideoReader.read
    mmcv.VideoReader.read = watch.around("decoding", read)
    try:
        with DefaultScope.overwrite_default_scope("mmpose"), watch.whole(frames) as result:
            results = list(inferencer(str(args.video), return_datasamples=True))
    finally:
        mmcv.VideoReader.read = read
    result["seconds of pose"] = result["seconds"] - sum(watch.seconds.values())
    return result, [frame["predictions"][0].pred_instances for frame in results]


def extraction(
    args: argparse.Namespace, backend: MMPoseBackend, every: int, frames: int
) -> dict[str, float]:
    """The extraction's figures."""
    watch = Watch()
    detect, estimate = backend.detect, backend.estimate
    backend.detect = watch.around("detector", detect)  # type: ignore[method-assign]
    backend.estimate = watch.around("pose", estimate)  # type: ignore[method-assign]
    with watch.whole(frames) as result:
        facts = read_video_facts(args.video)
        wanted = facts.frames_at(None)
        with decoded_ahead(facts, wanted, args.threads) as pictures:
            how = Estimation(every, batch_size=args.batch_size)
            estimate_people(pictures, len(wanted), backend, how, str(args.video))
    result["seconds of decoding"] = result["seconds"] - sum(watch.seconds.values())
    backend.detect, backend.estimate = detect, estimate  # type: ignore[method-assign]
    return result


def largest_difference(args: argparse.Namespace, backend: MMPoseBackend, people: Any) -> float:
    """Largest distance in pixels between the keypoints of both, in the boxes of the loop."""
    import mmcv

    # The same decoder on both sides: this is about the networks.
    pictures = list(mmcv.VideoReader(str(args.video)))
    found = backend.estimate(pictures, [instances.bboxes for instances in people])
    return max(
        float(np.abs(mine[..., :2] - instances.keypoints).max())
        for mine, instances in zip(found, people, strict=True)
    )


@guarded
def main(argv: Sequence[str] | None = None) -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--video", type=Path, required=True)
    parser.add_argument("--model", required=True, help="config file or name in MMPose's index")
    parser.add_argument("--checkpoint", required=True)
    parser.add_argument("--detector", required=True, help="config file or name in an index")
    parser.add_argument("--detector-checkpoint", required=True)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--repeats", type=int, default=3, help="of each; the quickest counts")
    parser.add_argument("--out", type=Path, help="JSON file for the figures")
    args = parser.parse_args(argv)
    backend = build_backend(
        "mmpose",
        args.model,
        args.checkpoint,
        args.detector,
        args.detector_checkpoint,
        batch_size=args.batch_size,
        threads=args.threads,
    )
    assert isinstance(backend, MMPoseBackend)
    torch.set_num_threads(args.threads)
    frames = len(read_video_facts(args.video).times)
    results: dict[str, Any] = {"frames": frames, "threads": args.threads}
    variants = [(True, 1), (True, 5), (False, 1)]
    loops: dict[bool, Any] = {}
    for with_detector, every in variants:
        name = f"detector in every {every}. frame" if with_detector else "without a detector"
        backend.has_detector = with_detector
        runs, mine = [], []
        # Turn by turn, so that what else the machine does meets both alike.
        for _ in range(args.repeats):
            runs.append(plain_loop(args, with_detector, frames))
            mine.append(extraction(args, backend, every, frames))
        plain = min((run for run, _ in runs), key=lambda run: run["CPU seconds"])
        quick = min(mine, key=lambda run: run["CPU seconds"])
        loops[with_detector] = runs[0][1]
        results[name] = {
            "MMPoseInferencer": plain,
            "extraction": quick,
            "times the throughput": plain["seconds"] / quick["seconds"],
            "times the throughput per CPU second": plain["CPU seconds"] / quick["CPU seconds"],
        }
    for with_detector, people in loops.items():
        name = "boxes of the detector" if with_detector else "whole frames"
        results[f"largest difference in pixels, {name}"] = largest_difference(args, backend, people)
    text = json.dumps(results, indent=2)
    print(text)
    if args.out:
        with atomic_write(args.out) as temporary:
            temporary.write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
