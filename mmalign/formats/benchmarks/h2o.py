"""H2O: two hands handling objects, 2 x 21 joints in 3D, seen by five cameras.

Kwon et al., ICCV 2021. A take is ``subjectN/SCENE/TAKE/camX`` with ``hand_pose/NNNNNN.txt`` and
``cam_intrinsics.txt``.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from mmalign.errors import InputError
from mmalign.formats.base import Clip, ConversionReport, FormatReader
from mmalign.formats.benchmarks.h2o_files import (
    ACTIONS,
    HAND_JOINTS,
    MOST_FRAMES,
    action_number,
    read_hand_pose,
    read_intrinsics,
)
from mmalign.formats.benchmarks.h2o_takes import (
    Take,
    read_action_folder,
    takes_of_action,
    takes_of_records,
)
from mmalign.formats.benchmarks.projection import Intrinsics
from mmalign.poses.pose_file import PoseSequence

FPS = 30.0
CAMERAS = ("cam0", "cam1", "cam2", "cam3", "cam4")
PROJECTIONS = ("intrinsics", "orthographic")


class H2OReader(FormatReader):
    """Takes of one action, whole; both hands as one skeleton of 42 joints.

    The joints of a hand are in the order of the MANO layer *manopth*, which is that of OpenPose:
    the wrist, then four joints of the thumb, index, middle, ring and little finger (H2O's README
    gives the left hand as the first; CASA's list of H2O's bones fixes the rest).

    Args:
        src: Folder with ``subject1/`` … ``subject4/``.
        camera: Which of the five. ``cam4``, the head-mounted one, is what H2O's actions are
            labelled for and the only one in its smaller downloads.
        projection: ``intrinsics``, or ``orthographic``: as LA2DS does in its main tables, with
            the scale that the camera has at the median depth of the take.
        action: Name or number of the action whose takes are read.
        action_labels: Folder of ``action_train.txt`` and ``action_val.txt``; found in ``src``
            where None.
        casa_record: Records of the alignment benchmark; they name the takes, their split and
            their phases. Without them takes have H2O's own split and no labels.

    Raises:
        InputError: If a folder or file is not as expected, or no take is left.
    """

    name = "h2o"
    description = "H2O's two hands, 3D joints projected into one of its cameras"

    def __init__(
        self,
        src: str | Path,
        camera: str = "cam4",
        projection: str = "intrinsics",
        action: str = "pour_milk",
        action_labels: str | None = None,
        casa_record: Sequence[str] | None = None,
    ) -> None:
        super().__init__(src)
        self.title = "H2O (Kwon et al., ICCV 2021)"
        self.skeleton = "hands42"
        for option, value, choices in (
            ("camera", camera, CAMERAS),
            ("projection", projection, PROJECTIONS),
        ):
            if value not in choices:
                raise InputError(f"{option} {value!r}: expected one of {', '.join(choices)}")
        self.camera = camera
        self.projection = projection
        number = action_number(action)
        self.action = ACTIONS[number]
        rows = read_action_folder(self.src, action_labels)
        self.unlabelled_takes = len({row.take for row in rows.get("test", [])})
        if casa_record is not None:
            self.takes, phases = takes_of_records(casa_record, rows)
            self.phases = {self.action: [f"phase {i}" for i in range(phases)]}
            return
        self.takes = takes_of_action(rows, number)
        if not self.takes:
            found = f"{self.action} is in no take of the action files"
            raise InputError(
                f"{self.src}: {found if rows else 'no action_train.txt was found'}; expected H2O's "
                "action files in its action_labels/ or under --action-labels, or CASA's record of "
                "the takes under --casa-record"
            )

    @classmethod
    def add_arguments(cls, parser: argparse.ArgumentParser) -> None:
        """Declare the format's options."""
        parser.add_argument("--camera", default="cam4", choices=CAMERAS, help="default: cam4")
        parser.add_argument(
            "--projection", default="intrinsics", choices=PROJECTIONS, help="default: intrinsics"
        )
        parser.add_argument(
            "--action",
            default="pour_milk",
            help="name or number of the action whose takes are read (default: pour_milk)",
        )
        parser.add_argument(
            "--action-labels", metavar="DIR", help="folder of action_train.txt (default: in SRC)"
        )
        parser.add_argument(
            "--casa-record",
            metavar="FILE",
            nargs="+",
            help="ACTION_train.npy and ACTION_val.npy: the benchmark's takes, split and phases",
        )

    def items(self) -> list[Take]:
        """The takes."""
        return self.takes

    def read(self, item: Take, report: ConversionReport) -> Iterator[Clip]:
        """Read one take.

        Frames without a file have both hands absent, like hands that are not annotated.
        """
        camera = item.camera or self.camera
        folder = self._folder(item.path) / camera
        points = self._read_frames(folder, item, report)
        intrinsics = read_intrinsics(folder / "cam_intrinsics.txt")
        where = f"{item.path}/{camera}"
        keypoints = self._project(points, intrinsics, where)
        present = np.isfinite(keypoints).all(axis=-1)
        hands = np.isfinite(points[..., 0]).reshape(-1, 2, HAND_JOINTS).any(axis=2)
        report.counts.update(
            {
                "takes": 1,
                "frames": len(points),
                "absent hands": int((~hands).sum()),
                "joints behind the camera": int((np.isfinite(points[..., 0]) & ~present).sum()),
            }
        )
        if item.labels is not None and len(item.labels) != len(points):
            raise InputError(
                f"{self.src}/{where}: the record has {len(item.labels)} labels, there are "
                f"{len(points)} frames; expected as many; leave the take out of the record"
            )
        sequence = PoseSequence(
            keypoints=keypoints,
            scores=present.astype(np.float32),
            frame_size=intrinsics.frame_size,
            fps=FPS,
            skeleton=self.skeleton,
            labels=item.labels,
            keypoints3d=points,
        )
        yield Clip(
            id=where.replace("/", "_"),
            sequence=sequence.validate(f"{self.src}/{where}"),
            split=item.split,
            action=self.action,
            source=where,
        )

    def finish(self, report: ConversionReport) -> None:
        """Say what was not looked at."""
        if self.unlabelled_takes and not self.phases:
            report.notes.append(
                f"{self.unlabelled_takes} takes of action_test.txt were left out: it does not say "
                "which actions they show"
            )

    def _folder(self, take: str) -> Path:
        """The take's folder, also where the subject's is called ``subject1_ego`` or the like."""
        subject, rest = take.split("/", 1)
        for folder in (self.src / subject, *sorted(self.src.glob(f"{subject}_*"))):
            if (folder / rest).is_dir():
                return folder / rest
        raise InputError(
            f"{self.src / take}: no such folder; expected H2O's tree subjectN/SCENE/TAKE/camX; "
            "unpack the subject there"
        )

    def _read_frames(self, folder: Path, take: Take, report: ConversionReport) -> np.ndarray:
        """``(T, 42, 3)`` metres in the camera's frame, NaN where a hand is absent."""
        paths = {int(p.stem): p for p in (folder / "hand_pose").glob("*.txt") if p.stem.isdecimal()}
        if not paths:
            raise InputError(
                f"{folder}: has no hand_pose/NNNNNN.txt; expected H2O's hand poses; unpack the "
                "camera's folder, or choose another by --camera"
            )
        first, last = take.extent or (0, max(paths))
        if last - first >= MOST_FRAMES:
            raise InputError(f"{folder}: frames {first} to {last}, expected at most {MOST_FRAMES}")
        missing = [frame for frame in range(first, last + 1) if frame not in paths]
        report.counts["frames without a file"] += len(missing)
        points = np.full((last - first + 1, 2 * HAND_JOINTS, 3), np.nan)
        for frame in sorted(set(range(first, last + 1)) - set(missing)):
            points[frame - first] = read_hand_pose(paths[frame])
        return points

    def _project(self, points: np.ndarray, intrinsics: Intrinsics, where: str) -> np.ndarray:
        if self.projection == "intrinsics":
            return intrinsics.project(points)
        depth = points[np.isfinite(points[..., 2]), 2]
        middle = float(np.median(depth)) if len(depth) else 1.0
        if middle <= 0:
            raise InputError(
                f"{where}: the hands are behind the camera; use --projection intrinsics"
            )
        return intrinsics.project_orthographic(points, middle)
