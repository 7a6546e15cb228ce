"""MMAction2's ``PoseDataset`` pickles: 2D skeletons of several people, one label per video.

The newer form is ``{'split': {name: [ids]}, 'annotations': [...]}``, the older one the bare list,
and what its extraction tool writes for one video a bare annotation. An annotation holds
``frame_dir`` (the id), ``label``, ``img_shape``, ``total_frames``, ``keypoint`` ``(M, T, K, 2)`` in
pixels and ``keypoint_score`` ``(M, T, K)`` of ``M`` people. Those of Kinetics hold ``keypoint``
``(N, K, 3)``, with the score last, of ``N`` detections and ``frame_inds`` ``(N,)``, the frame of
each, which MMAction2's ``DecompressPose`` reads.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mmalign.errors import InputError
from mmalign.formats.unpickle import restricted_load
from mmalign.poses.people import People, clean_poses
from mmalign.poses.pose_file import PoseSequence

_SHAPES = (
    "keypoint (M, T, K, 2) and keypoint_score (M, T, K), or keypoint (N, K, 3) with frame_inds"
)


@dataclass
class MMActionAnnotation:
    """One video of an MMAction2 pickle.

    Attributes:
        id: Its ``frame_dir``.
        splits: Names of the splits it is in; empty in the older form.
        content: The annotation as it stands in the file.
        source: What errors name: the file and the video.
    """

    id: str
    splits: tuple[str, ...]
    content: dict[str, Any]
    source: str

    @property
    def action(self) -> str:
        """The video's action where a file names it, as our own does, else its label as text."""
        return str(self.content.get("action", self.content.get("label", "unlabelled")))

    def to_sequence(self, skeleton: str, fps: float) -> PoseSequence:
        """Take the person with the largest total score.

        Scores a little above 1, which heatmap peaks can have, are set to 1. Without
        ``keypoint_score`` a joint at (0, 0) is absent and every other has score 1.

        Args:
            skeleton: Name of the skeleton; the format does not state it.
            fps: Frame rate of videos that do not state one.

        Raises:
            InputError: If the arrays are missing, do not fit together or hold no visible joint.
        """
        keypoints, scores = self.people()
        person = int(np.nansum(scores, axis=(1, 2)).argmax())
        sequence = PoseSequence(
            keypoints=keypoints[person],
            scores=np.clip(scores[person], None, 1),
            frame_size=self.frame_size,
            fps=self.content.get("fps", fps),
            skeleton=skeleton,
            track_id=person,
        )
        return sequence.validate(self.source)

    @property
    def frame_size(self) -> Any:
        """``(h, w)`` as the file has it, unchecked."""
        return self.content.get("img_shape", self.content.get("original_shape"))

    def people(self) -> tuple[np.ndarray, np.ndarray]:
        """Everybody in the video.

        Returns:
            ``(M, T, K, 2)`` keypoints and ``(M, T, K)`` scores, as the file has them.

        Raises:
            InputError: If the arrays are missing or do not fit together, or there is nobody.
        """
        keypoints = self._array("keypoint", 4)
        if keypoints.shape[-1] != 2:
            raise self._error(f"keypoint has {keypoints.shape[-1]} coordinates", "2 (x, y)")
        if "keypoint_score" in self.content:
            scores = self._array("keypoint_score", 3)
        else:
            scores = (keypoints != 0).any(axis=-1).astype(np.float32)
        if scores.shape != keypoints.shape[:3]:
            raise self._error(f"keypoint_score has shape {scores.shape}", f"{keypoints.shape[:3]}")
        if len(keypoints) == 0:
            raise self._error("there is no person", "at least one")
        frames = self.content.get("total_frames", keypoints.shape[1])
        if not isinstance(frames, (int, np.integer)) or frames != keypoints.shape[1]:
            raise self._error(f"keypoint has {keypoints.shape[1]} frames", f"total_frames={frames}")
        return keypoints, scores

    def detections(self) -> People | None:
        """Everybody in a video of Kinetics' form, without identities; None in the usual form.

        Raises:
            InputError: If the arrays are missing or do not fit together.
        """
        if "frame_inds" not in self.content and self.content.get("keypoint") is not None:
            return None
        if "raw_file" in self.content and self.content.get("keypoint") is None:
            raise self._error(
                f"no keypoint, but raw_file={self.content['raw_file']!r:.60}",
                "the pickles of the single videos, which hold the keypoints",
            )
        frames = self._array("frame_inds", 1)
        poses, chosen = self._array("keypoint", 3), self.content.get("anno_inds")
        if chosen is not None and len(poses) == len(frames):
            chosen = self._array("anno_inds", 1)
            fits = chosen.dtype.kind == "b" or (chosen < len(frames)).all()
            if not fits:
                raise self._error("anno_inds beyond frame_inds", "indices of detections")
            frames, poses = frames[chosen], poses[chosen]
        count = self.content.get("total_frames")
        scored = poses.shape[-1] == 3
        count = int(count) if isinstance(count, (int, np.integer)) else 0
        if len(poses) != len(frames) or poses.shape[-1] not in (2, 3) or count < 1:
            raise self._error(f"keypoint has shape {poses.shape}", f"({len(frames)}, K, 3)")
        if not ((frames >= 0) & (frames < count)).all():
            raise self._error(f"frame_inds reach {frames.max()}", f"0 to {count - 1}")
        scores = poses[..., 2:] if scored else (poses != 0).any(axis=-1, keepdims=True)
        if not scored and "keypoint_score" in self.content:
            scores = self._array("keypoint_score", 2)[..., None]
            if scores.shape[:2] != poses.shape[:2]:
                raise self._error(f"keypoint_score has shape {scores.shape}", f"{poses.shape[:2]}")
        order = np.argsort(frames, kind="stable")
        table = clean_poses(np.concatenate([poses[..., :2], scores], axis=-1), self.source)[order]
        there = (table[..., 2] > 0).any(axis=1)
        return People(table[there], frames[order][there].astype(np.int64), count)

    def _array(self, key: str, ndim: int) -> np.ndarray:
        value = self.content.get(key)
        if not isinstance(value, np.ndarray) or value.dtype.kind not in "fiu":
            raise self._error(f"{key} is {type(value).__name__}", "a numeric array")
        if value.ndim != ndim:
            raise self._error(f"{key} has shape {value.shape}", _SHAPES)
        return value

    def _error(self, found: str, expected: str) -> InputError:
        return InputError(f"{self.source}: {found}, expected {expected}; correct the file")


def read_mmaction_pickle(path: str | Path) -> list[MMActionAnnotation]:
    """Read a pickle of either form without executing anything of it.

    Returns:
        All annotations in the file's order.

    Raises:
        InputError: If the file is missing, damaged, of another form, or wants to run code.
    """
    content = restricted_load(path)
    splits: dict[str, set[str]] = {}
    annotations = [content] if isinstance(content, dict) and "frame_dir" in content else content
    if isinstance(content, dict) and isinstance(content.get("split"), dict):
        annotations = content.get("annotations")
        if not all(isinstance(ids, (list, tuple, set)) for ids in content["split"].values()):
            raise InputError(f"{path}: 'split' must map names to lists of ids; convert the file")
        splits = {name: {str(i) for i in ids} for name, ids in content["split"].items()}
    if not isinstance(annotations, list) or not all(isinstance(a, dict) for a in annotations):
        raise InputError(
            f"{path}: found {type(content).__name__}, expected a list of annotations or a dict "
            "with 'split' and 'annotations', as MMAction2's PoseDataset reads; convert the file"
        )
    if any("frame_dir" not in a for a in annotations):
        raise InputError(f"{path}: an annotation has no 'frame_dir', its id; convert the file")
    found = []
    for annotation in annotations:
        name = str(annotation["frame_dir"])
        inside = tuple(split for split, ids in splits.items() if name in ids)
        found.append(MMActionAnnotation(name, inside, annotation, f"{path}, video {name}"))
    return found
