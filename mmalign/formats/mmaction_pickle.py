"""MMAction2's ``PoseDataset`` pickles: 2D skeletons of several people, one label per video.

The newer form is ``{'split': {name: [ids]}, 'annotations': [...]}``, the older one the bare list.
Each annotation holds ``frame_dir`` (the id), ``label``, ``img_shape``, ``total_frames``,
``keypoint`` ``(M, T, K, 2)`` in pixels and ``keypoint_score`` ``(M, T, K)`` of ``M`` people.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mmalign.errors import InputError
from mmalign.formats.unpickle import restricted_load
from mmalign.poses.pose_file import PoseSequence


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
        """The video's label as text."""
        return str(self.content.get("label", "unlabelled"))

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
        if frames != keypoints.shape[1]:
            raise self._error(f"keypoint has {keypoints.shape[1]} frames", f"total_frames={frames}")
        return keypoints, scores

    def _array(self, key: str, ndim: int) -> np.ndarray:
        value = self.content.get(key)
        if not isinstance(value, np.ndarray) or value.dtype.kind not in "fiu":
            raise self._error(f"{key} is {type(value).__name__}", "a numeric array")
        if value.ndim != ndim:
            raise self._error(f"{key} has shape {value.shape}", "(M, T, K, 2) and (M, T, K)")
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
    annotations = content
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
