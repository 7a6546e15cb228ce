"""IKEA ASM: people who assemble furniture; 2D poses of a detector, action segments as phases.

Ben-Shabat et al., WACV 2021. A scan is ``FURNITURE/SCAN/devN`` with
``predictions/pose2d/DETECTOR/scan_video_NNNNNNNNNNNN_keypoints.json``, a file for every frame.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from mmalign.errors import InputError
from mmalign.formats.base import Clip, ConversionReport, FormatReader
from mmalign.formats.benchmarks.ikea_files import (
    MOST_FRAMES,
    Scan,
    frame_labels,
    label_names,
    read_people,
    read_segments,
)
from mmalign.poses.people import (
    People,
    add_person_arguments,
    choose_person,
    parse_rule,
    track_people,
)
from mmalign.poses.pose_file import PoseSequence

FRAME_SIZE = (1080, 1920)
NOMINAL_FPS = 30.0
"""What LA2DS (Table 9) states; by the data set's own figures (3,046,977 frames in 35.27 h) it is
24. Every frame is used and nothing resampled, as in the benchmark, so it is a name and no more."""

# Best first: poses of all frames before those of the annotated hundredth of the frames, and
# detectors that were tuned on the data set before those that were not.
DETECTORS = (
    "keypoint_rcnn_ft_all", "openpose_pytorch_ft_all", "openpose", "openpose_staf",
    "keypoint_rcnn_ft", "openpose_pytorch_ft", "openpose_ft", "keypoint_rcnn_pt",
)  # fmt: skip


class IkeaAsmReader(FormatReader):
    """Scans of one piece of furniture, split and labelled by ``gt_segments.json``.

    Poses of any of its detectors become COCO's 17 joints. Labels are numbered in the order of the
    alphabet, as in the data set's toolbox; 0 is the background: frames labelled NA or not at all.

    Args:
        src: Folder with ``Kallax_Shelf_Drawer/``.
        segments: ``gt_segments.json``; searched for in ``src`` where None.
        furniture: Whose scans to read.
        camera: ``dev1``, ``dev2`` or ``dev3``, the one that the data set's annotations are for.
        detector: Folder of ``predictions/pose2d/``; the best there is in a scan where None.
        person: Whom to take where there are several, see :mod:`.people`.
        max_gap: Frames for which a person who is not seen is remembered.

    Raises:
        InputError: If a file is missing or not as expected, or no scan is of that furniture.
    """

    name = "ikea_asm"
    description = "IKEA ASM's 2D poses (OpenPose or Keypoint R-CNN) and action segments"

    def __init__(
        self,
        src: str | Path,
        segments: str | None = None,
        furniture: str = "Kallax_Shelf_Drawer",
        camera: str = "dev3",
        detector: str | None = None,
        person: str = "largest",
        max_gap: int = 30,
    ) -> None:
        super().__init__(src)
        self.title = "IKEA ASM (Ben-Shabat et al., WACV 2021)"
        self.skeleton = "coco17"
        self.camera, self.detector, self.max_gap = camera, detector, max_gap
        parse_rule(person)
        self.person = person
        path = self._find_segments() if segments is None else Path(segments)
        known = read_segments(path)
        self.scans = [scan for scan in known if scan.path.split("/")[0] == furniture]
        if not self.scans:
            names = sorted({scan.path.split("/")[0] for scan in known})
            raise InputError(
                f"{path}: no scan of furniture {furniture!r}, expected one of "
                f"{', '.join(names) or 'none'}; change --furniture"
            )
        self.action = furniture.lower()
        self.labels = label_names(self.scans)
        self.phases = {self.action: self.labels}

    @classmethod
    def add_arguments(cls, parser: argparse.ArgumentParser) -> None:
        """Declare the format's options."""
        parser.add_argument(
            "--segments", metavar="FILE", help="gt_segments.json (default: searched for in SRC)"
        )
        parser.add_argument(
            "--furniture", default="Kallax_Shelf_Drawer", help="default: %(default)s"
        )
        parser.add_argument("--camera", default="dev3", help="default: %(default)s")
        parser.add_argument(
            "--detector", help=f"folder of predictions/pose2d (default: first of {DETECTORS})"
        )
        add_person_arguments(parser)

    def items(self) -> list[Scan]:
        """The scans."""
        return self.scans

    def read(self, item: Scan, report: ConversionReport) -> Iterator[Clip]:
        """Read one scan; frames without a file or without people have every joint absent."""
        folder = self._pose_folder(item)
        people, missing = self._read_people(folder, item)
        empty = people.num_frames - len(np.unique(people.frames))
        report.counts.update(
            {
                "scans": 1,
                f"scans read from {folder.name}": 1,
                "frames": people.num_frames,
                "frames without a file": missing,
                "frames with a file but nobody": empty - missing,
                "people in all frames together": len(people.frames),
            }
        )
        tracked = track_people(people, self.max_gap)
        labels = frame_labels(item, self.labels, people.num_frames)
        try:
            chosen = choose_person(tracked, self.person, FRAME_SIZE)
        except InputError as error:
            raise InputError(f"{folder}: {error}") from error
        for track in chosen:
            keypoints, scores = tracked.person(track)
            sequence = PoseSequence(
                keypoints, scores, FRAME_SIZE, NOMINAL_FPS, self.skeleton, labels, track
            )
            yield Clip(
                id=Path(item.path).name + (f"_person{track}" if self.person == "all" else ""),
                sequence=sequence.validate(str(folder)),
                split=item.split,
                action=self.action,
                source=f"{item.path}/{self.camera}",
            )

    def _find_segments(self) -> Path:
        # No deeper: the tree holds hundreds of thousands of files.
        for pattern in ("", "*/", "*/*/"):
            found = sorted(self.src.glob(pattern + "gt_segments.json"))
            if found:
                return found[0]
        raise InputError(
            f"{self.src}: has no gt_segments.json, expected IKEA ASM's action annotations; name "
            "the file by --segments"
        )

    def _pose_folder(self, scan: Scan) -> Path:
        poses = self.src / scan.path / self.camera / "predictions" / "pose2d"
        names = DETECTORS if self.detector is None else (self.detector,)
        for name in names:
            if (poses / name).is_dir():
                return poses / name
        there = sorted(path.name for path in poses.glob("*")) if poses.is_dir() else []
        raise InputError(
            f"{poses}: no poses of {' or '.join(names)} (found {', '.join(there) or 'nothing'}); "
            "unpack the scan's predictions, or name another --detector or --camera"
        )

    def _read_people(self, folder: Path, scan: Scan) -> tuple[People, int]:
        """Everybody in all frames, and the number of frames without a file."""
        paths = {}
        for path in folder.glob("*_keypoints.json"):
            number = path.name.removesuffix("_keypoints.json").rpartition("_")[2]
            if number.isdecimal() and int(number) < MOST_FRAMES:
                paths[int(number)] = path
        num_frames = max(scan.num_frames, max(paths, default=-1) + 1)
        poses = {frame: read_people(paths[frame]) for frame in sorted(paths)}
        people = People(
            poses=np.concatenate([np.zeros((0, 17, 3)), *poses.values()]),
            frames=np.repeat(
                np.array(list(poses), dtype=np.int64), [len(found) for found in poses.values()]
            ),
            num_frames=num_frames,
        )
        return people, num_frames - len(paths)
