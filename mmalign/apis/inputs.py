"""Whatever a user has, as pose sequences with names."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from mmalign.errors import InputError
from mmalign.extraction.cached import poses_of_video
from mmalign.formats.base import ConversionReport
from mmalign.formats.catalogue import format_options, get_format
from mmalign.poses.pose_file import PoseSequence, read_pose_file
from mmalign.poses.pose_index import INDEX_NAME, PoseIndex
from mmalign.poses.processing import take_processing
from mmalign.poses.skeleton_conversion import convert_skeleton, midway_note, require_joints
from mmalign.structures.alignment import AlignedSequence
from mmalign.video.container import VIDEO_SUFFIXES
from mmalign.video.facts import video_seconds

_LOGGER = logging.getLogger(__name__)

# Seconds, and share of the poses' time, by which a video may be longer or shorter.
_VIDEO_TOLERANCE, _VIDEO_SHARE = 0.2, 0.02

Source = str | Path | PoseSequence | AlignedSequence
"""A pose file, a video, anything a format's reader takes, or poses in memory."""


def read_input(
    source: Source,
    format_name: str | None = None,
    options: Mapping[str, Any] | None = None,
    skeleton: str | None = None,
) -> list[AlignedSequence]:
    """Read one input.

    Args:
        source: Poses in memory; a pose file (``.npz``); a video; or, with ``format_name``, what
            that format's reader takes.
        format_name: A name of :mod:`mmalign.formats.catalogue`, or None.
        options: The options of the reader and of processing, see :func:`format_options`.
        skeleton: The one that a network wants; a video is not worked on by an estimator that lacks
            joints of it.

    Returns:
        The sequences in it: one, or for some formats several.

    Raises:
        InputError: If it cannot be read.
    """
    if isinstance(source, AlignedSequence):
        return [
            AlignedSequence(source.name, source.poses.validate(source.name), None, source.video)
        ]
    if isinstance(source, PoseSequence):
        return [AlignedSequence("sequence", source.validate("the sequence"))]
    path = Path(source)
    if not path.exists():
        raise InputError(f"{path}: no such file or folder; check the path")
    if format_name is not None:
        return _read_format(path, format_name, options or {})
    suffix = path.suffix.lower()
    if suffix in VIDEO_SUFFIXES:
        return [AlignedSequence(path.stem, poses_of_video(path, skeleton), video=str(path))]
    if suffix == ".npz" and path.is_file():
        return [AlignedSequence(path.stem, read_pose_file(path))]
    if (path / INDEX_NAME).is_file():
        raise InputError(f"{path}: a data set; name single pose files, e.g. {path}/poses/ID.npz")
    raise InputError(
        f"{path}: neither a pose file (.npz) nor a video; for poses of another format name it with"
        " --format"
    )


def read_inputs(
    sources: Iterable[Source],
    format_name: str | None = None,
    options: Mapping[str, Any] | None = None,
    videos: Sequence[str | Path] = (),
    skeleton: str | None = None,
) -> list[AlignedSequence]:
    """Read several inputs, see :func:`read_input`; sequences of the same name are numbered.

    Args:
        sources: The inputs.
        format_name: As of :func:`read_input`.
        options: As of :func:`read_input`.
        videos: Per sequence in the inputs the video its poses are of, where those are to be shown
            or looked at; ``-`` for none.
        skeleton: As of :func:`read_input`.

    Raises:
        InputError: If one cannot be read, or there is not one video per sequence.
    """
    found = [
        one for source in sources for one in read_input(source, format_name, options, skeleton)
    ]
    if videos and len(videos) != len(found):
        raise InputError(
            f"videos: found {len(videos)} for {len(found)} sequences, expected one each; - stands"
            " for none"
        )
    for one, video in zip(found, videos, strict=False):
        if str(video) == "-":
            continue
        _check_video(one, Path(video))
        one.video = str(video)
    taken: set[str] = set()
    for one in found:
        name, number = one.name, 2
        while name in taken:
            name, number = f"{one.name}_{number}", number + 1
        one.name = name
        taken.add(name)
    return found


def _check_video(sequence: AlignedSequence, video: Path) -> None:
    """Raise an `InputError` if the video says that it lasts longer or shorter than the poses."""
    if not video.is_file():
        raise InputError(f"{video}: no such video; check the path")
    poses = sequence.poses
    shown, known = video_seconds(video), poses.num_frames / poses.fps
    if shown is not None and abs(shown - known) > _VIDEO_TOLERANCE + _VIDEO_SHARE * known:
        raise InputError(
            f"{video}: lasts {shown:.2f} s, the poses of {sequence.name} {known:.2f} s"
            f" ({poses.num_frames} frames at {poses.fps:g} fps); name the video that they are of,"
            " or their right frame rate"
        )


def _read_format(path: Path, name: str, options: Mapping[str, Any]) -> list[AlignedSequence]:
    options = {**format_options(name, [], processing=True), **options}
    process = take_processing(options)
    reader = get_format(name)(path, **options)
    report = ConversionReport(PoseIndex(reader.skeleton, reader.title))
    clips = [clip for item in reader.items() for clip in reader.read(item, report)]
    if not clips:
        raise InputError(f"{path}: no sequence of format {name} in it; check path and format")
    for what, count in report.counts.items():
        _LOGGER.warning("%s: %d %s", path, count, what)
    for note in report.notes:
        _LOGGER.warning("%s: %s", path, note)
    found = [AlignedSequence(clip.id, clip.sequence.validate(clip.id)) for clip in clips]
    if process.active:
        for one in found:
            one.poses = process(one.poses)
    return found


def fit_skeletons(sequences: Sequence[AlignedSequence], target: str) -> list[AlignedSequence]:
    """The sequences in the skeleton that a network was trained on.

    Joints are selected by name; what lies midway between two others (a head between the ears) is
    put there, and a line says so.

    Args:
        sequences: The sequences.
        target: Name of the network's skeleton.

    Raises:
        InputError: If a skeleton does not fit.
    """
    fitted, made = [], {}
    for one in sequences:
        found, poses = one.poses.skeleton, one.poses
        if found != target:
            remedy = f"make poses of {target!r}, or use a checkpoint trained on {found!r}"
            if midway := require_joints(found, target, one.name, remedy):
                made[found] = midway
            poses = convert_skeleton(poses, target, one.name)
        fitted.append(AlignedSequence(one.name, poses, one.embedding, one.video))
    for found, midway in made.items():
        _LOGGER.warning(midway_note(midway, f"skeleton {found!r}"))
    return fitted
