"""CASA's records: the alignment benchmark as 3D poses with phase labels, projected to 2D."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from mmalign.errors import InputError
from mmalign.formats.base import Clip, ConversionReport, FormatReader
from mmalign.formats.benchmarks.average_body import average_body
from mmalign.formats.benchmarks.body_model import SKELETONS, WHERE, read_body_model
from mmalign.formats.benchmarks.casa_files import Record, RecordFile, find_records, read_records
from mmalign.formats.benchmarks.penn_action_files import NOMINAL_FPS
from mmalign.formats.benchmarks.projection import fit_to_frame
from mmalign.poses.pose_file import PoseSequence

FRAME_SIZE = (512, 512)
"""The records know no video; poses are scaled to fill this frame."""
PLANES = ("xy", "xz")
AVERAGE = "average"

_UNUSED = (
    "the records' beta, the shape of each performer, is not used: all have the body of an average"
    " adult; --body-model names SMPL's"
)
# Skeleton of plain joints, by their number.
_SKELETONS = {17: "coco17", 24: "smpl24", 25: "smpl25", 42: "hands42"}
# The benchmark's frame rates (LA2DS, Table 9); every other action is one of Penn Action's.
_FPS = {"kallax_shelf_drawer": 30.0, "pouring_milk": 30.0}
# H2O's action has another name in the records.
_ACTIONS = {"pouring_milk": "pour_milk"}


class CasaReader(FormatReader):
    """Records with body model parameters or plain joints; orthographic projection.

    LA2DS projects these 3D poses orthographically, since the benchmark's data sets do not all have
    cameras, and takes every joint's score to be 1. A joint at the origin of its sequence's axes
    (0, 0, 0) in plain joints was not found; its score is 0.

    Args:
        src: A record, ``ACTION_train.npy`` or ``ACTION_val.npy``, or a folder of them.
        body_model: For records with ``pose (T, 72)``: ``average`` (None is the same), the body
            of an average adult, which does not use their ``beta``; or SMPL's model file or its
            folder.
        skeleton: Of such records, one of :data:`.body_model.SKELETONS`; None for ``smpl24``, all
            joints of the body. Joints that the body does not have are absent.
        plane: The two axes that become x and y: ``xy`` for poses in a camera's frame, which joints
            of a body model are; ``xz`` for CASA's normalised joints, whose z axis runs from the
            shoulder to the hip. None for whichever of these it is.

    Raises:
        InputError: If there is no record, or the first one cannot be used.
    """

    name = "casa"
    description = "CASA's npyrecords: SMPL parameters or 3D joints, projected orthographically"

    def __init__(
        self,
        src: str | Path,
        body_model: str | None = None,
        plane: str | None = None,
        skeleton: str | None = None,
    ) -> None:
        super().__init__(src)
        self.title = "CASA's records (Kwon et al., CVPR 2022)"
        if plane not in (None, *PLANES):
            raise InputError(f"plane {plane!r}: expected one of {', '.join(PLANES)}")
        if skeleton not in (None, *SKELETONS):
            raise InputError(f"--skeleton {skeleton!r}, expected one of {', '.join(SKELETONS)}")
        self.plane, self.wanted = plane, skeleton
        self.files = find_records([self.src])
        self.average = body_model in (None, AVERAGE)
        self.model = (
            read_body_model(body_model) if body_model and not self.average else average_body()
        )
        first = read_records(self.files[0].path)[0]
        self.skeleton = self._skeleton(first, f"{self.files[0].path}, video {first.video}")

    @classmethod
    def add_arguments(cls, parser: argparse.ArgumentParser) -> None:
        """Declare the format's options."""
        parser.add_argument(
            "--body-model",
            default=AVERAGE,
            metavar="DIR",
            help="for records of SMPL's parameters: average, the body of an average adult, or the"
            f" folder of SMPL's neutral model, from {WHERE} (default: %(default)s)",
        )
        parser.add_argument(
            "--skeleton",
            choices=SKELETONS,
            help="of records of SMPL's parameters (default: smpl24, all joints of the body)",
        )
        parser.add_argument(
            "--plane",
            choices=PLANES,
            help="axes that become x and y (default: xy for a body model, xz for plain joints)",
        )

    def items(self) -> list[RecordFile]:
        """The records, training before validation within an action."""
        return self.files

    def read(self, item: RecordFile, report: ConversionReport) -> Iterator[Clip]:
        """Read one record: a clip for each of its videos."""
        action = _ACTIONS.get(item.action, item.action)
        for record in read_records(item.path):
            where = f"{item.path}, video {record.video}"
            sequence = self._sequence(record, where)
            if self.average and sequence.keypoints3d is not None and _UNUSED not in report.notes:
                report.notes.append(_UNUSED)
            sequence.fps = _FPS.get(item.action, NOMINAL_FPS)
            report.counts.update({"videos": 1, "frames": len(sequence.keypoints)})
            report.counts["absent joints"] += int((sequence.scores == 0).sum())
            known = len(self.phases.get(action, []))
            phases = max(known, int(record.labels.max()) + 1)
            self.phases[action] = [f"phase {i}" for i in range(phases)]
            yield Clip(record.video, sequence.validate(where), item.split, action)

    def _skeleton(self, record: Record, where: str) -> str:
        """What the poses of a record are of."""
        pose = record.pose
        if pose.ndim == 3 and self.wanted is not None:
            raise InputError(
                f"{where}: holds joints, whose skeleton is known, not SMPL parameters; leave"
                f" --skeleton {self.wanted} out"
            )
        if pose.ndim == 3 and pose.shape[2] == 3 and pose.shape[1] in _SKELETONS:
            return _SKELETONS[pose.shape[1]]
        if pose.ndim == 2 and pose.shape[1] == 102:
            raise InputError(
                f"{where}: holds MANO parameters of two hands; convert H2O itself instead: format "
                "h2o with this record under --casa-record"
            )
        if pose.ndim != 2 or pose.shape[1] != 72:
            raise InputError(
                f"{where}: pose has shape {pose.shape}, expected (T, 72) SMPL parameters or "
                f"(T, K, 3) joints with K one of {', '.join(map(str, _SKELETONS))}"
            )
        return self.wanted or "smpl24"

    def _sequence(self, record: Record, where: str) -> PoseSequence:
        skeleton = self._skeleton(record, where)
        if skeleton != self.skeleton:
            raise InputError(
                f"{where}: its poses are {skeleton}, those of the first record {self.skeleton}; "
                "convert them one by one"
            )
        if len(record.pose) != len(record.labels):
            raise InputError(
                f"{where}: has {len(record.labels)} labels for {len(record.pose)} poses, expected "
                "as many; download the file again"
            )
        if record.pose.ndim == 2:
            beta, plane = self._beta(record, where), self.plane or "xy"
            joints, there = self.model.joints_of(skeleton, record.pose, beta)
            present = np.broadcast_to(there, joints.shape[:2])
        else:
            joints, plane = record.pose, self.plane or "xz"
            present = (joints != 0).any(axis=-1)
        flat = joints[..., ["xyz".index(axis) for axis in plane]]
        return PoseSequence(
            keypoints=fit_to_frame(flat, present, FRAME_SIZE),
            scores=present.astype(np.float32),
            frame_size=FRAME_SIZE,
            fps=NOMINAL_FPS,
            skeleton=skeleton,
            labels=record.labels,
            # Only a body model's joints are in metres.
            keypoints3d=joints if record.pose.ndim == 2 else None,
        )

    def _beta(self, record: Record, where: str) -> np.ndarray:
        """The shape parameters that the body model has."""
        most = self.model.shape.shape[2]
        if self.average:
            return np.zeros((len(record.pose), most))
        if record.beta.ndim != 2 or len(record.beta) != len(record.pose):
            raise InputError(
                f"{where}: beta has shape {record.beta.shape}, expected ({len(record.pose)}, 10)"
            )
        if record.beta.shape[1] > most:
            raise InputError(
                f"{where}: {record.beta.shape[1]} shape parameters, the body model has {most}; "
                "name the complete model by --body-model"
            )
        return record.beta
