"""Videos or poses in, an alignment out."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mmalign.apis.embedder import Embedder
from mmalign.apis.inputs import Source, fit_skeletons, read_inputs
from mmalign.apis.loading import load_aligner
from mmalign.apis.pairing import EmbeddedSequence, align_pair
from mmalign.errors import InputError
from mmalign.functional.alignment import METHODS
from mmalign.functional.dtw import dtw_path
from mmalign.functional.match_quality import frame_distances
from mmalign.poses.processing import check_fps, resampled_length
from mmalign.structures.alignment import AlignedSequence, AlignmentResult

_LOGGER = logging.getLogger("mmalign")
MIRROR = ("auto", "yes", "no")
_MEDOID_FRAMES = 128


class AlignmentInferencer:
    """Aligns sequences of one activity by a trained network.

    Not a subclass of MMEngine's ``BaseInferencer``, which executes the config that a checkpoint
    carries and gives one result per input.

    Args:
        checkpoint: File written by ``mmalign train``; nothing in it is executed.
        config: Config file the network was trained with; the checkpoint's own when not given. It is
            Python and is executed.
        device: ``cpu``, ``cuda``, ...
        action: What the sequences show, for a network of several actions that has a readout for
            each (``action_readouts``); that of all actions where it is not given.

    Raises:
        InputError: If checkpoint or config cannot be used, or the network has no such readout.

    Example:
        >>> align = AlignmentInferencer("epoch_30.pth")  # doctest: +SKIP
        >>> pair = align("expert.npz", "novice.npz").pairs[0]  # doctest: +SKIP
        >>> pair.seconds  # Where each frame of the novice stands in the expert  # doctest: +SKIP
    """

    def __init__(
        self,
        checkpoint: str | Path,
        config: str | Path | None = None,
        device: str = "cpu",
        action: str = "",
    ) -> None:
        self.aligner = load_aligner(checkpoint, config, device)
        self.aligner.check_action(action)
        self.embedder = Embedder(self.aligner, action)

    def __call__(
        self,
        *inputs: Source,
        reference: int | str = 0,
        method: str = "subsequence",
        mirror: str = "auto",
        format_name: str | None = None,
        format_options: Mapping[str, Any] | None = None,
        convert_skeleton: bool = False,
        rate: float | None = None,
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
                itself.
            mirror: Whether performers are mirrored against the reference: ``yes``, ``no``, or
                ``auto`` for what fits better.
            format_name: A name of :mod:`mmalign.formats.catalogue`.
            format_options: Options of that format's reader.
            convert_skeleton: Nothing any more: joints that the inputs lack are put midway between
                others wherever that is known (a head between the ears).
            rate: Frames per second at which the network sees all inputs; that of its config, else
                30 or the slowest input's. What is much slower than what it was trained on is
                aligned better at a lower rate.

        Returns:
            The alignment of every other to the reference.

        Raises:
            InputError: If an input or an argument cannot be used.
        """
        _check_choice("method", method, METHODS)
        _check_choice("mirror", mirror, MIRROR)
        skeleton = self.aligner.skeleton
        found = read_inputs(inputs, format_name, format_options, skeleton=skeleton)
        if len(found) < 2:
            raise InputError(f"inputs: found {len(found)} sequence, expected two or more to align")
        fitted = fit_skeletons(found, skeleton)
        fps = self._rate(fitted, rate)
        # All alike: in windows if any one needs them.
        longest = max(resampled_length(p.num_frames, p.fps, fps) for p in (f.poses for f in fitted))
        whole = longest <= self.aligner.window
        window = self.aligner.window if whole else self.aligner.short_window
        # A fused network sees all with the same eyes: frames of a video only where each has one.
        seen = all(one.video for one in fitted)
        taken = self.aligner.model.modalities
        used = self.aligner.usable(seen)
        if used and len(used) < len(taken) and self.aligner.model.can_lack:
            _LOGGER.warning(
                "%s takes %s; %s: aligned by %s alone",
                self.aligner.source,
                ", ".join(taken),
                "depth images cannot be given" if seen else "not every input has a video",
                ", ".join(used),
            )
        embedded = [
            EmbeddedSequence(one, self._embed(one, fps, False, window, seen), fps) for one in fitted
        ]
        chosen = self._reference(reference, embedded)
        first, others = embedded[chosen], embedded[:chosen] + embedded[chosen + 1 :]
        if mirror != "no":
            first.mirrored = self._embed(first.sequence, fps, True, window, seen)
        pairs = [align_pair(first, other, method, mirror) for other in others]
        for one in embedded:
            one.sequence.embedding = one.own_frames(one.frames)
        return AlignmentResult(first.sequence, [other.sequence for other in others], pairs, method)

    def _embed(
        self, one: AlignedSequence, fps: float, mirrored: bool, window: int, seen: bool
    ) -> np.ndarray:
        try:
            return self.embedder(one.poses, fps, mirrored, window, one.video if seen else None)
        except InputError as error:
            raise InputError(f"{one.name}: {error}") from error

    def _rate(self, sequences: Sequence[AlignedSequence], rate: float | None) -> float:
        """The frame rate at which all are embedded."""
        check_fps(rate)
        fps = rate or self.aligner.common_rate(one.poses.fps for one in sequences)
        for one in sequences:
            if resampled_length(one.poses.num_frames, one.poses.fps, fps) < 2:
                raise InputError(
                    f"{one.name}: found {one.poses.num_frames} frame(s) at {one.poses.fps:g} fps,"
                    f" expected two or more at {fps:g} fps; there is nothing to align"
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


def medoid(embeddings: Sequence[np.ndarray]) -> int:
    """The sequence to which the mean cost of the others' monotone paths is least.

    Args:
        embeddings: ``(T_i, D)`` each; compared on at most 128 evenly spaced frames.
    """
    thin = [
        e[np.linspace(0, len(e) - 1, min(len(e), _MEDOID_FRAMES)).astype(np.intp)]
        for e in embeddings
    ]
    costs = np.zeros((len(thin), len(thin)))
    for i, a in enumerate(thin):
        for j, b in enumerate(thin[:i]):
            distances = frame_distances(a, b)
            path = dtw_path(distances)
            costs[i, j] = costs[j, i] = distances[path[:, 0], path[:, 1]].mean()
    return int(costs.sum(axis=1).argmin())


def _check_choice(name: str, value: str, choices: Iterable[str]) -> None:
    if value not in choices:
        raise InputError(f"{name} is {value!r}, expected one of {', '.join(choices)}")
