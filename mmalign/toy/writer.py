"""Writing toy data to disk in the form of a prepared data set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from mmalign.errors import InputError
from mmalign.fileio import atomic_write
from mmalign.poses.pose_file import write_pose_file
from mmalign.poses.pose_index import PoseIndex, SequenceEntry, write_index
from mmalign.toy.activities import get_activity
from mmalign.toy.generator import FPS, generate_dataset
from mmalign.toy.render import render_frames
from mmalign.toy.sequence import ToySequence
from mmalign.toy.tempo import LENGTH

SOURCE = "mmalign's toy generator"
FRAMES = (None, "video", "images")


def toy_entry(sequence: ToySequence, number: int) -> SequenceEntry:
    """What the index of a data set says of a generated sequence.

    Args:
        sequence: the sequence.
        number: its number within activity and split.

    Returns:
        The entry.
    """
    split = sequence.performer.split
    name = f"{sequence.activity}_{split}_{number:04d}"
    return SequenceEntry(
        id=name,
        file=f"poses/{name}.npz",
        split=split,
        action=sequence.activity,
        num_frames=sequence.num_frames,
        fps=sequence.fps,
        labelled=True,
        source=name,
    )


def _write_frames(out: Path, name: str, frames: np.ndarray, form: str) -> None:
    if form == "video":
        height, width = frames.shape[1:3]
        with atomic_write(out / "videos" / f"{name}.mp4") as temporary:
            code = cv2.VideoWriter.fourcc(*"mp4v")
            writer = cv2.VideoWriter(str(temporary), code, FPS, (width, height))
            for frame in frames:
                writer.write(frame[..., ::-1])
            writer.release()
        return
    folder = out / "frames" / name
    folder.mkdir(parents=True, exist_ok=True)
    for t, frame in enumerate(frames):
        cv2.imwrite(str(folder / f"{t:05d}.png"), frame[..., ::-1])


def write_dataset(
    out: str | Path,
    activities: Sequence[str] = ("lift",),
    num_train: int = 48,
    num_val: int = 24,
    seed: int = 0,
    frames: str | None = None,
    length: tuple[int, int] = LENGTH,
    noise: float = 1.0,
) -> PoseIndex:
    """Generate a data set and write it as a folder of pose files with an index.

    Args:
        out: the folder.
        activities: names of activities of one skeleton.
        num_train: number of training sequences per activity.
        num_val: number of validation sequences per activity.
        seed: seed of everything.
        frames: ``video`` for ``videos/ID.mp4``, ``images`` for ``frames/ID/00000.png`` and so on,
            None for poses alone.
        length: smallest and largest number of frames.
        noise: factor on detection noise and drop-outs.

    Returns:
        The index.

    Raises:
        InputError: a name or a number is not as above, or the folder cannot be written.
    """
    if frames not in FRAMES:
        raise InputError(f"frames: found {frames!r}, expected one of {FRAMES}")
    skeletons = {get_activity(name).figure.skeleton for name in activities}
    if len(skeletons) != 1:
        raise InputError(
            f"activities: found the skeletons {', '.join(sorted(skeletons)) or 'of none'},"
            " expected activities of one skeleton; write one data set for each"
        )
    index = PoseIndex(
        skeleton=skeletons.pop(),
        source=SOURCE,
        actions={name: {"phases": list(get_activity(name).phases)} for name in activities},
    )
    for name in activities:
        for split, number in (("train", num_train), ("val", num_val)):
            sequences = generate_dataset(name, number, split, seed, length=length, noise=noise)
            for i, sequence in enumerate(sequences):
                entry = toy_entry(sequence, i)
                write_pose_file(Path(out) / entry.file, sequence)
                if frames is not None:
                    where = f"videos/{entry.id}.mp4" if frames == "video" else f"frames/{entry.id}"
                    entry = replace(entry, video=where)
                    _write_frames(Path(out), entry.id, render_frames(sequence), frames)
                index.sequences.append(entry)
    write_index(out, index)
    return index
