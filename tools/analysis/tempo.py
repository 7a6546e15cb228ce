r"""How well speeds of videos are found, and what that is worth to their alignment.

Pairs of clips of one action are filmed anew: slowed by 2, 4 and 8, quickened by 2, or ramped (outer
quarters in real time, the middle slowed by 4 or 8, one to three seconds of standing at either end);
one of the two or both; then an estimator's mistakes are added. Printed per way to film: in how
many pairs a speed other than real time is found; the 10th, 50th and 90th percentile of the found
ratio over the true one, where one is found (the true one takes each clip to last equally long in
real time, which people do not quite keep); and the share of frames that get the right phase from
the other clip at the files' own speed, at the speeds found, and with both clips brought to one
length. A frame without a counterpart counts as wrong. "by 1.5" is in how many pairs whose lengths
differ by less than that a speed is found: with neither filmed anew, where there is none to find.

With --views, a data set of executions that two cameras saw at once (ID_cam0, ID_cam1): the median
and 90th percentile of the error in milliseconds, and the share of frames with a counterpart.

Example: python tools/analysis/tempo.py data/penn_action --views data/ui_prmd --out tempo.json
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mmalign.apis import AlignmentInferencer
from mmalign.apis.speeds import input_speeds
from mmalign.cli.guard import guarded
from mmalign.errors import InputError
from mmalign.experiments.speed_cases import SPEEDS, Filmed, estimated, film
from mmalign.fileio import write_json
from mmalign.functional.playback import REAL_TIME, PlaybackSpeed
from mmalign.poses.pose_file import PoseSequence, read_pose_file
from mmalign.poses.pose_index import read_index
from mmalign.poses.processing import resample_sequence
from mmalign.structures.alignment import AlignedSequence

SEED = 0
RATE = 30.0
"""Frames per second of the views."""
_SHORTEST = 20
_OWN_TEMPO = 1.5
WAYS = {
    "neither": [("real", "real")],
    "other": [("real", way) for way in SPEEDS if way != "real"],
    "reference": [(way, "real") for way in ("slow4", "slow8", "ramp8")],
    "both": [("slow4", "slow8"), ("slow8", "slow8"), ("ramp8", "slow4")],
}


@dataclass(frozen=True)
class Pair:
    """Two clips of one action, filmed anew.

    Attributes:
        reference: The one.
        other: The other.
        lengths: Seconds of both clips before.
    """

    reference: Filmed
    other: Filmed
    lengths: tuple[float, float]


def filmed_pairs(
    clips: dict[str, list[PoseSequence]], count: int, ways: tuple[str, str], clean: bool
) -> list[Pair]:
    """``count`` pairs of every action; the same clips whatever the ways to film them."""
    draw, rng = (np.random.default_rng(SEED + k) for k in range(2))
    pairs = []
    for some in clips.values():
        for _ in range(count):
            chosen = [some[i] for i in draw.choice(len(some), 2, replace=False)]
            made = []
            for clip, way in zip(chosen, ways, strict=True):
                one = film(clip, way, rng)
                poses = one.sequence if clean else estimated(one.sequence, rng)
                made.append(Filmed(poses, one.instants, one.speeds, one.moving))
            lengths = [clip.num_frames / clip.fps for clip in chosen]
            pairs.append(Pair(made[0], made[1], (lengths[0], lengths[1])))
    return pairs


def found_over_true(pair: Pair, speeds: Sequence[PlaybackSpeed]) -> float:
    """The found ratio over the true one: the median over the middle 40 % of the movement."""
    other, reference = pair.other, pair.reference
    share = other.instants / other.instants.max()
    asked = np.flatnonzero(other.moving & (share > 0.3) & (share < 0.7))
    share = share[asked]
    there = np.interp(share * reference.instants.max(), *_rising(reference)).astype(np.intp)
    seconds = [k / x.sequence.fps for k, x in ((there, reference), (asked, other))]
    found = speeds[1].at(seconds[1]) / speeds[0].at(seconds[0])
    true = other.speeds[asked] / reference.speeds[there] * pair.lengths[0] / pair.lengths[1]
    return float(np.median(found / true))


def _rising(filmed: Filmed) -> tuple[np.ndarray, np.ndarray]:
    frames = np.flatnonzero(filmed.moving)
    return filmed.instants[frames], frames


def right_phases(
    align: AlignmentInferencer, pair: Pair, speed: str | list[float] | None, method: str
) -> float:
    """Share of the frames of the other clip, as it was before, that get the right phase."""
    reference, other = pair.reference.sequence, pair.other.sequence
    assert reference.labels is not None and other.labels is not None
    positions = align(reference, other, method=method, speed=speed).pairs[0].positions
    nearest = np.rint(np.nan_to_num(positions)).astype(np.intp)
    given = np.where(np.isfinite(positions), reference.labels[nearest], -1)
    instants, frames = _rising(pair.other)
    wanted = np.arange(int(round(instants.max())) + 1)
    shown = frames[np.abs(instants - wanted[:, None]).argmin(axis=1)]
    return float((given[shown] == other.labels[shown]).mean())


def one_length(pair: Pair) -> list[float]:
    """Speeds by which both would last equally long."""
    seconds = [x.sequence.num_frames / x.sequence.fps for x in (pair.reference, pair.other)]
    return [1.0, float(np.clip(seconds[0] / seconds[1], 1 / 64, 64))]


def read_clips(root: str, labelled: bool) -> dict[str, list[PoseSequence]]:
    """Training clips of a prepared data set by action.

    Raises:
        InputError: If no action has two.
    """
    found: dict[str, list[PoseSequence]] = {}
    for entry in read_index(root).sequences:
        if entry.split == "train" and entry.num_frames >= _SHORTEST:
            if entry.labelled or not labelled:
                found.setdefault(entry.action, []).append(read_pose_file(Path(root, entry.file)))
    found = {action: some for action, some in sorted(found.items()) if len(some) > 1}
    if not found:
        raise InputError(f"{root}: no action has two training clips of {_SHORTEST} frames")
    return found


def score(pairs: Sequence[Pair]) -> dict[str, float]:
    """How often speeds are found, and how well."""
    ratios, near = [], []
    for pair in pairs:
        sequences = [AlignedSequence(n, x.sequence) for n, x in zip("ab", _both(pair), strict=True)]
        speeds = input_speeds(sequences, "auto", 0)
        told = any(one != REAL_TIME for one in speeds)
        ratios.append(found_over_true(pair, speeds) if told else np.nan)
        near.append(max(pair.lengths) < _OWN_TEMPO * min(pair.lengths))
    found = np.isfinite(ratios)
    quantiles = np.percentile(np.array(ratios)[found], [10, 50, 90]) if found.any() else [0.0] * 3
    return {
        "found": float(found.mean()),
        "by 1.5": float(found[near].mean()),
        **{f"{q} %": float(x) for q, x in zip((10, 50, 90), quantiles, strict=True)},
    }


def _both(pair: Pair) -> tuple[Filmed, Filmed]:
    return pair.reference, pair.other


def phases(align: AlignmentInferencer, pairs: Sequence[Pair], method: str) -> dict[str, float]:
    """Shares of right phases, mean over the pairs."""
    ways = {"file speed": lambda _: None, "speed found": lambda _: "auto", "one length": one_length}
    return {
        name: float(np.mean([right_phases(align, pair, speed(pair), method) for pair in pairs]))
        for name, speed in ways.items()
    }


def view_errors(align: AlignmentInferencer, root: str, way: str, method: str) -> dict[str, float]:
    """Errors between two cameras of one execution, the second of which films it another way."""
    rng = np.random.default_rng(SEED)
    errors: dict[str, list[np.ndarray]] = {"file speed": [], "speed found": []}
    moving = 0
    for entry in read_index(root).sequences:
        if entry.split != "val" or not entry.id.endswith("_cam0"):
            continue
        first, second = (
            resample_sequence(read_pose_file(Path(root, entry.file.replace("_cam0", name))), RATE)
            for name in ("_cam0", "_cam1")
        )
        filmed = film(second, way, rng)
        poses = [estimated(x, rng) for x in (first, filmed.sequence)]
        moving += int(filmed.moving.sum())
        for speed, some in zip((None, "auto"), errors.values(), strict=True):
            positions = align(*poses, method=method, speed=speed).pairs[0].positions
            error = np.abs(positions - filmed.instants)[filmed.moving] / RATE * 1000
            some.append(error[np.isfinite(error)])
    if not moving:
        raise InputError(f"{root}: no validation clip is called ID_cam0, expected pairs of cameras")
    figures: dict[str, float] = {}
    for name, some in errors.items():
        all_errors = np.concatenate(some)
        median, tail = np.percentile(all_errors, [50, 90]) if len(all_errors) else [np.nan] * 2
        figures |= {f"{name}, median": float(median), f"{name}, 90 %": float(tail)}
        figures[f"{name}, matched"] = len(all_errors) / moving
    return figures


def print_row(name: str, row: dict[str, float]) -> None:
    """Print a line of figures."""
    shown = (f"{key} {value:.{0 if value >= 10 else 3}f}" for key, value in row.items())
    print(f"{name:24}" + "  ".join(shown), flush=True)


@guarded
def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data_root", metavar="DATA", help="a prepared data set of bodies")
    parser.add_argument("--views", metavar="DATA", help="a prepared data set of two cameras")
    parser.add_argument(
        "--pairs", type=int, default=4, help="of an action, 0 for none (default: %(default)s)"
    )
    parser.add_argument("--checkpoint", default="none", help="see mmalign align (default: none)")
    parser.add_argument("--method", default="open", help="likewise (default: %(default)s)")
    parser.add_argument("--clean", action="store_true", help="without an estimator's mistakes")
    parser.add_argument("--out", metavar="FILE", help="write the figures as JSON")
    args = parser.parse_args(argv)
    every, labelled = (
        read_clips(args.data_root, only) if args.pairs else {} for only in (False, True)
    )
    align = AlignmentInferencer(args.checkpoint)
    figures = {}
    print(f"{len(every)} actions, {args.pairs} pairs each; phases of {', '.join(labelled)}")
    for filmed, cases in WAYS.items() if args.pairs else ():
        for ways in cases:
            row = score(filmed_pairs(every, args.pairs, ways, args.clean))
            some = filmed_pairs(labelled, args.pairs, ways, args.clean)
            row |= phases(align, some, args.method)
            name = f"{filmed}: {', '.join(dict.fromkeys(w for w in ways if w != 'real'))}"
            figures[name] = row
            print_row(name, row)
    for way in SPEEDS if args.views else ():
        figures[f"views: {way}"] = view_errors(align, args.views, way, args.method)
        print_row(f"views: {way}", figures[f"views: {way}"])
    if args.out:
        write_json(args.out, figures)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
