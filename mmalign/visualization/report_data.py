"""What the report's page is given of one aligned pair, as plain JSON values."""

from __future__ import annotations

import base64
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from matplotlib.colors import to_hex
from numpy.typing import NDArray

from mmalign.analysis.doubts import doubts
from mmalign.structures.alignment import AlignedPair, AlignedSequence, AlignmentResult
from mmalign.video.writer import Picture, write_video
from mmalign.visualization.aligned_video import place_over
from mmalign.visualization.figures import similarity_picture
from mmalign.visualization.panel import Panel
from mmalign.visualization.skeleton_drawing import joint_colours, limb_colours, phase_colour
from mmalign.visualization.timeline import MATCHED, Timeline, full_timeline

HEIGHT = 360
# Poses are sent as 16-bit integers: so many to a pixel of the panel.
_UNITS = 8
_CURVE_POINTS = 2000
_MATRIX_SIDE = 400


def pair_data(
    result: AlignmentResult, index: int, phases: Sequence[str], videos: bool, max_seconds: float
) -> dict[str, Any]:
    """Everything that the page shows of a pair but its deviations.

    Args:
        result: an alignment.
        index: which pair.
        phases: names of the phases.
        videos: whether to include pictures of the videos.
        max_seconds: longest playing time; the rest is left out.

    Returns:
        Plain values; per-tick lists have one entry per frame of the pair's timeline.
    """
    pair = result.pairs[index]
    whole = full_timeline(pair)
    timeline = whole.head(max(1, int(max_seconds * whole.fps)))
    sequences = [result.reference, result.others[index]]
    if not videos:
        sequences = [replace(sequence, video=None) for sequence in sequences]
    frames = [timeline.reference.round().astype(int), timeline.other.round().astype(int)]
    with ExitStack() as stack:
        panels = [Panel(sequence, HEIGHT, stack) for sequence in sequences]
        return {
            "fps": timeline.fps,
            "seconds": len(whole) / whole.fps,
            "kind": timeline.kind.tolist(),
            "repetition": timeline.repetition.tolist(),
            "confidence": _confidence(pair, timeline, frames[1]),
            "sides": [
                _side_data(panel, at, phases) for panel, at in zip(panels, frames, strict=True)
            ],
            "video": _video(panels, frames, timeline.fps),
            "ghost": _ghost(result, index, panels, timeline),
            "matrix": _matrix(pair),
            "curve": _curve(pair),
            "facts": [*pair_facts(pair, result.method), *_notes(sequences)],
            "same": pair.is_same_activity,
        }


def pair_facts(pair: AlignedPair, method: str) -> list[tuple[str, str]]:
    """What is said of a pair in a few words: names and values, for people."""
    matched = pair.matched
    covered = np.isfinite(pair.other_positions)
    verdict = {"same": "yes", "unclear": "unclear", "another": "probably not"}[pair.verdict]
    verdict += f" (score {pair.same_activity:.2f})"
    if method == "offset":
        return [
            ("Same moments", verdict),
            ("Offset", f"{round(pair.offset_seconds, 3) + 0.0:+.3f} s"),
            ("Other matched", f"{matched.mean():.0%}"),
            ("Reference matched", f"{covered.mean():.0%}"),
            ("Method", method),
        ]
    facts = [("Same activity", verdict)]
    if not matched.any():
        return [*facts, ("Method", method)]
    facts.append(("Executions found", str(len(pair.repetitions))))
    facts.append(("Other matched", f"{matched.mean():.0%}"))
    facts.append(("Reference matched", f"{covered.mean():.0%}"))
    span = pair.path[-1] - pair.path[0] if len(pair.path) else np.zeros(2)
    if span.min() > 0:
        tempo = span[0] / pair.reference_fps / (span[1] / pair.other_fps)
        facts.append(("Tempo", f"{tempo:.2f} × reference"))
    for name, speed, seconds in (
        ("Reference", pair.reference_speed, pair.reference_frames / pair.reference_fps),
        ("Other", pair.other_speed, pair.other_frames / pair.other_fps),
    ):
        if not speed.is_real_time:
            facts.append((f"{name}'s speed", speed.describe(seconds)))
    facts.append(("Mean confidence", f"{pair.confidence[matched].mean():.2f}"))
    facts.append(("Mirrored", "yes" if pair.mirrored else "no"))
    return [*facts, ("Method", method)]


def _notes(sequences: Sequence[AlignedSequence]) -> list[tuple[str, str]]:
    """What is doubtful about the two, as facts."""
    return [("Note", f"{one.name}: {text}") for one in sequences for text in doubts(one.poses)]


def _confidence(pair: AlignedPair, timeline: Timeline, frames: NDArray) -> list[float]:
    values = np.where(timeline.kind == MATCHED, pair.confidence[frames], 0.0)
    return values.round(3).tolist()


def _side_data(panel: Panel, frames: NDArray, phases: Sequence[str]) -> dict[str, Any]:
    """One side: its name, its poses in the panel's pixels, its phases."""
    poses, skeleton = panel.sequence.poses, panel.skeleton
    shown, index = np.unique(frames, return_inverse=True)
    points = panel.placement(poses.keypoints[shown]) * _UNITS
    return {
        "name": panel.sequence.name,
        "fps": poses.fps,
        "frames": poses.num_frames,
        "size": [panel.size[1], panel.size[0]],
        "frame": frames.tolist(),
        "index": index.tolist(),
        "joints": skeleton.num_joints,
        "limbs": [list(limb) for limb in skeleton.limbs],
        "limbColours": [to_hex(colour) for colour in limb_colours(skeleton)],
        "jointColours": [to_hex(colour) for colour in joint_colours(skeleton)],
        "points": _base64(points.round().clip(-32768, 32767).astype("<i2")),
        "scores": _base64((poses.scores[shown] * 255).round().astype(np.uint8)),
        "phases": [] if poses.labels is None else _runs(poses.labels[frames], phases),
    }


def _runs(labels: NDArray, phases: Sequence[str]) -> list[dict[str, Any]]:
    """Intervals of ticks with one phase."""
    bounds = [0, *(np.flatnonzero(np.diff(labels)) + 1).tolist(), len(labels)]
    runs = []
    for start, end in zip(bounds[:-1], bounds[1:], strict=True):
        phase = int(labels[start])
        if phase < 0:
            continue  # A frame of no phase: it has no counterpart in the labelled reference.
        name = phases[phase] if phase < len(phases) else f"phase {phase}"
        runs.append({"start": start, "end": end, "name": name, "colour": phase_colour(phase)})
    return runs


def _video(panels: list[Panel], frames: list[NDArray], fps: float) -> dict[str, Any] | None:
    """Both sides' pictures, tick by tick, as one MP4; where each is in it."""
    shown = [i for i, panel in enumerate(panels) if panel.sequence.video is not None]
    if not shown:
        return None

    def pictures() -> Iterator[Picture]:
        for tick in zip(*frames, strict=True):
            yield np.concatenate([panels[i].picture(tick[i], skeleton=False) for i in shown], 1)

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "pair.mp4")
        write_video(path, pictures(), fps, key_interval=8)
        content = base64.b64encode(path.read_bytes()).decode()
    lefts = {i: sum(panels[j].size[1] for j in shown if j < i) for i in shown}
    return {"content": content, "left": [lefts.get(i) for i in range(len(panels))]}


def _ghost(
    result: AlignmentResult, index: int, panels: list[Panel], timeline: Timeline
) -> list[float] | None:
    """Scale and shift from the other's panel to the reference's: ``[sx, sy, tx, ty]``."""
    over = place_over(result, index, timeline)
    if over is None:
        return None
    back, to = panels[1].placement, panels[0].placement
    corners = np.array([[0.0, 0.0], [1.0, 1.0]])
    moved = to(over((corners - np.array(back.shift)) / back.scale))
    return [*(moved[1] - moved[0]).tolist(), *moved[0].tolist()]


def _matrix(pair: AlignedPair) -> str | None:
    """The similarity matrix as a PNG, the first reference frame at the bottom."""
    if pair.similarity is None:
        return None
    shape = [min(side, _MATRIX_SIDE) for side in pair.similarity.shape]
    small = cv2.resize(pair.similarity, (shape[1], shape[0]), interpolation=cv2.INTER_AREA)
    picture = similarity_picture(small.astype(np.float32, copy=False))[::-1, :, ::-1]
    return base64.b64encode(
        cv2.imencode(".png", np.ascontiguousarray(picture))[1].tobytes()
    ).decode()


def _curve(pair: AlignedPair) -> list[list[float] | None]:
    """Points ``[frame of the other, place in the reference]``; None where a line ends."""
    frames = np.linspace(0, pair.other_frames - 1, min(pair.other_frames, _CURVE_POINTS))
    picked = np.unique(frames.round().astype(int))
    places = pair.positions[picked]
    points: list[list[float] | None] = []
    before = -1.0
    for frame, place in zip(picked.tolist(), places.tolist(), strict=True):
        if place < before:
            points.append(None)  # The next repetition begins.
        points.append(None if np.isnan(place) else [frame, round(place, 2)])
        before = place
    return points


def _base64(array: NDArray) -> str:
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()
