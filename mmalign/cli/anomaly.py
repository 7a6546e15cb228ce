"""Compare sequences with normal ones: ``mmalign anomaly``."""

from __future__ import annotations

import argparse
import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mmalign.cli.guard import guarded
from mmalign.cli.inputs import add_network_arguments
from mmalign.errors import InputError
from mmalign.fileio import atomic_write, write_json

if TYPE_CHECKING:  # It imports torch, which takes a second.
    from mmalign.analysis.anomaly import AnomalyScore

EXAMPLES = """\
examples:
  with 30 normal takes:    %(prog)s new_*.npz --normal normal_*.npz --checkpoint CKPT --out DIR
  calibrated on others:    %(prog)s new.npz --normal a_*.npz --held-out b_*.npz \\
                               --false-alarms 0.1 --checkpoint CKPT --out DIR

Every sequence shows one whole execution of the activity that the checkpoint was trained on; cut
longer ones by the repetitions that `mmalign align` finds. Held-out sequences should be by other
people than the normal ones, as the new ones will be.
"""


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the command's arguments."""
    parser = argparse.ArgumentParser(
        prog="mmalign anomaly",
        description="Score sequences by how unlike normal ones they are: other movements, another"
        " order, steps left out, done twice or too slowly. Writes anomaly.json (per sequence) and"
        " anomaly.csv (per frame).",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("inputs", nargs="+", metavar="INPUT", help="pose files (.npz) or videos to be scored")
    add("--normal", nargs="+", required=True, metavar="FILE", help="normal sequences")
    add(
        "--held-out",
        nargs="+",
        metavar="FILE",
        help="further normal sequences, for the threshold (default: the second half of --normal)",
    )
    add(
        "--false-alarms",
        type=float,
        default=0.05,
        metavar="RATE",
        help="accepted share of normal sequences that are taken for anomalies; 0.05 needs 19"
        " held-out sequences, 0.1 needs 9 (default: %(default)s)",
    )
    add_network_arguments(parser)
    add("--out", required=True, metavar="DIR", help="where to write")
    return parser


@guarded
def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    args = build_parser().parse_args(argv)
    normal, held_out = args.normal, args.held_out
    if held_out is None:
        half = (len(normal) + 1) // 2
        normal, held_out = normal[:half], normal[half:]
    needed = 1 / args.false_alarms - 1 if args.false_alarms > 0 else 0
    if len(held_out) < needed - 1e-9:
        raise InputError(
            f"--false-alarms {args.false_alarms:g}: found {len(held_out)} held-out sequences,"
            f" expected at least {needed:.0f}; add some or accept a higher rate"
        )
    # After the arguments are known to be good: these import torch.
    from rich.console import Console
    from rich.progress import track

    from mmalign.analysis.anomaly import AnomalyDetector
    from mmalign.apis.embedder import Embedder
    from mmalign.apis.inputs import fit_skeletons, read_inputs
    from mmalign.apis.loading import load_aligner
    from mmalign.visualization.anomaly_figure import draw_anomalies

    aligner = load_aligner(args.checkpoint, args.config, args.device)
    aligner.check_action(args.action)
    groups = [
        fit_skeletons(read_inputs(sources, skeleton=aligner.skeleton), aligner.skeleton)
        for sources in (normal, held_out, args.inputs)
    ]
    embed = Embedder(aligner, args.action)
    fps = aligner.common_rate(one.poses.fps for group in groups for one in group)
    embeddings = [
        [
            embed(one.poses, fps)
            for one in track(group, "embedding", console=Console(stderr=True), transient=True)
        ]
        for group in groups
    ]
    detector = AnomalyDetector(embeddings[0], fps)
    detector.calibrate(embeddings[1], args.false_alarms)
    found = {
        one.name: detector(embedding)
        for one, embedding in zip(groups[2], embeddings[2], strict=True)
    }
    write_scores(found, fps, args.out)
    with atomic_write(Path(args.out, "anomaly.png")) as temporary:
        draw_anomalies(found, fps).savefig(temporary, dpi=110)
    for name, score in found.items():
        verdict = f"ANOMALY, worst at {score.worst_frame / fps:.2f} s"
        print(f"{name}: {score.score:.2f} ({verdict if score.is_anomaly else 'normal'})")
    print(f"threshold {detector.threshold:.2f}; wrote {Path(args.out)}")
    return 0


def write_scores(found: Mapping[str, AnomalyScore], fps: float, out: str | Path) -> None:
    """Write ``anomaly.json`` and ``anomaly.csv``.

    Args:
        found: Per name its score.
        fps: Frames per second of the scores.
        out: The folder; made if missing.
    """
    rows = [
        {
            "name": name,
            "score": round(score.score, 4),
            "threshold": round(score.threshold, 4),
            "is_anomaly": score.is_anomaly,
            "worst_seconds": round(score.worst_frame / fps, 3),
            "distance": round(float(score.distance.max()), 4),
            "tempo": round(float(score.tempo.max()), 4),
        }
        for name, score in found.items()
    ]
    write_json(Path(out, "anomaly.json"), rows)
    with atomic_write(Path(out, "anomaly.csv")) as temporary:
        with temporary.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(("name", "seconds", "distance", "tempo"))
            for name, score in found.items():
                for frame, parts in enumerate(zip(score.distance, score.tempo, strict=True)):
                    writer.writerow((name, f"{frame / fps:.4f}", *(f"{x:.4f}" for x in parts)))


if __name__ == "__main__":
    raise SystemExit(main())
