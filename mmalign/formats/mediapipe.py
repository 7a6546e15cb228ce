"""MediaPipe's landmarks, as scripts save them: JSON or CSV, one file per clip.

JSON: a list with one entry per frame, or an object with that list under ``frames`` and, if wanted,
``width``, ``height`` and ``fps``. A frame is what the solutions and tasks return:
``pose_landmarks``, ``hand_landmarks`` with ``handedness``, ``left_hand_landmarks`` and
``right_hand_landmarks`` (camel case, too), with its number as ``frame`` where not every frame is
there; or the bare list of landmarks, or null. A landmark is ``{"x", "y", "z", "visibility"}`` or
``[x, y, z, visibility]``.

CSV: the tables of :mod:`.csv_poses`, such as ``frame, landmark, x, y, visibility`` with a row per
landmark, or a row per frame with ``x0, y0, visibility0, …`` or ``NOSE_x, NOSE_y, …``.

Positions are shares of the frame, so its size is needed; a table may have pixels. A landmark of a
pose scores its visibility, those of a hand score 1: MediaPipe gives them none.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from mmalign.errors import InputError
from mmalign.formats.mediapipe_landmarks import hand_side, landmark_lists
from mmalign.formats.people_reader import PeopleReader
from mmalign.formats.recordings import (
    Recording,
    first_number,
    frame_positions,
    gather,
    read_json,
    stated_rate,
    stated_size,
)
from mmalign.formats.sources import Source
from mmalign.formats.table_poses import read_table_poses

_ANY = ("handlandmarks", "multihandlandmarks", "landmarks")
_NUMBER = ("frame", "framenumber", "frameid", "frameindex", "frameidx")
_SIDES = ("lefthandlandmarks", "righthandlandmarks")


class MediaPipeReader(PeopleReader):
    """MediaPipe's pose (33 landmarks) and hand (21) landmarks.

    Hands with a side become ``hands42``, the left one first, or each a sequence for
    ``--skeleton hand21``. Where a frame has a pose and hands, the pose is taken unless the
    skeleton is one of hands.

    Args:
        src: File or folder.
        swap_hands: Change left and right: older releases label hands for a mirrored image.
        **options: See :class:`.PeopleReader`.
    """

    name = "mediapipe"
    description = "MediaPipe: landmarks of poses or hands in JSON or CSV (needs --frame-size)"
    suffixes = (".json", ".csv", ".tsv")
    in_shares = True

    def __init__(self, src: str | Path, swap_hands: bool = False, **options: Any) -> None:
        self.swap_hands = swap_hands
        super().__init__(src, **options)

    @classmethod
    def add_arguments(cls, parser: argparse.ArgumentParser) -> None:
        """Declare the swap of hands."""
        super().add_arguments(parser)
        parser.add_argument(
            "--swap-hands", action="store_true", help="left is right: hands of a mirrored image"
        )

    def load(self, source: Source) -> Recording:
        """Read one file."""
        path = source.paths[0]
        if path.name.endswith((".csv", ".tsv")):
            return read_table_poses(path, self.chosen_skeleton, self.first_frame, landmarks=True)
        content: Any = read_json(path)
        content = content if isinstance(content, dict) else {"frames": content}
        if not isinstance(content.get("frames"), list):
            raise InputError(f"{path}: has no list of frames; save a list, one entry per frame")
        frames = [
            self._people(frame, f"{path}, frame {i}") for i, frame in enumerate(content["frames"])
        ]
        stated = content.get("height"), content.get("width")
        size = stated_size(stated, str(path)) if None not in stated else None
        # What MediaPipe follows itself is one person, however far it jumps: a single pose, and
        # both hands of a frame.
        alone = all(len(frame) < 2 for frame in frames)
        start, counts = None, Counter[str]()
        if (numbers := _numbers(content["frames"])) is not None:
            start = self.first_frame
            start = first_number(numbers, None, counts) if start is None else start
            positions, count = frame_positions(numbers, str(path), start)
            start = min(numbers) - int(positions.min())
            listed, frames = frames, [[] for _ in range(count)]
            for position, people_there in zip(positions, listed, strict=True):
                frames[position] = people_there
        people = gather(frames, source.name, [[0] * len(f) for f in frames] if alone else None)
        rate = stated_rate(content.get("fps"), str(path))
        return Recording(people, size, rate, shares=True, start=start, counts=counts)

    def _people(self, frame: Any, source: str) -> list[np.ndarray]:
        """Poses, both hands together, or each hand, of one frame of a JSON file."""
        if frame is None:
            return []
        if not isinstance(frame, dict) or "landmark" in frame:
            return landmark_lists(frame, source)
        # landmarks, pose_landmarks and poseLandmarks are the same to us.
        frame = {key.replace("_", "").lower(): value for key, value in frame.items()}
        if self.chosen_skeleton not in ("hand21", "hands42") and "poselandmarks" in frame:
            return landmark_lists(frame["poselandmarks"], source)
        several = landmark_lists(next((frame[k] for k in _ANY if k in frame), None), source)
        if any(key in frame for key in _SIDES):
            hands = [
                (side, hand)
                for side, key in enumerate(_SIDES)
                for hand in landmark_lists(frame.get(key), source)
            ]
        elif handedness := frame.get("handedness", frame.get("multihandedness")):
            if not isinstance(handedness, list) or len(handedness) != len(several):
                raise InputError(f"{source}: handedness is not one per hand; save both lists whole")
            hands = list(zip((hand_side(h, source) for h in handedness), several, strict=True))
        else:
            return several
        if self.chosen_skeleton == "hand21" or not hands:
            return [hand for _, hand in hands]
        both = np.zeros((2, 21, 3))
        for side, hand in reversed(hands):
            if hand.shape != (21, 3):
                raise InputError(f"{source}: a hand of {len(hand)} landmarks, expected 21; mend it")
            both[side ^ self.swap_hands] = hand
        return [both.reshape(42, 3)]


def _numbers(frames: list[Any]) -> list[int] | None:
    """The numbers of frames that say theirs, all different; else None."""
    numbers: list[Any] = []
    for frame in frames:
        plain = {k.replace("_", "").lower(): v for k, v in frame.items()} if isinstance(
            frame, dict
        ) else {}  # fmt: skip
        numbers.append(next((plain[key] for key in _NUMBER if key in plain), None))
    good = bool(numbers) and all(type(number) is int for number in numbers)
    return numbers if good and len(set(numbers)) == len(numbers) else None
