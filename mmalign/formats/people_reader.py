"""What the readers of detectors' formats share: options, names of clips, the choice of a person."""

from __future__ import annotations

import argparse
import math
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np

from mmalign.errors import InputError
from mmalign.formats.base import Clip, ConversionReport, FormatReader
from mmalign.formats.coordinates import COORDINATES, check_coordinates, put_in_pixels
from mmalign.formats.recordings import Recording
from mmalign.formats.sources import Source, find_files, parse_frame_size
from mmalign.poses.people import (
    add_person_arguments,
    choose_person,
    parse_rule,
    track_people,
)
from mmalign.poses.pose_file import PoseSequence
from mmalign.poses.pose_index import SPLITS
from mmalign.skeletons import get_skeleton, list_skeletons
from mmalign.skeletons.joint_sets import select_joints, skeleton_of

DEFAULT_FPS = 30.0
_MOST_PHASES = 1000
_RATE_TOLERANCE = 0.01


class PeopleReader(FormatReader):
    """A format that holds, frame by frame, the people a detector found.

    The source is one clip or a folder of them, sorted into ``[SPLIT/][ACTION/]CLIP`` as far as
    wanted: ``train/squat/a.json`` is a training clip of a squat.

    Args:
        src: File or folder.
        skeleton: Name of the skeleton; None for what the file says or its number of joints implies.
        fps: Frame rate of clips that do not state one; None for 30.
        frame_size: ``WIDTHxHEIGHT`` of clips that do not state it; None for the smallest frame that
            holds the clip's poses.
        action: The activity; None for the folder's name or ``activity``.
        split: Split of clips whose folder does not say.
        val_share: Share of those clips that go to ``val`` instead, spread evenly over the list.
        person: Whom to take, see :func:`.people.choose_person`.
        max_gap: Frames for which a person who is not seen is remembered.
        coordinates: ``pixels``, ``shares`` of the frame size, or ``auto``: by their values.
        first_frame: The source's number of the clips' first frame; None to tell it by its numbers.

    Raises:
        InputError: If an option or the source cannot be used.
    """

    suffixes: ClassVar[tuple[str, ...]] = (".json",)
    in_shares: ClassVar[bool] = False
    """Whether the format has shares of the frame as a rule."""

    def __init__(
        self,
        src: str | Path,
        skeleton: str | None = None,
        fps: float | None = None,
        frame_size: str | None = None,
        action: str | None = None,
        split: str = "train",
        val_share: float = 0.0,
        person: str = "largest",
        max_gap: int = 30,
        coordinates: str = "auto",
        first_frame: int | None = None,
    ) -> None:
        super().__init__(src)
        parse_rule(person)
        if split not in SPLITS:
            raise InputError(f"--split {split!r}, expected one of {', '.join(SPLITS)}")
        if not 0 <= val_share <= 1:
            raise InputError(f"--val-share {val_share}, expected a number from 0 to 1")
        if max_gap < 0:
            raise InputError(f"--max-gap {max_gap}, expected a number of frames from 0 upwards")
        if fps is not None and not 0 < fps < math.inf:
            raise InputError(f"--fps {fps}, expected a number above 0")
        self.fps, self.frame_size = fps, parse_frame_size(frame_size)
        self.action, self.split, self.val_share = action, split, val_share
        self.person, self.max_gap = person, max_gap
        self.coordinates, self.first_frame = check_coordinates(coordinates), first_frame
        self.chosen_skeleton = get_skeleton(skeleton).name if skeleton else None
        self.title = f"{self.description.partition(':')[0]} ({self.src.name})"
        self.sources = self.find()
        self._held_out = self._hold_out()
        self.skeleton = self.chosen_skeleton or ""
        self.skeleton = self.skeleton or self._guess_skeleton()

    @classmethod
    def add_arguments(cls, parser: argparse.ArgumentParser) -> None:
        """Declare the options that all these formats have."""
        parser.add_argument(
            "--skeleton", choices=list_skeletons(), help="the file's skeleton (default: by it)"
        )
        parser.add_argument(
            "--fps", type=float, help=f"rate of clips that state none (default: {DEFAULT_FPS:g})"
        )
        parser.add_argument(
            "--frame-size",
            metavar="WxH",
            help="of clips that state none, such as 1920x1080 (default: what holds the poses)",
        )
        parser.add_argument("--action", help="the activity (default: SRC/ACTION/CLIP's folder)")
        parser.add_argument(
            "--split", choices=SPLITS, default="train", help="of clips that are in no such folder"
        )
        parser.add_argument(
            "--val-share", type=float, default=0.0, metavar="P", help="share of them put in val"
        )
        parser.add_argument(
            "--coordinates",
            choices=COORDINATES,
            default="auto",
            help="pixels or shares of the frame size (default: by their values)",
        )
        parser.add_argument(
            "--first-frame",
            type=int,
            metavar="N",
            help="the files' number of the clip's first frame (default: by the numbers)",
        )
        add_person_arguments(parser)

    def find(self) -> list[Source]:
        """List the clips: one per file, unless a format overrides it.

        Raises:
            InputError: If there is none.
        """
        paths = find_files(self.src, self.suffixes)
        return [Source(self.name_of(path), (path,)) for path in paths]

    def name_of(self, path: Path) -> str:
        """The name of the clip in a file or folder."""
        if path == self.src:
            return re.sub(r"\.[^.]*$", "", path.name) if path.is_file() else path.resolve().name
        relative = path.relative_to(self.src)
        return (relative.with_suffix("") if path.is_file() else relative).as_posix()

    def load(self, source: Source) -> Recording:
        """Read one clip.

        Raises:
            InputError: If it cannot be used.
        """
        raise NotImplementedError

    def recording(self, source: Source) -> Recording:
        """Read one clip; its positions are pixels.

        Raises:
            InputError: If it cannot be used.
        """
        recording = self.load(source)
        size = recording.frame_size or self.frame_size
        put_in_pixels(recording, size, self.coordinates, self.in_shares, source.name)
        return recording

    def items(self) -> Sequence[Source]:
        """All clips in natural order of their names."""
        return self.sources

    def read(self, item: Source, report: ConversionReport) -> Iterator[Clip]:
        """Read one clip: one person, or several with ``--person all``."""
        recording = self.recording(item)
        people = recording.people
        if not self.chosen_skeleton and recording.skeleton not in (None, self.skeleton):
            raise InputError(
                f"{item.name}: its skeleton is {recording.skeleton!r}, expected {self.skeleton!r} "
                "like the first clip's; convert them one after the other"
            )
        frame_size = recording.frame_size or self.frame_size
        if frame_size is None:
            frame_size = _smallest_frame(people.poses, item.name)
            report.counts["clips of unknown frame size (the poses' extent is taken)"] += 1
        fps = recording.fps or self.fps
        if fps is None:
            fps = DEFAULT_FPS
            report.counts[f"clips of unknown frame rate ({DEFAULT_FPS:g} is taken)"] += 1
        if recording.fps and self.fps and abs(recording.fps / self.fps - 1) > _RATE_TOLERANCE:
            recording.notes += (
                f"--fps {self.fps:g} was not used: {item.name} states {recording.fps:g}",
            )
        report.counts += recording.counts
        # The same remark on many clips is made once.
        report.notes += [note for note in recording.notes if note not in report.notes]
        if people.tracks is None:
            people = track_people(people, self.max_gap)
        try:
            chosen = choose_person(people, self.person, frame_size)
        except InputError as error:
            raise InputError(f"{item.name}: {error}") from error
        alone = not (np.bincount(people.frames) > 1).any()
        report.counts["clips"] += 1
        report.counts["clips with several people at once"] += not alone
        split, action = self._place(item)
        labels = recording.labels
        if labels is not None and recording.phases:
            labels = self._number_phases(action, recording.phases)[labels]
        for track in chosen:
            keypoints, scores = people.person(track)
            report.counts["frames"] += len(scores)
            report.counts["frames without the person"] += int((~scores.any(axis=1)).sum())
            sequence = PoseSequence(
                keypoints=select_joints(keypoints, self.skeleton, item.name),
                scores=select_joints(scores[..., None], self.skeleton, item.name)[..., 0],
                frame_size=frame_size,
                fps=fps,
                skeleton=self.skeleton,
                labels=labels,
                track_id=track,
                keypoints3d=_points3d(recording, track),
            ).validate(item.name)
            self._name_phases(action, sequence)
            name = f"{item.name}_p{track}" if self.person == "all" else item.name
            yield Clip(name, sequence, split, action, source=item.name)

    def _number_phases(self, action: str, names: Sequence[str]) -> np.ndarray:
        """The numbers of named phases of an action; new names are added to those it has."""
        phases = self.phases.setdefault(action, [])
        phases += [name for name in names if name not in phases]
        return np.array([phases.index(name) for name in names])

    def _name_phases(self, action: str, sequence: PoseSequence) -> None:
        if sequence.labels is None:
            return
        last = int(sequence.labels.max())
        if last > _MOST_PHASES:
            raise InputError(f"a label is {last}, expected phases counted from 0; number them anew")
        phases = self.phases.setdefault(action, [])
        phases += [f"phase {i}" for i in range(len(phases), last + 1)]

    def _place(self, item: Source) -> tuple[str, str]:
        """Split and action, from the clip's place where the options do not say."""
        *folders, _ = item.name.split("/")
        if folders and folders[0] in SPLITS:
            split = folders.pop(0)
        else:
            split = "val" if item.name in self._held_out else self.split
        return split, self.action or (folders[0] if folders else "activity")

    def _hold_out(self) -> set[str]:
        """Names of the clips that go to ``val`` because of ``--val-share``."""
        free = [s.name for s in self.sources if s.name.split("/")[0] not in SPLITS]
        steps = np.floor(np.arange(len(free) + 1) * self.val_share + 1e-9)
        return {name for name, step in zip(free, np.diff(steps), strict=True) if step}

    def _guess_skeleton(self) -> str:
        """The skeleton of the first clip that can be read."""
        problem: InputError | None = None
        for source in self.sources:
            try:
                recording = self.load(source)
                if recording.skeleton:
                    return recording.skeleton
                if len(recording.people.poses):
                    return skeleton_of(recording.people.poses.shape[1], None, source.name)
            except InputError as error:
                problem = problem or error
        raise problem or InputError(f"{self.src}: nobody was found in any frame of any clip")


def _points3d(recording: Recording, track: int) -> np.ndarray | None:
    """``(T, K, 3)`` of one person whom the file has once per frame; None where it has none."""
    people, points = recording.people, recording.keypoints3d
    if points is None or people.tracks is None:
        return None
    whole = np.zeros((people.num_frames, *points.shape[1:]))
    mine = people.tracks == track
    whole[people.frames[mine]] = points[mine]
    return whole


def _smallest_frame(poses: np.ndarray, source: str) -> tuple[int, int]:
    """``(h, w)`` that holds all joints, if they lie where pixels do."""
    right, bottom = poses[..., :2].max(axis=(0, 1), initial=0.0)
    if len(poses) and max(right, bottom) < 2:
        raise InputError(
            f"{source}: coordinates reach {max(right, bottom):.3g}, expected pixels; write them "
            "without normalisation (OpenPose: --keypoint_scale 0)"
        )
    return math.ceil(bottom) + 1, math.ceil(right) + 1
