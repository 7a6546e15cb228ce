"""UI-PRMD: physical rehabilitation movements by ten people, as optical motion capture.

Vakanski et al., A Data Set of Human Body Movements for Physical Rehabilitation Exercises, Data
2018. ``mMM_sSS_eEE_positions.txt`` (gzipped or not, ``_inc`` for movements done wrongly) holds a
row per frame at 100 Hz with x, y, z in millimetres, z up, of 39 Plug-in Gait markers. Every
repetition is seen through virtual cameras, which gives 2D sequences whose frames correspond
one to one.
"""

from __future__ import annotations

import argparse
import gzip
import io
import math
import re
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from mmalign.errors import InputError
from mmalign.fileio import MAX_BYTES, check_size
from mmalign.formats.base import Clip, ConversionReport, FormatReader
from mmalign.formats.benchmarks.gait_markers import body_joints, facing
from mmalign.formats.sources import find_files, parse_frame_size
from mmalign.functional.camera import Camera
from mmalign.poses.pose_file import PoseSequence
from mmalign.skeletons import get_skeleton

FPS = 100.0
MOVEMENTS = (
    "deep_squat", "hurdle_step", "inline_lunge", "side_lunge", "sit_to_stand",
    "standing_active_straight_leg_raise", "standing_shoulder_abduction",
    "standing_shoulder_extension", "standing_shoulder_internal_external_rotation",
    "standing_shoulder_scaption",
)  # fmt: skip
SKELETONS = ("penn13", "plugin_gait39")

_NAME = re.compile(r"m(\d{1,3})_s(\d{1,3})_e(\d{1,3})_positions(_inc)?\.txt(\.gz)?", re.ASCII)
_WIDEST = 60.0
_VISIBLE_METRES = 3.0
_NEAREST = 0.5
_FARTHEST = 1000.0
_LONGEST_TEXT = MAX_BYTES // 4


class UiPrmdReader(FormatReader):
    """UI-PRMD's marker positions through virtual cameras.

    A camera looks at the middle of the movement from ``distance`` metres; the frame is 3 m high
    there. Angle 0 is in front of the person, positive angles are on the person's left.
    ``keypoints3d`` are metres in the laboratory's frame, the same for all cameras.

    Args:
        src: Folder with ``*_positions.txt`` or ``.txt.gz``, or one such file.
        cameras: How many cameras, spread evenly over 60 degrees to either side of the front; None
            for 2, or one per angle.
        angles: Degrees of each camera instead.
        elevation: Degrees above the horizontal.
        distance: Metres.
        frame_size: ``WIDTHxHEIGHT``.
        skeleton: ``penn13``, joints derived as :mod:`.gait_markers` says, or the markers.
        train_subjects: People whose repetitions are training clips; the others are for validation.

    Raises:
        InputError: If an option or the source cannot be used.
    """

    name = "ui_prmd"
    description = "UI-PRMD: optical markers of rehabilitation movements through virtual cameras"
    title = "UI-PRMD (Vakanski et al., Data 2018)"

    def __init__(
        self,
        src: str | Path,
        cameras: int | None = None,
        angles: Sequence[float] | None = None,
        elevation: float = 10.0,
        distance: float = 4.0,
        frame_size: str = "1280x720",
        skeleton: str = SKELETONS[0],
        train_subjects: Sequence[int] = (1, 2, 3, 4, 5, 6, 7),
    ) -> None:
        super().__init__(src)
        self.angles = _angles(cameras, angles)
        if not (-90 < elevation < 90 and 2 <= distance < 1000):
            raise InputError(
                f"--elevation {elevation}, --distance {distance}: expected degrees between -90 and "
                "90, and metres from 2 upwards"
            )
        if skeleton not in SKELETONS:
            raise InputError(f"--skeleton {skeleton!r}, expected one of {', '.join(SKELETONS)}")
        self.elevation, self.distance = elevation, distance
        size = parse_frame_size(frame_size)
        assert size is not None
        self.frame_size = size
        self.skeleton = skeleton
        self.train_subjects = frozenset(train_subjects)
        found = find_files(self.src, (".txt", ".txt.gz"))
        self.files = [path for path in found if _NAME.fullmatch(path.name)]
        if not self.files:
            raise InputError(
                f"{self.src}: no file is named like m01_s01_e01_positions.txt, expected UI-PRMD's "
                "segmented Vicon positions; check the path"
            )
        self._one_movement = len({path.name[:4] for path in self.files}) == 1

    @classmethod
    def add_arguments(cls, parser: argparse.ArgumentParser) -> None:
        """Declare the cameras and the split."""
        parser.add_argument("--cameras", type=int, metavar="N", help="virtual cameras (default: 2)")
        parser.add_argument(
            "--angles",
            type=float,
            nargs="+",
            metavar="DEGREES",
            help="of each camera from the person's front, to the left (default: evenly to +-60)",
        )
        parser.add_argument(
            "--elevation", type=float, default=10.0, help="degrees (default: %(default)s)"
        )
        parser.add_argument(
            "--distance", type=float, default=4.0, help="metres (default: %(default)s)"
        )
        parser.add_argument(
            "--frame-size", default="1280x720", metavar="WxH", help="default: %(default)s"
        )
        parser.add_argument("--skeleton", choices=SKELETONS, default=SKELETONS[0])
        parser.add_argument(
            "--train-subjects",
            type=int,
            nargs="+",
            default=[1, 2, 3, 4, 5, 6, 7],
            metavar="ID",
            help="people in the training split (default: 1 to 7)",
        )

    def items(self) -> Sequence[Path]:
        """All repetitions."""
        return self.files

    def read(self, item: Path, report: ConversionReport) -> Iterator[Clip]:
        """Read one repetition, once through every camera."""
        match = _NAME.fullmatch(item.name)
        assert match is not None
        movement, subject = int(match[1]), int(match[2])
        markers = read_markers(item)
        if self.skeleton == "plugin_gait39":
            points, there = markers, np.isfinite(markers).all(axis=-1)
        else:
            points, there = body_joints(markers)
        if not there.any():
            raise InputError(f"{item}: no joint is known in any frame; leave the file out")
        report.counts["repetitions"] += 1
        report.counts["frames"] += len(points)
        report.counts["joints of missing markers"] += int((~there).sum())
        name = f"s{match[2]}_e{match[3]}" + (match[4] or "")
        if not self._one_movement:
            name = f"m{match[1]}_{name}"
        known = 1 <= movement <= len(MOVEMENTS)
        for number, camera in enumerate(self._cameras(markers, points[there])):
            pixels, depth = camera.project(np.where(there[..., None], points, camera.target))
            if depth.min() < _NEAREST:
                raise InputError(
                    f"{item}: a joint is {depth.min():.2f} m in front of the camera, expected at "
                    f"least {_NEAREST} m; correct the file or enlarge --distance"
                )
            sequence = PoseSequence(
                keypoints=pixels,
                scores=there.astype(np.float32),
                frame_size=self.frame_size,
                fps=FPS,
                skeleton=self.skeleton,
                keypoints3d=points,
            ).validate(str(item))
            yield Clip(
                f"{name}_cam{number}",
                sequence,
                "train" if subject in self.train_subjects else "val",
                MOVEMENTS[movement - 1] if known else f"movement_{movement}",
                source=item.name,
            )

    def _cameras(self, markers: np.ndarray, points: np.ndarray) -> list[Camera]:
        """Cameras round the middle of ``points (N, 3)``."""
        front = facing(markers)
        middle = (points.min(axis=0) + points.max(axis=0)) / 2
        return [
            Camera(
                azimuth=front + angle,
                elevation=self.elevation,
                distance=self.distance,
                roll=0.0,
                focal=self.frame_size[0] * self.distance / _VISIBLE_METRES,
                target=tuple(middle.tolist()),
                image_size=self.frame_size,
            )
            for angle in self.angles
        ]


def read_markers(path: str | Path) -> np.ndarray:
    """Read one file.

    Returns:
        ``(T, 39, 3)`` metres; NaN where a marker was not seen, which Vicon writes as zeros.

    Raises:
        InputError: If the file is damaged or of another form.
    """
    path = Path(path)
    opened = gzip.open if path.name.endswith(".gz") else open
    try:
        with opened(path, "rb") as stream:
            data = stream.read(_LONGEST_TEXT + 1)
        # A number takes two bytes of text at least, and eight of memory.
        check_size(path, 4 * len(data), "its text")
        if not data.strip():
            raise ValueError("empty")
        text = io.TextIOWrapper(io.BytesIO(data), encoding="ascii")
        rows = (line for line in text if line.strip())
        table = np.loadtxt(rows, delimiter=",", comments=None, ndmin=2)
    except InputError:
        raise
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise InputError(
            f"{path}: not readable ({type(error).__name__}: {error}), expected lines of 117 "
            "numbers with commas between; download the file again"
        ) from error
    count = get_skeleton("plugin_gait39").num_joints
    if table.ndim != 2 or table.shape[1] != 3 * count:
        raise InputError(
            f"{path}: a table of shape {table.shape}, expected (T, {3 * count}): x, y, z of "
            f"{count} markers; download the file again"
        )
    markers = table.reshape(-1, count, 3) / 1000
    if (np.abs(markers) > _FARTHEST).any():
        raise InputError(
            f"{path}: a marker is {np.nanmax(np.abs(markers)):.3g} m away, expected millimetres "
            "within a laboratory; download the file again"
        )
    gone = (markers == 0).all(axis=-1) | ~np.isfinite(markers).all(axis=-1)
    return np.where(gone[..., None], np.nan, markers)


def _angles(cameras: int | None, angles: Sequence[float] | None) -> tuple[float, ...]:
    if angles:
        if cameras not in (None, len(angles)) or not all(map(math.isfinite, angles)):
            raise InputError(f"--cameras {cameras} with {len(angles)} --angles, expected as many")
        return tuple(angles)
    count = 2 if cameras is None else cameras
    if not 1 <= count <= 360:
        raise InputError(f"--cameras {count}, expected a number from 1 to 360")
    return tuple(np.linspace(-_WIDEST, _WIDEST, count).tolist()) if count > 1 else (0.0,)
