"""Videos or poses in, an alignment out."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from mmalign.apis.embedder import Embedder, FrameEmbedder, RawPoseEmbedder
from mmalign.apis.inputs import Source, read_inputs
from mmalign.apis.loading import LoadedAligner, load_aligner
from mmalign.apis.packaged import DEFAULT
from mmalign.apis.pairing import EmbeddedSequence, align_pair
from mmalign.apis.speeds import Speed, input_speeds
from mmalign.errors import InputError
from mmalign.functional.alignment import METHODS
from mmalign.functional.medoid import medoid
from mmalign.functional.playback import PlaybackSpeed
from mmalign.poses.processing import check_fps, resample_sequence, resampled_length
from mmalign.structures.alignment import AlignedSequence, AlignmentResult

_LOGGER = logging.getLogger("mmalign")
NO_NETWORK = "none"
"""In place of a checkpoint: align by raw pose."""
MIRROR = ("auto", "yes", "no")


class AlignmentInferencer:
    """Aligns sequences of one activity, by a trained network or by raw pose.

    Not a subclass of MMEngine's ``BaseInferencer``, which executes the config that a checkpoint
    carries and gives one result per input.

    Args:
        checkpoint: File written by ``mmalign train``, in which nothing is executed; the name of a
            network that comes with the package (``mmalign models``), the general one of bodies if
            not given; or ``none``, to compare joints by their places and without any network.
        config: Config file the network was trained with; the checkpoint's own when not given. It is
            Python and is executed.
        device: ``cpu``, ``cuda``, ...
        action: What the sequences show, for a network of several actions that has a readout for
            each (``action_readouts``); that of all actions where it is not given.

    Raises:
        InputError: If checkpoint or config cannot be used, or the network has no such readout.

    Example:
        >>> align = AlignmentInferencer()  # doctest: +SKIP
        >>> pair = align("expert.npz", "novice.npz").pairs[0]  # doctest: +SKIP
        >>> pair.seconds  # Where each frame of the novice stands in the expert  # doctest: +SKIP
    """

    def __init__(
        self,
        checkpoint: str | Path = DEFAULT,
        config: str | Path | None = None,
        device: str = "cpu",
        action: str = "",
    ) -> None:
        self.embedder: FrameEmbedder
        if str(checkpoint) != NO_NETWORK:
            aligner = load_aligner(checkpoint, config, device)
            aligner.check_action(action)
            self.embedder = Embedder(aligner, action)
        elif action or config:
            raise InputError(
                f"checkpoint is {NO_NETWORK}: found {'an action' if action else 'a config'}, which"
                " belongs to a network; leave it out"
            )
        else:
            self.embedder = RawPoseEmbedder()

    @property
    def aligner(self) -> LoadedAligner:
        """The network.

        Raises:
            InputError: If there is none.
        """
        if not isinstance(self.embedder, Embedder):
            raise InputError(f"checkpoint is {NO_NETWORK}, expected a network; name one")
        return self.embedder.aligner

    def __call__(
        self,
        *inputs: Source,
        reference: int | str = 0,
        method: str | None = None,
        mirror: str = "auto",
        format_name: str | None = None,
        format_options: Mapping[str, Any] | None = None,
        convert_skeleton: bool = False,
        rate: float | None = None,
        speed: Speed = "auto",
    ) -> AlignmentResult:
        """Align inputs to one of them.

        Args:
            *inputs: Two or more: pose files, videos, `PoseSequence` or `AlignedSequence` in memory,
                or with ``format_name`` what that format's reader takes. Lengths, frame rates and
                frame sizes may differ. A network fused from poses and frames looks at the frames
                where every input has a video, else at the poses alone.
            reference: Number of the reference among the sequences, or ``auto`` for the medoid: the
                one that the others are nearest to.
            method: ``subsequence``: every execution of the reference, whole or partial; ``dtw``:
                one monotone path from end to end; ``soft`` (Eq. 3) or ``nearest``: each frame by
                itself. If not given: ``subsequence`` by a network of yours, ``dtw`` by one of the
                package or by raw pose.
            mirror: Whether performers are mirrored against the reference: ``yes``, ``no``, or
                ``auto`` for what fits better.
            format_name: A name of :mod:`mmalign.formats.catalogue`.
            format_options: Options of that format's reader.
            convert_skeleton: Nothing any more: joints that the inputs lack are put midway between
                others wherever that is known (a head between the ears).
            rate: Frames per second at which the network sees all inputs; that of its config, else
                30 or the slowest input's. What is much slower than what it was trained on is
                aligned better at a lower rate.
            speed: At which speed the inputs show what happened: a number per sequence or one for
                all, 0.25 for slow motion of four times; ``auto`` to find it by comparing them;
                None for real time. They are embedded at real speed; times remain the files'.

        Returns:
            The alignment of every other to the reference.

        Raises:
            InputError: If an input or an argument cannot be used.
        """
        method = method or self.embedder.best_method
        _check_choice("method", method, METHODS)
        _check_choice("mirror", mirror, MIRROR)
        wanted = self.embedder.skeleton
        found = read_inputs(inputs, format_name, format_options, skeleton=wanted)
        if len(found) < 2:
            raise InputError(f"inputs: found {len(found)} sequence, expected two or more to align")
        fitted = self.embedder.fitted(found)
        speeds = self._speeds(fitted, speed, reference)
        fps = self._rate(fitted, speeds, rate)
        shown = [_at_real_speed(one, fps, each) for one, each in zip(fitted, speeds, strict=True)]
        seen = self.embedder.looks_at_videos(shown)
        embedded = [
            EmbeddedSequence(one, self._embed(retimed, fps, False, seen), fps, speed=each)
            for one, retimed, each in zip(fitted, shown, speeds, strict=True)
        ]
        chosen = self._reference(reference, embedded)
        first, others = embedded[chosen], embedded[:chosen] + embedded[chosen + 1 :]
        if mirror != "no":
            first.mirrored = self._embed(shown[chosen], fps, True, seen)
        pairs = [align_pair(first, other, method, mirror) for other in others]
        for one in embedded:
            one.sequence.embedding = one.own_frames(one.frames)
        return AlignmentResult(first.sequence, [other.sequence for other in others], pairs, method)

    def _embed(self, one: AlignedSequence, fps: float, mirrored: bool, seen: bool) -> np.ndarray:
        try:
            return self.embedder(one.poses, fps, mirrored, one.video if seen else None)
        except InputError as error:
            raise InputError(f"{one.name}: {error}") from error

    def _speeds(
        self, sequences: Sequence[AlignedSequence], speed: Speed, reference: int | str
    ) -> list[PlaybackSpeed]:
        """The speed of every sequence; of those whose frames a network must see, real time."""
        needs_videos = self.embedder.needs_videos
        if speed == "auto" and needs_videos:
            speed = None
        compared = reference if isinstance(reference, int) else 0
        speeds = input_speeds(sequences, speed, compared)
        for one, found in zip(sequences, speeds, strict=True):
            if not found.is_real_time and needs_videos:
                raise InputError(
                    f"speed of {one.name} is {found.speeds[0]:g}, but the network looks at frames"
                    " of videos, which are shown in real time only; use a network of poses"
                )
            if not found.is_real_time and one.video:
                _LOGGER.info("%s: not in real time, only its poses are embedded", one.name)
        return speeds

    def _rate(
        self,
        sequences: Sequence[AlignedSequence],
        speeds: Sequence[PlaybackSpeed],
        rate: float | None,
    ) -> float:
        """The frame rate at which all are embedded."""
        check_fps(rate)
        fps = rate or self.embedder.common_rate(one.poses.fps for one in sequences)
        for one, speed in zip(sequences, speeds, strict=True):
            if resampled_length(one.poses.num_frames, one.poses.fps, fps, speed) < 2:
                raise InputError(
                    f"{one.name}: found {one.poses.num_frames} frame(s) at {one.poses.fps:g} fps,"
                    f" expected two or more at {fps:g} fps; there is nothing to align"
                )
            seen = int((one.poses.scores > 0).any(axis=1).sum())
            if seen < 2:
                raise InputError(
                    f"{one.name}: somebody is found in {seen} of its {one.poses.num_frames} frames,"
                    " expected in two or more; there is nothing to align"
                )
        return fps

    def _reference(self, reference: int | str, embedded: list[EmbeddedSequence]) -> int:
        if reference == "auto":
            return medoid([one.frames for one in embedded])
        if not isinstance(reference, int) or not 0 <= reference < len(embedded):
            raise InputError(
                f"reference is {reference!r}, expected auto or a number from 0 to"
                f" {len(embedded) - 1}"
            )
        return reference


def _at_real_speed(one: AlignedSequence, fps: float, speed: PlaybackSpeed) -> AlignedSequence:
    """What is embedded of a sequence; of one that is not in real time its poses alone."""
    if speed.is_real_time:
        return one
    return replace(one, poses=resample_sequence(one.poses, fps, speed), video=None)


def _check_choice(name: str, value: str, choices: Iterable[str]) -> None:
    if value not in choices:
        raise InputError(f"{name} is {value!r}, expected one of {', '.join(choices)}")
