"""Poses of videos as a data set: ``mmalign extract-poses`` and ``tools/extract_poses.py``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import Progress as Bar
from rich.progress import TextColumn

from mmalign.cli.guard import guarded
from mmalign.cli.locking import alone_in
from mmalign.extraction.annotations import Annotations, read_annotations
from mmalign.extraction.folder_run import (
    FAILURES_NAME,
    QUALITY_NAME,
    Outcome,
    begin,
    collect,
    work_on,
)
from mmalign.extraction.jobs import Job, Placement, list_jobs
from mmalign.extraction.options import (
    add_extraction_arguments,
    extractor_from,
    settings_of,
    settle_backend,
)
from mmalign.extraction.overlay import Overlay
from mmalign.extraction.painters import MMPosePainter, paint
from mmalign.extraction.people_sources import Progress
from mmalign.extraction.processes import LAUNCHERS, joined_processes
from mmalign.poses.pose_index import SPLITS

EXAMPLES = """\
examples:
  every video of a folder:      %(prog)s VIDEOS --out data/mine --det-every 5
  by networks of MMPose:        %(prog)s VIDEOS --out data/mine --model rtmpose-m \\
                                    --detector rtmdet-m
  by ONNX files:                %(prog)s VIDEOS --out data/mine --model rtmpose.onnx \\
                                    --detector yolox.onnx
  poses of another tool:        %(prog)s VIDEOS --out data/mine --backend file \\
                                    --poses openpose_json --format openpose
  go on with a run that was cut: %(prog)s VIDEOS --out data/mine --resume [same options]
  on two processes:             tools/dist_extract.sh 2 VIDEOS --out data/mine [options]

VIDEOS are files, or folders sorted into [SPLIT/][ACTION/]VIDEO as far as wanted. What fails is
listed in DIR/failures.json and the exit status is 1; the rest is done.
"""


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the command's arguments."""
    parser = argparse.ArgumentParser(
        prog="mmalign extract-poses",
        description="Turn videos into a data set of poses.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("videos", nargs="+", metavar="VIDEOS", help="files and folders")
    parser.add_argument("--out", required=True, metavar="DIR", help="the data set's folder")
    parser.add_argument(
        "--resume", action="store_true", help="leave alone what is done with the same options"
    )
    parser.add_argument(
        "--show-dir", metavar="DIR", help="draw a video with the poses, and a sheet, of each video"
    )
    parser.add_argument(
        "--launcher", choices=LAUNCHERS, default="none",
        help="how several processes were started (tools/dist_extract.sh sets it)",
    )  # fmt: skip
    add_extraction_arguments(parser)
    place = parser.add_argument_group("split, action and phases of the videos")
    place.add_argument(
        "--annotations", metavar="FILE",
        help="CSV with the columns video, split, action, labels, or JSON",
    )  # fmt: skip
    place.add_argument("--action", help="the activity (default: the folder's name)")
    place.add_argument(
        "--split", choices=SPLITS, default="train", help="of videos that are in no such folder"
    )
    place.add_argument(
        "--val-share", type=float, default=0.0, metavar="P", help="share of them put in val"
    )
    return parser


@guarded
def main(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    Returns:
        0; 1 when videos failed; 2, with a line on stderr, when an option cannot be used.
    """
    args = build_parser().parse_args(argv)
    annotations = read_annotations(args.annotations) if args.annotations else Annotations()
    jobs = list_jobs(args.videos, Placement(args.split, args.action, args.val_share), annotations)
    out = Path(args.out)
    with joined_processes(args.launcher) as process:
        args.device = process.device(args.device)
        taken = settle_backend(args)
        if taken is not None and process.rank == 0:
            print(taken, file=sys.stderr)
        extractor = extractor_from(args)
        with alone_in(out, args.launcher):
            begin(out)
            share = jobs[process.rank :: process.count]
            with _shown(len(share), process.rank == 0) as progress:
                show = _overlay(args)
                work_on(share, extractor, out, settings_of(args), args.resume, show, progress)
            process.wait()
            if process.rank:
                return 0
            outcome = collect(jobs, out, annotations.phases)
    report(outcome, out)
    return 1 if outcome.failures else 0


def _overlay(args: argparse.Namespace) -> Overlay | None:
    """What draws, where that is asked for: MMPose's own visualizer for its poses."""
    if args.show_dir is None:
        return None
    return Overlay(args.show_dir, MMPosePainter() if args.backend == "mmpose" else paint)


@contextmanager
def _shown(count: int, visible: bool) -> Iterator[Callable[[Job], Progress]]:
    """A progress bar over the videos that also says which one is worked on and how far it is."""
    note = TextColumn("{task.fields[note]}", markup=False)
    console = Console(stderr=True)
    with Bar(*Bar.get_default_columns(), note, console=console, disable=not visible) as bar:
        task = bar.add_task("videos", total=count, note="")
        begun = 0

        def start(job: Job) -> Progress:
            nonlocal begun
            bar.update(task, completed=begun, note=job.name)
            begun += 1
            frames = 0

            def advance(done: int) -> None:
                nonlocal frames
                frames += done
                bar.update(task, note=f"{job.name}: {frames} frames")

            return advance

        yield start
        bar.update(task, completed=count, note="")


def report(outcome: Outcome, out: Path) -> None:
    """Print what came out."""
    quality = outcome.quality.values()
    doubtful = sum(q["performer"] < 0.5 or q["jumps"] > 0 for q in quality)
    print(f"{len(quality)} sequences in {out}, of skeleton {outcome.index.skeleton or '-'}")
    put_right = [q["sides_put_right"] for q in quality if q["sides_put_right"]]
    if put_right:
        print(
            f"left and right were put right in {sum(put_right)} frames of {len(put_right)}"
            " sequences; --repair off leaves them as they were found"
        )
    if doubtful:
        print(f"{doubtful} of them jump, or lack the performer in half of their frames;", end=" ")
        print(f"see {out / QUALITY_NAME}")
    if outcome.failures:
        print(f"{len(outcome.failures)} videos failed: {out / FAILURES_NAME}")


if __name__ == "__main__":
    raise SystemExit(main())
