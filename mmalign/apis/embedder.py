"""Frame embeddings of pose sequences of any length and frame rate."""

from __future__ import annotations

import numpy as np

from mmalign.apis.loading import LoadedAligner
from mmalign.errors import InputError
from mmalign.functional.pose import mirror
from mmalign.models.windows import embed_clip
from mmalign.poses.pose_file import PoseSequence
from mmalign.poses.processing import resample_sequence
from mmalign.skeletons import get_skeleton
from mmalign.structures import RawClip


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
