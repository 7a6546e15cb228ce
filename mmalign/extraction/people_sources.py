"""Where the people of a video come from: networks, or files that another tool wrote."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mmalign.errors import InputError
from mmalign.extraction.backends.base import PoseBackend
from mmalign.extraction.estimation import Estimation, estimate_people
from mmalign.formats.catalogue import format_options, get_format
from mmalign.formats.people_reader import PeopleReader
from mmalign.formats.recordings import Recording
from mmalign.formats.sources import Source
from mmalign.poses.people import People
from mmalign.video.ahead import decoded_ahead
from mmalign.video.facts import VideoFacts
from mmalign.video.loop import check_video

_LOGGER = logging.getLogger("mmalign")

Progress = Callable[[int], object]
"""Called with the number of frames that were done since the last call."""


class PeopleSource(Protocol):
    """Finds everybody in a video.

    Attributes:
        skeleton: Name of the skeleton of the poses.
    """

    @property
    def skeleton(self) -> str:
        """Name of the skeleton of the poses."""
        ...

    def people(
        self, facts: VideoFacts, wanted: NDArray[np.int64], progress: Progress
    ) -> tuple[People, int]:
        """Everybody, without tracks or with, and how many pictures could not be decoded.

        Args:
            facts: The video.
            wanted: ``(T,)`` the pictures that make the sequence.
            progress: Called as frames are done.

        Raises:
            InputError: If the video or the poses cannot be used.
        """
        ...


@dataclass(frozen=True)
class NetworkPeople:
    """People found by a pose estimator.

    Attributes:
        backend: The estimator.
        how: Options.
        threads: Of the decoder; 0 for libav's choice.
    """

    backend: PoseBackend
    how: Estimation = Estimation()
    threads: int = 0

    @property
    def skeleton(self) -> str:
        """Name of the skeleton of the poses."""
        return self.backend.skeleton

    def people(
        self, facts: VideoFacts, wanted: NDArray[np.int64], progress: Progress
    ) -> tuple[People, int]:
        """Decode the pictures and run the networks on them."""
        begin = getattr(self.backend, "begin_video", None)
        if begin is not None:
            begin()
        with decoded_ahead(facts, wanted, self.threads) as frames:
            count, source = len(wanted), facts.path
            return estimate_people(frames, count, self.backend, self.how, source, progress)


class FilePeople:
    """People that another tool found, in files of a format of :mod:`mmalign.formats`.

    A clip of the format belongs to the video of the same name: ``squat/a`` or ``a`` to
    ``squat/a.mp4``. Its frames are the video's pictures, one by one.

    Args:
        poses: File or folder of that format.
        format_name: A name of the catalogue; one that holds detected people frame by frame.
        options: The reader's options, see :func:`.format_options`.

    Raises:
        InputError: If there is no such format, or it cannot be read.
    """

    def __init__(
        self, poses: str | Path, format_name: str, options: Mapping[str, Any] | None = None
    ) -> None:
        reader = get_format(format_name)
        if not issubclass(reader, PeopleReader):
            raise InputError(
                f"--format {format_name}: not a detector's output frame by frame; make a data set"
                f" of it with `mmalign data convert {format_name}`"
            )
        self._poses = Path(poses)
        self._reader = reader(poses, **{**format_options(format_name, []), **(options or {})})
        self._clips: dict[str, list[Source]] = {}
        for clip in self._reader.items():
            for name in {clip.name, PurePosixPath(clip.name).name}:
                self._clips.setdefault(name.removesuffix("_json"), []).append(clip)

    @property
    def skeleton(self) -> str:
        """Name of the skeleton of the poses."""
        return self._reader.skeleton

    def people(
        self, facts: VideoFacts, wanted: NDArray[np.int64], progress: Progress
    ) -> tuple[People, int]:
        """Read the clip of the video, if that can be decoded."""
        check_video(facts.path)
        recording = self._reader.recording(self._clip(Path(facts.path)))
        for what, times in recording.counts.items():
            _LOGGER.warning("%s: %d %s", self._poses, times, what)
        for note in recording.notes:
            _LOGGER.warning("%s: %s", self._poses, note)
        found = place_on_pictures(recording, len(facts.times), facts.path, self._poses)
        progress(len(wanted))
        # The rows of each wanted picture, one picture after the other.
        starts = np.searchsorted(found.frames, wanted, "left")
        counts = np.searchsorted(found.frames, wanted, "right") - starts
        frame = np.repeat(np.arange(len(wanted)), counts)
        rows = np.arange(len(frame)) + np.repeat(starts - (np.cumsum(counts) - counts), counts)
        tracks = None if found.tracks is None else found.tracks[rows]
        return People(found.poses[rows], frame, len(wanted), tracks), 0

    def _clip(self, video: Path) -> Source:
        parts = video.with_suffix("").parts
        for length in range(min(len(parts), 4), 0, -1):
            clips = self._clips.get("/".join(parts[-length:]), [])
            if len(clips) == 1:
                return clips[0]
        listed = ", ".join(list(self._clips)[:5])
        raise InputError(
            f"{video}: no poses of this one in {self._poses}, which has {listed}; name videos and"
            " poses alike"
        )


def place_on_pictures(
    recording: Recording, pictures: int, video: str | Path, poses: str | Path
) -> People:
    """Lay the frames of a recording on the pictures of its video.

    Frame numbers decide, from 0 or from 1 as they fit the number of pictures. Where there are as
    many frames as pictures they are the pictures one by one. One frame too many at the end is left
    out, and a line says so.

    Args:
        recording: The poses.
        pictures: How many the video has.
        video: What messages name.
        poses: What messages name.

    Raises:
        InputError: If there are more frames than pictures, or it is not known which picture a
            frame is.
    """
    people, start, count = recording.people, recording.start, recording.people.num_frames
    shift = 0
    if start is not None and count != pictures:
        first = start + int(people.frames.min(initial=count - 1))
        shift = start - _first_picture(first, start + count - 1, pictures, recording.base)
    beyond = shift + count - pictures
    if beyond > 1 or (beyond < -1 and start is None):
        what = "frames without numbers" if start is None else "frames"
        raise InputError(
            f"{video}: {pictures} pictures, but {count + shift} {what} of poses in {poses}, so that"
            " it is not known which picture a frame is; give the poses of this video, with frame "
            "numbers"
        )
    if beyond == 1 or (beyond and start is None):
        _LOGGER.warning(
            "%s: %d pictures, %d frames of poses: %s", video, pictures, pictures + beyond,
            "the last one was not used" if beyond == 1 else "the last picture has none",
        )  # fmt: skip
    frames = people.frames + shift
    there = (frames >= 0) & (frames < pictures)
    tracks = None if people.tracks is None else people.tracks[there]
    return People(people.poses[there], frames[there], pictures, tracks)


def _first_picture(first: int, last: int, pictures: int, base: int | None) -> int:
    """The number, 0 or 1, of a video's first picture where frames are numbered first to last."""
    if base is None or first < base:
        base = 1 if first == 1 else 0
    # Counted from 1 the last number is that of pictures.
    return 1 if base == 0 and last == pictures and first > 0 else base
