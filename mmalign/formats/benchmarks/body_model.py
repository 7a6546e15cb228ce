"""Joints of the SMPL body model from its parameters.

Loper et al., SMPL: A Skinned Multi-Person Linear Model, SIGGRAPH Asia 2015. The joints hang on the
shape and the rotations alone, so no mesh is posed; the model file, which its licence forbids to
hand on, is the user's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csc_matrix
from scipy.spatial.transform import Rotation

from mmalign.errors import InputError
from mmalign.formats.unpickle import PickledObject, restricted_load
from mmalign.poses.npz_archive import read_npz
from mmalign.skeletons import get_skeleton

NUM_JOINTS = 24
SKELETONS = ("smpl24", "penn13", "coco17", "body25", "smpl25")
"""Skeletons whose joints :meth:`BodyModel.joints_of` gives, as far as they are there."""
# The top of the head from the head's joint at rest, of an average adult, metres.
_HEAD_TOP = (0.0, 0.13, 0.02)
# What stands for a joint that the body has by another name.
_ALIASES = {"head": "head_top", "mid_hip": "pelvis", "left_big_toe": "left_foot"}
_ALIASES["right_big_toe"] = "right_foot"
_KEYS = ("v_template", "shapedirs", "J_regressor", "kintree_table")
_NAMES = ("SMPL_NEUTRAL", "basicmodel_neutral_lbs_10_207_0_v1.1.0")
WHERE = "https://smpl.is.tue.mpg.de"


@dataclass(frozen=True)
class BodyModel:
    """What of SMPL the joints need.

    Attributes:
        rest: ``(24, 3)`` joints of the mean shape at rest, metres.
        shape: ``(24, 3, B)`` how they move with each shape parameter.
        parents: The joint each joint hangs from; -1 for the root, which is the first.
    """

    rest: np.ndarray
    shape: np.ndarray
    parents: tuple[int, ...]

    def joints(self, pose: np.ndarray, beta: np.ndarray) -> np.ndarray:
        """Joints of a sequence (the kinematic chain of SMPL, Eq. 3 and 4).

        Args:
            pose: ``(T, 72)`` axis-angle of every joint against its parent, radians.
            beta: ``(T, b)`` shape parameters, ``b`` at most ``B``.

        Returns:
            ``(T, 24, 3)`` metres, the root where the shape has it: SMPL's frame turned by the
            root's rotation, which is the camera's frame (y down) for poses that were estimated
            in images.
        """
        return self._posed(pose, beta)[0]

    def joints_of(
        self, skeleton: str, pose: np.ndarray, beta: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Joints of another skeleton.

        They are the body's of the same name. Penn Action's head is the top of the head, and the
        ball of the foot stands for the big toe. What lies on the surface is not there: the face,
        the heels, the small toes.

        Args:
            skeleton: One of :data:`SKELETONS`.
            pose: As of :meth:`joints`.
            beta: As of :meth:`joints`.

        Returns:
            ``(T, K, 3)`` metres, 0 for joints that are not there, and ``(K,)`` bool: which are.
        """
        joints, world = self._posed(pose, beta)
        names = (*get_skeleton("smpl24").joints, "head_top")
        head = names.index("head")
        top = joints[:, head] + world[:, head] @ np.array(_HEAD_TOP)
        joints = np.concatenate([joints, top[:, None]], axis=1)
        wanted = get_skeleton(skeleton).joints
        if skeleton != "smpl24":
            wanted = tuple(_ALIASES.get(name, name) for name in wanted)
        there = np.array([name in names for name in wanted])
        index = [names.index(name) if name in names else 0 for name in wanted]
        return np.where(there[:, None], joints[:, index], 0.0), there

    def _posed(self, pose: np.ndarray, beta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Joints ``(T, 24, 3)``, and how each is turned in the world ``(T, 24, 3, 3)``."""
        frames = len(pose)
        rest = self.rest + np.einsum("kcb,tb->tkc", self.shape[..., : beta.shape[1]], beta)
        turns = Rotation.from_rotvec(pose.reshape(-1, 3)).as_matrix()
        turns = turns.reshape(frames, NUM_JOINTS, 3, 3)
        joints, world = rest.copy(), turns.copy()
        for joint, parent in enumerate(self.parents):
            if parent >= 0:
                bone = rest[:, joint] - rest[:, parent]
                joints[:, joint] = joints[:, parent] + np.einsum(
                    "tij,tj->ti", world[:, parent], bone
                )
                world[:, joint] = world[:, parent] @ turns[:, joint]
        return joints, world


def read_body_model(path: str | Path) -> BodyModel:
    """Read SMPL's own model file, or the same arrays as ``.npz``, without executing anything.

    Args:
        path: The file; or a folder with ``SMPL_NEUTRAL.npz`` or ``.pkl``, or SMPL's neutral model
            by its original name, in it or in ``smpl/``.

    Raises:
        InputError: If there is none, or it is damaged or of another model.
    """
    file = _find(Path(path))
    content = _load(file)
    missing = [key for key in _KEYS if key not in content]
    if missing:
        raise InputError(
            f"{file}: lacks {', '.join(missing)}, expected SMPL's model; get it from {WHERE}"
        )
    try:
        template, shape, regressor, tree = (_array(content[key]) for key in _KEYS)
        rest = regressor @ template
        directions = np.einsum("kv,vcb->kcb", regressor, shape)
        parents = tree[0].astype(np.int64)
        parents[0] = -1
    except (ValueError, TypeError, IndexError, KeyError) as error:
        raise InputError(
            f"{file}: its arrays do not fit together ({error}), expected SMPL's model; get it from "
            f"{WHERE}"
        ) from error
    hang = (parents[1:] >= 0) & (parents[1:] < np.arange(1, len(parents)))
    if rest.shape != (NUM_JOINTS, 3) or len(parents) != NUM_JOINTS or not hang.all():
        raise InputError(
            f"{file}: a model of {len(rest)} joints, expected SMPL's {NUM_JOINTS} (not SMPL-H or "
            f"SMPL-X); get it from {WHERE}"
        )
    return BodyModel(rest, directions, tuple(parents.tolist()))


def _find(path: Path) -> Path:
    if path.is_file():
        return path
    names = [f"{name}.{suffix}" for name in _NAMES for suffix in ("npz", "pkl")]
    for folder in (path, path / "smpl"):
        for name in names:
            if (folder / name).is_file():
                return folder / name
    raise InputError(
        f"{path}: holds no SMPL model, expected one of {', '.join(names)}; register at {WHERE}, "
        "download it and name its folder by --body-model"
    )


def _load(file: Path) -> dict[str, Any]:
    if file.suffix != ".npz":
        # The released files keep arrays as Chumpy's and SciPy's objects.
        content = restricted_load(file, inert=("chumpy", "scipy"))
        return content if isinstance(content, dict) else {}
    try:
        return read_npz(file, _KEYS)
    except InputError:
        raise
    # A damaged file fails in many ways inside zipfile and NumPy; for the reader all mean the same.
    except Exception as error:
        raise InputError(
            f"{file}: not a readable .npz ({type(error).__name__}: {error}); make it again"
        ) from error


def _array(value: Any) -> np.ndarray:
    """A plain array of what stands in a model file."""
    if isinstance(value, PickledObject):
        state = value.state
        if "x" in state:  # an array of Chumpy
            return _array(state["x"])
        parts = (_array(state["data"]), _array(state["indices"]), _array(state["indptr"]))
        shape = state["_shape"] if "_shape" in state else state["shape"]
        return csc_matrix(parts, shape=tuple(int(n) for n in shape)).toarray()
    array = np.asarray(value)
    if array.dtype.kind not in "fiu":
        raise TypeError(f"an array of type {array.dtype}")
    return array if array.dtype.kind == "i" else array.astype(np.float64)
