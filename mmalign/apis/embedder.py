"""Frame embeddings of pose sequences of any length and frame rate: by a network, or by raw pose."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import Protocol

import numpy as np

from mmalign.apis.inputs import fit_skeletons
from mmalign.apis.loading import USUAL_FPS, LoadedAligner
from mmalign.errors import InputError
from mmalign.functional.floors import raw_pose
from mmalign.functional.pose import mirror
from mmalign.models.windows import embed_clip
from mmalign.poses.pose_file import PoseSequence
from mmalign.poses.processing import resample_sequence
from mmalign.poses.skeleton_conversion import missing_joints
from mmalign.skeletons import get_skeleton
from mmalign.structures import AlignedSequence, RawClip

_LOGGER = logging.getLogger("mmalign")
# The joints that nearly all estimators of bodies have.
_COMMON_BODY = "penn13"


class FrameEmbedder(Protocol):
    """What an alignment needs of a network, or of what stands in its place."""

    @property
    def best_method(self) -> str:
        """The one of :data:`.METHODS` that is used if none is named."""
        ...

    @property
    def skeleton(self) -> str | None:
        """Name of the skeleton that is embedded; None if any is."""
        ...

    @property
    def needs_videos(self) -> bool:
        """Whether poses alone do not do."""
        ...

    def fitted(self, sequences: Sequence[AlignedSequence]) -> list[AlignedSequence]:
        """The sequences in the skeleton that is embedded; see :func:`.fit_skeletons`."""
        ...

    def common_rate(self, rates: Iterable[float]) -> float:
        """Frames per second at which to embed sequences of these rates."""
        ...

    def looks_at_videos(self, sequences: Sequence[AlignedSequence]) -> bool:
        """Whether all are embedded with their videos; a warning says if less is used."""
        ...

    def __call__(
        self,
        sequence: PoseSequence,
        fps: float,
        mirrored: bool = False,
        video: str | None = None,
    ) -> np.ndarray:
        """Embeddings ``(S, D)`` of a sequence at a frame rate."""
        ...


class RawPoseEmbedder:
    """Embeds each frame by its joints, centred and scaled (:func:`.raw_pose`); needs no network."""

    @property
    def best_method(self) -> str:
        """``open``."""
        return "open"

    @property
    def skeleton(self) -> None:
        """None: any is embedded."""
        return None

    @property
    def needs_videos(self) -> bool:
        """False."""
        return False

    def fitted(self, sequences: Sequence[AlignedSequence]) -> list[AlignedSequence]:
        """The sequences in the skeleton that they share, else in the 13 joints of most bodies.

        Raises:
            InputError: If a sequence has neither.
        """
        skeletons = {one.poses.skeleton for one in sequences}
        if len(skeletons) == 1:
            return list(sequences)
        for one in sequences:
            if missing_joints(one.poses.skeleton, _COMMON_BODY)[1]:
                raise InputError(
                    f"{one.name}: its skeleton is {one.poses.skeleton!r}, others have"
                    f" {', '.join(sorted(skeletons - {one.poses.skeleton}))}; expected one skeleton"
                    f" or bodies that have the joints of {_COMMON_BODY!r}"
                )
        return fit_skeletons(sequences, _COMMON_BODY)

    def common_rate(self, rates: Iterable[float]) -> float:
        """30 frames per second, or the slowest sequence's rate."""
        return min(USUAL_FPS, *rates)

    def looks_at_videos(self, sequences: Sequence[AlignedSequence]) -> bool:
        """It never does."""
        return False

    def __call__(
        self,
        sequence: PoseSequence,
        fps: float,
        mirrored: bool = False,
        video: str | None = None,
    ) -> np.ndarray:
        """Joints of every frame of a sequence at a frame rate, float32 ``(S, 2 K)``."""
        seen = resample_sequence(sequence, fps)
        keypoints, scores = seen.keypoints, seen.scores
        if mirrored:
            flip_index = get_skeleton(seen.skeleton).flip_index
            keypoints, scores = mirror(keypoints, scores, seen.frame_size[1], flip_index)
        return raw_pose(keypoints, scores).astype(np.float32)


class Embedder:
    """Embeds pose sequences by a trained network.

    They are embedded by :func:`~mmalign.models.windows.embed_clip`, as those of a data set are.

    Args:
        aligner: The network.
        action: What the sequences show, for a network of several actions that has a readout for
            each; sequences of different actions are comparable without it alone.
    """

    def __init__(self, aligner: LoadedAligner, action: str = "") -> None:
        self.aligner = aligner
        self.action = action

    @property
    def best_method(self) -> str:
        """``subsequence``; ``open`` by a network that may never have seen the activity."""
        return "open" if self.aligner.packaged else "subsequence"

    @property
    def skeleton(self) -> str:
        """Name of the network's skeleton."""
        return self.aligner.skeleton

    @property
    def needs_videos(self) -> bool:
        """Whether the network looks at frames and cannot do without."""
        taken, of_poses = self.aligner.model.modalities, self.aligner.usable(with_video=False)
        return not of_poses or (len(of_poses) < len(taken) and not self.aligner.model.can_lack)

    def fitted(self, sequences: Sequence[AlignedSequence]) -> list[AlignedSequence]:
        """The sequences in the network's skeleton; see :func:`.fit_skeletons`."""
        return fit_skeletons(sequences, self.skeleton)

    def common_rate(self, rates: Iterable[float]) -> float:
        """See :meth:`.LoadedAligner.common_rate`."""
        return self.aligner.common_rate(rates)

    def looks_at_videos(self, sequences: Sequence[AlignedSequence]) -> bool:
        """Whether all have a video: a fused network sees all with the same eyes."""
        seen = all(one.video for one in sequences)
        taken, used = self.aligner.model.modalities, self.aligner.usable(seen)
        lacking = " and ".join(name for name in taken if name not in used)
        if used and lacking and self.aligner.model.can_lack:
            _LOGGER.warning(
                "%s takes %s; %s: aligned by %s alone",
                self.aligner.source,
                ", ".join(taken),
                f"{lacking} images cannot be given" if seen else "not every input has a video",
                ", ".join(used),
            )
        return seen

    def __call__(
        self,
        sequence: PoseSequence,
        fps: float,
        mirrored: bool = False,
        video: str | None = None,
    ) -> np.ndarray:
        """Embed every frame of a sequence at a frame rate.

        Args:
            sequence: A valid sequence of the network's skeleton.
            fps: Frame rate to which it is resampled first.
            mirrored: Mirror it first, left for right.
            video: Its video (or folder of images), for a network that looks at frames. A fused
                network does without them where it is None.

        Returns:
            float32 ``(S, D)``; S as in :func:`~mmalign.poses.processing.resampled_length`.

        Raises:
            InputError: If the network needs a video and there is none, or it cannot be read, or
                the network gives numbers that are not finite.
        """
        clip = self.clip(sequence, fps, mirrored, video)
        embedding = embed_clip(self.aligner.model, clip)["embedding"].numpy()
        if not np.isfinite(embedding).all():
            raise InputError(
                f"{self.aligner.source}: gives NaN or infinite embeddings; the training diverged:"
                " use an earlier checkpoint"
            )
        return embedding

    def clip(
        self, sequence: PoseSequence, fps: float, mirrored: bool = False, video: str | None = None
    ) -> RawClip:
        """A sequence as a data set gives it; the arguments are those of a call.

        Raises:
            InputError: If the network needs a video and there is none.
        """
        pipeline = self.aligner.pipeline_for(video is not None)
        seen = resample_sequence(sequence, fps)
        keypoints, scores = seen.keypoints, seen.scores
        if mirrored:
            flip_index = get_skeleton(seen.skeleton).flip_index
            keypoints, scores = mirror(keypoints, scores, seen.frame_size[1], flip_index)
        points = seen.keypoints3d
        if mirrored and points is not None:
            points = mirror(points, seen.scores, 1, flip_index)[0]
        whole = dict(
            keypoint=keypoints[None],
            keypoint_score=scores[None],
            **({} if points is None else {"keypoint_3d": points[None]}),
            labels=None,
            img_shape=seen.frame_size,
            fps=seen.fps,
            frame_inds=np.arange(len(keypoints), dtype=np.float64),
            skeleton=seen.skeleton,
            pose_clock=(sequence.num_frames, sequence.fps),
            video=video,
            flipped=mirrored,
            sample_id="",
            split="val",
            action=self.action,
            protocol="whole",
            window=(0, len(keypoints)),
            num_frames=len(keypoints),
            sample_idx=0,
            rng=np.random.default_rng(0),
        )
        return RawClip(whole, pipeline)
