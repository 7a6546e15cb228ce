"""Poses of the people in videos: ``PoseExtractor(...)(video)``."""

from __future__ import annotations

import argparse
import os
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmalign.apis.video_poses import OPTIONS_VARIABLE
from mmalign.datasets.pose_file import PoseSequence
from mmalign.datasets.processing import check_fps
from mmalign.errors import InputError
from mmalign.extraction.people_sources import PeopleSource, Progress
from mmalign.extraction.quality import quality_of
from mmalign.extraction.sequences import Choice, make_sequences
from mmalign.extraction.video_facts import VideoFacts, read_video_facts

MOST_LOST = 0.1
"""A video of whose pictures a larger share cannot be decoded is not used."""


@dataclass(frozen=True)
class Extraction:
    """What was found in one video.

    Attributes:
        sequences: One, or one per person with the rule ``all``.
        quality: Of each sequence, see :func:`.quality_of`; with ``lost``, the number of pictures
            that could not be decoded, in which the person counts as absent.
        facts: The video.
        wanted: ``(T,)`` which of its pictures the frames of the sequences are.
    """

    sequences: list[PoseSequence]
    quality: list[dict[str, Any]]
    facts: VideoFacts
    wanted: NDArray[np.int64]


class PoseExtractor:
    """Turns videos into pose sequences.

    Args:
        source: Who finds the people: :class:`.NetworkPeople` round a pose estimator
            (:func:`.build_backend`), or :class:`.FilePeople`.
        choice: Whom to keep, and in which skeleton.
        fps: Frames per second of the sequences; None for each video's own. A video of variable
            rate gets a constant one in any case.

    Example:
        >>> backend = build_backend("rtmlib", model="pose.onnx", detector="people.onnx")
        >>> extractor = PoseExtractor(NetworkPeople(backend), Choice(person="center"))
        >>> sequence = extractor("squat.mp4").sequences[0]

    Raises:
        InputError: If an option cannot be used.
    """

    def __init__(
        self, source: PeopleSource, choice: Choice | None = None, fps: float | None = None
    ) -> None:
        check_fps(fps)
        self.source, self.choice, self.fps = source, choice or Choice(), fps

    def __call__(
        self,
        video: str | Path,
        labels: Sequence[int] | None = None,
        progress: Progress = lambda done: None,
    ) -> Extraction:
        """Find the poses in one video.

        Args:
            video: Its file.
            labels: Phase of each of the video's pictures, or None; follows where the rate changes.
            progress: Called as frames are done.

        Raises:
            InputError: If the video cannot be used, or nobody is in it.
        """
        facts = read_video_facts(video)
        wanted = facts.frames_at(self.fps)
        if labels is not None and len(labels) != len(facts.times):
            raise InputError(
                f"{video}: {len(facts.times)} pictures, but {len(labels)} labels; give one a"
                " picture"
            )
        people, lost = self.source.people(facts, wanted, progress)
        if lost > MOST_LOST * len(wanted):
            raise InputError(
                f"{video}: {lost} of {len(wanted)} pictures cannot be decoded, expected at most"
                f" {MOST_LOST:.0%}; the file is damaged or was cut: copy it again"
            )
        sequences = make_sequences(
            people,
            self.source.skeleton,
            facts.frame_size,
            self.fps or facts.fps,
            self.choice,
            str(video),
            None if labels is None else np.asarray(labels, dtype=np.int64)[wanted],
        )
        quality = [{**quality_of(sequence), "lost": lost} for sequence in sequences]
        return Extraction(sequences, quality, facts, wanted)


def extract_poses(path: Path) -> PoseSequence:
    """Poses of the performer in a video, with the options of ``$MMALIGN_EXTRACT``.

    The variable holds options of ``mmalign extract-poses``, such as ``--backend rtmlib --model
    pose.onnx``; without it that command's defaults hold.

    Raises:
        InputError: If no pose estimator can be used, or the video cannot.
    """
    options = os.environ.get(OPTIONS_VARIABLE, "")
    try:
        extractor = _extractor(options)
    except InputError as error:
        raise InputError(
            f"{path}: a video, whose poses cannot be extracted: {error}; set {OPTIONS_VARIABLE} to"
            " options of `mmalign extract-poses`, or give poses that another tool made with"
            " --format or as a pose file"
        ) from error
    return extractor(path).sequences[0]


@lru_cache(maxsize=1)
def _extractor(options: str) -> PoseExtractor:
    from mmalign.extraction.options import add_extraction_arguments, extractor_from

    parser = argparse.ArgumentParser(prog=OPTIONS_VARIABLE, add_help=False)
    add_extraction_arguments(parser)
    try:
        args = parser.parse_args(shlex.split(options))
    except (SystemExit, ValueError) as error:
        raise InputError(
            f"{OPTIONS_VARIABLE} is {options!r}, expected options of `mmalign extract-poses`"
        ) from error
    return extractor_from(args)
