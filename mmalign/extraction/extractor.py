"""Poses of the people in videos: ``PoseExtractor(...)(video)``."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmalign.errors import InputError
from mmalign.extraction.backends.auto import choose_backend
from mmalign.extraction.backends.catalogue import build_backend
from mmalign.extraction.estimation import Estimation
from mmalign.extraction.people_sources import FilePeople, NetworkPeople, PeopleSource, Progress
from mmalign.extraction.quality import quality_of
from mmalign.extraction.sequences import Choice, check_skeleton, make_sequences
from mmalign.poses.pose_file import PoseSequence
from mmalign.poses.processing import check_fps
from mmalign.poses.repair import repair_poses
from mmalign.poses.skeleton_conversion import midway_note
from mmalign.video.facts import VideoFacts, read_video_facts

_LOGGER = logging.getLogger("mmalign")
_WITH_HANDS = ("hands42", "wholebody133")


@dataclass(frozen=True)
class Extraction:
    """What was found in one video.

    Attributes:
        sequences: One, or one per person with the rule ``all``.
        quality: Of each sequence, see :func:`.quality_of`; with ``sides_put_right``, in how many
            frames left and right were exchanged back, and ``lost``, the number of pictures that
            could not be decoded, in which the person counts as absent.
        facts: The video.
        wanted: ``(T,)`` which of its pictures the frames of the sequences are.
        crowded: In how many of these several people were found; 0 for hands.
    """

    sequences: list[PoseSequence]
    quality: list[dict[str, Any]]
    facts: VideoFacts
    wanted: NDArray[np.int64]
    crowded: int = 0


class PoseExtractor:
    """Turns videos into pose sequences.

    Args:
        source: Who finds the people: :class:`.NetworkPeople` round a pose estimator of your own,
            or :class:`.FilePeople`; :meth:`from_options` makes it for a known estimator.
        choice: Whom to keep, in which skeleton, and whether to repair the poses.
        fps: Frames per second of the sequences; None for each video's own. A video of variable
            rate gets a constant one in any case.

    Example:
        >>> extractor = PoseExtractor.from_options("rtmlib", model="pose.onnx", person="center")
        >>> sequence = extractor("squat.mp4").sequences[0]  # doctest: +SKIP

    Raises:
        InputError: If an option cannot be used, or the estimator lacks joints that are wanted.
    """

    def __init__(
        self, source: PeopleSource, choice: Choice | None = None, fps: float | None = None
    ) -> None:
        check_fps(fps)
        self.source, self.choice, self.fps = source, choice or Choice(), fps
        # Whether files of a body have hands, too, is known when they are read.
        if isinstance(source, FilePeople) and self.skeleton in _WITH_HANDS:
            return
        if midway := check_skeleton(source.skeleton, self.skeleton):
            _LOGGER.warning(midway_note(midway, "the pose estimator"))

    @property
    def skeleton(self) -> str:
        """Name of the skeleton of the sequences."""
        return self.choice.skeleton or self.source.skeleton

    @classmethod
    def from_options(
        cls,
        backend: str = "auto",
        *,
        person: str = "largest",
        max_gap: int = 30,
        skeleton: str | None = None,
        repair: bool = True,
        fps: float | None = None,
        det_every: int = 1,
        det_score: float = 0.3,
        batch_size: int = 16,
        threads: int | None = None,
        device: str = "cpu",
        **network: str | None,
    ) -> PoseExtractor:
        """Make an extractor of what ``mmalign extract-poses`` takes.

        Args:
            backend: See :func:`.build_backend`; or ``auto``, see :func:`.choose_backend`, which
                prints a line on stderr that says what it took.
            person: A rule of :func:`.choose_person`.
            max_gap: Frames for which a person who is not seen is remembered.
            skeleton: Name of the skeleton of the poses; None for the network's.
            repair: See :class:`.Choice`.
            fps: Frames per second of the sequences; None for each video's own.
            det_every: See :class:`.Estimation`.
            det_score: See :class:`.Estimation`.
            batch_size: See :class:`.Estimation`.
            threads: CPU threads of decoder and networks; None for the libraries' choice.
            device: ``cpu``, ``cuda``, ``cuda:1``, ...
            **network: ``model``, ``checkpoint``, ``detector`` and ``detector_checkpoint`` of
                :func:`.build_backend`.

        Raises:
            InputError: If an option cannot be used or the estimator cannot be made.
        """
        if backend == "auto":
            taken = choose_backend(**network, skeleton=skeleton, device=device)
            print(taken, file=sys.stderr)
            backend, skeleton = taken.backend, taken.skeleton
            network |= {"model": taken.model, "detector": taken.detector}
        choice = Choice(person, max_gap, skeleton, repair)
        how = Estimation(det_every, det_score, batch_size)
        if threads is not None and threads < 1:
            raise InputError(f"--threads {threads}, expected 1 or more")
        estimator = build_backend(
            backend,
            **network,
            skeleton=skeleton,
            device=device,
            batch_size=batch_size,
            threads=threads,
        )
        return cls(NetworkPeople(estimator, how, threads or 0), choice, fps)

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
        sequences = make_sequences(
            people,
            self.source.skeleton,
            facts.frame_size,
            self.fps or facts.fps,
            self.choice,
            str(video),
            None if labels is None else np.asarray(labels, dtype=np.int64)[wanted],
        )
        put_right = [0] * len(sequences)
        if self.choice.repair:
            sequences, put_right = map(list, zip(*map(repair_poses, sequences), strict=True))
        quality = [
            {**quality_of(sequence), "sides_put_right": frames, "lost": lost}
            for sequence, frames in zip(sequences, put_right, strict=True)
        ]
        hands = self.source.skeleton == "hand21"
        crowded = 0 if hands else int((np.bincount(people.frames, minlength=1) > 1).sum())
        return Extraction(sequences, quality, facts, wanted, crowded)
