"""Penn Action's annotation files, one ``.mat`` per video.

Zhang et al., From Actemes to Action, ICCV 2013.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mmalign.errors import InputError
from mmalign.formats.benchmarks.mat_file import read_mat
from mmalign.poses.pose_file import PoseSequence

SKELETON = "penn13"
NOMINAL_FPS = 20.0
"""Penn Action states no frame rate; this one is a convention."""

_VARIABLES = ("action", "pose", "x", "y", "visibility", "train", "bbox", "dimensions")

# The annotation files say the left name, the benchmark's phase labels the right one.
ACTION_ALIASES = {"bowl": "bowling", "pullup": "pullups", "pushup": "pushups", "squat": "squats"}


def canonical_action(name: str) -> str:
    """The benchmark's name of an action, for either spelling of it."""
    return ACTION_ALIASES.get(name, name)


def list_files(folder: Path, suffix: str) -> list[Path]:
    """The files of a folder with a suffix, by name; none if there is no folder.

    Hidden ones, such as macOS leaves beside what it unpacks, are left out.

    Raises:
        InputError: If the folder cannot be listed.
    """
    try:
        return sorted(
            path
            for path in (folder.iterdir() if folder.is_dir() else ())
            if path.suffix == suffix and not path.name.startswith(".")
        )
    except OSError as error:
        raise not_allowed(folder, error) from error


def not_allowed(path: Path, error: OSError) -> InputError:
    """The error to raise where the system refuses to read, which is no damage."""
    return InputError(f"{path}: cannot be read ({error.strerror}); see that you may read it")


ABSENT_BELOW = 2.0
"""Invisible joints with both coordinates below this, in pixels, are absent."""


@dataclass
class Annotation:
    """One video's ``.mat`` file.

    Attributes:
        video: The file's name without suffix, such as ``0789``.
        action: The action by its benchmark name.
        split: ``train`` or ``val``.
        viewpoint: ``front``, ``back``, ``left`` or ``right``: where the camera stands.
        xy: ``(T, 13, 2)`` float64 pixels as annotated.
        visible: ``(T, 13)`` bool.
        frame_size: ``(h, w)``.
        integer_coordinates: Whether the file stores coordinates as unsigned integers.
        short_bbox: Whether its ``bbox`` has fewer rows than there are frames. Boxes are not used.
    """

    video: str
    action: str
    split: str
    viewpoint: str
    xy: np.ndarray
    visible: np.ndarray
    frame_size: tuple[int, int]
    integer_coordinates: bool
    short_bbox: bool

    @property
    def absent(self) -> np.ndarray:
        """``(T, 13)`` bool: joints without a position.

        They are written as invisible at (1, 1) or less, or, in videos that were annotated at
        another size, where that came to lie when the joints were scaled: at (s, s), s up to 1.53.
        No invisible joint that has a position is within ten pixels of there.
        """
        return ~self.visible & (self.xy < ABSENT_BELOW).all(axis=-1)

    def to_sequence(self, labels: np.ndarray | None, occluded_score: float) -> PoseSequence:
        """Make a pose sequence of it, cut to its labelled frames.

        Args:
            labels: ``(T',)`` phases, or None. With fewer labels than frames the sequence ends with
                the last label; labels past the last frame are dropped.
            occluded_score: Score of joints that are invisible but have an annotated position.
                Visible ones have 1, absent ones 0.

        Raises:
            InputError: If no joint is left anywhere.
        """
        frames = len(self.xy) if labels is None else min(len(self.xy), len(labels))
        scores = np.where(self.visible, 1.0, occluded_score)
        scores[self.absent] = 0.0
        sequence = PoseSequence(
            keypoints=self.xy[:frames],
            scores=scores[:frames],
            frame_size=self.frame_size,
            fps=NOMINAL_FPS,
            skeleton=SKELETON,
            labels=None if labels is None else labels[:frames],
        )
        return sequence.validate(f"Penn Action, labels/{self.video}.mat")


def read_annotation(path: str | Path) -> Annotation:
    """Read one ``labels/NNNN.mat``.

    Coordinates are cast to float before anything else: 131 of the 2326 files hold unsigned
    integers, whose differences would wrap round.

    Raises:
        InputError: If the file is missing, damaged, or its arrays do not fit together.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(
            f"{path}: no such annotation file; unpack Penn Action's labels/ completely"
        )
    try:
        content = read_mat(path, _VARIABLES)
    except OSError as error:
        raise not_allowed(path, error) from error
    except InputError:
        raise
    except ValueError as error:
        raise _unreadable(path, str(error)) from error
    try:
        x, y = content["x"], content["y"]
        xy = np.stack([x.astype(np.float64), y.astype(np.float64)], axis=-1)
        visible = content["visibility"]
        if not np.isin(visible, (0, 1)).all():
            raise ValueError("visibility other than 0 and 1")
        visible = visible.astype(bool)
        side = int(content["train"].item())
        if side not in (1, -1):
            raise ValueError(f"train is {side}, expected 1 or -1")
        height, width = (int(v) for v in np.ravel(content["dimensions"])[:2])
        annotation = Annotation(
            video=path.stem,
            action=canonical_action(str(content["action"].item())),
            split="train" if side == 1 else "val",
            viewpoint=str(content["pose"].item()),
            xy=xy,
            visible=visible,
            frame_size=(height, width),
            integer_coordinates=x.dtype.kind in "iu" or y.dtype.kind in "iu",
            short_bbox=len(content["bbox"]) < len(xy),
        )
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise _unreadable(path, f"{type(error).__name__}: {error}") from error
    if xy.ndim != 3 or xy.shape[1] != 13 or visible.shape != xy.shape[:2]:
        raise _unreadable(path, f"x, y of shape {x.shape}, visibility of {visible.shape}")
    return annotation


def _unreadable(path: Path, found: str) -> InputError:
    return InputError(
        f"{path}: not a readable Penn Action annotation ({found}); expected a .mat with action, "
        "pose, x, y, visibility (T, 13), train, bbox, dimensions; unpack labels/ again"
    )
