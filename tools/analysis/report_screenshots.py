r"""Take the pictures of the HTML report that the documentation shows.

Two generated videos of different performers are aligned by a checkpoint, and the report's page is
photographed in a Chromium, at the width of a desk and of a phone. Needs the extra ``browser`` and a
Chromium in the path (Debian: apt install chromium).

Example: python tools/analysis/report_screenshots.py work_dirs/demo/epoch_30.pth --out docs/images
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from mmalign.analysis.deviation import find_deviations
from mmalign.analysis.phases import transfer_labels
from mmalign.apis import AlignedSequence, AlignmentInferencer
from mmalign.cli.guard import guarded
from mmalign.errors import InputError
from mmalign.fileio import atomic_write
from mmalign.poses.pose_file import PoseSequence
from mmalign.structures.alignment import AlignmentResult
from mmalign.toy import generate_dataset, get_activity, render_frames
from mmalign.video.writer import write_video
from mmalign.visualization.report import write_report

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# Name: width and height of the window in CSS pixels, pixels to each of them, a phone or not.
WINDOWS = {"report": (1280, 900, 1, False), "report_phone": (390, 844, 1, True)}


@guarded
def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkpoint", metavar="CHECKPOINT", help="trained on the toy activity")
    parser.add_argument("--activity", default="lift", help="(default: %(default)s)")
    parser.add_argument("--seed", type=int, default=7, help="of the clips (default: %(default)s)")
    parser.add_argument("--out", required=True, metavar="DIR", help="where the PNGs are written")
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        page = make_report(args.checkpoint, args.activity, args.seed, Path(folder))
        photograph(page, args.out)
    print("wrote", *(str(Path(args.out, f"{name}.png")) for name in WINDOWS))
    return 0


def make_report(checkpoint: str, activity: str, seed: int, folder: Path) -> Path:
    """Align two generated videos and write the report; the expert's phases are carried over."""
    inputs = []
    clips = generate_dataset(activity, 2, split="val", seed=seed)
    for name, clip in zip(("expert", "novice"), clips, strict=True):
        write_video(folder / f"{name}.mp4", render_frames(clip), clip.fps)
        poses = PoseSequence(
            clip.keypoints, clip.scores, clip.frame_size, clip.fps, clip.skeleton, clip.labels
        )
        inputs.append(AlignedSequence(name, poses, video=str(folder / f"{name}.mp4")))
    result = AlignmentInferencer(checkpoint)(*inputs)
    (novice,), (pair,) = result.others, result.pairs
    labels = result.reference.poses.labels
    assert labels is not None
    novice.poses.labels = transfer_labels(pair, labels)
    names = list(get_activity(activity).phases)
    found = find_deviations(pair, result.reference.poses, novice.poses, names)
    return write_report(
        AlignmentResult(result.reference, [novice], [pair], result.method), folder, [found], names
    )


def photograph(page: Path, out: str | Path) -> None:
    """Photograph the page in the middle of its alignment.

    Args:
        page: The report.
        out: The folder of the PNGs; made if missing.

    Raises:
        InputError: If Playwright or a Chromium is missing.
    """
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        raise InputError("playwright is missing; pip install -e '.[browser]'") from error
    if browser is None:
        raise InputError(f"none of {', '.join(BROWSERS)} is in the path; install Chromium")
    with sync_playwright() as driver:
        # A container's root may not use the browser's own sandbox.
        chromium = driver.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        for name, (width, height, scale, phone) in WINDOWS.items():
            context = chromium.new_context(
                viewport={"width": width, "height": height},
                device_scale_factor=scale,
                is_mobile=phone,
            )
            shown = context.new_page()
            shown.goto(page.as_uri())
            shown.wait_for_function("() => view.shown === 0")
            shown.evaluate("() => view.seek(Math.round(view.ticks * 0.55))")
            shown.wait_for_function(
                "() => view.shown > 0 && !view.clock.playing && !(view.film && view.film.seeking)"
            )
            with atomic_write(Path(out, f"{name}.png")) as temporary:
                temporary.write_bytes(shown.screenshot())
            context.close()
        chromium.close()


if __name__ == "__main__":
    raise SystemExit(main())
