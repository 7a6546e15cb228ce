"""What a pose detector would see: noise, confidences and dropped joints."""

from __future__ import annotations

import numpy as np

from mmalign.skeletons import get_skeleton

_ERROR = 0.0045
_DROP_JOINT = 0.015
_GROUPS_PER_CLIP = 0.6
_GROUP_FRAMES = (3, 9)


def detect(
    rng: np.random.Generator,
    pixels: np.ndarray,
    depth: np.ndarray,
    skeleton: str,
    image_size: tuple[int, int],
    noise: float = 1.0,
) -> tuple[np.ndarray, np.ndarray]:
    """Turn exact projections into detections.

    Joints on the far side are seen less surely and less exactly. Single joints are dropped at
    random, whole limbs for a few frames, and what lies outside the image always.

    Args:
        rng: source of randomness.
        pixels: ``(T, K, 2)`` exact projections.
        depth: ``(T, K)`` distances along the viewing direction, metres.
        skeleton: name of the skeleton.
        image_size: height and width in pixels.
        noise: factor on noise and drop-outs; 0 for exact detections with score 1.

    Returns:
        ``(T, K, 2)`` float32 keypoints, 0 where absent, and ``(T, K)`` float32 scores in [0, 1].
    """
    num_frames, num_joints = depth.shape
    size = np.median(np.ptp(pixels, axis=1).max(axis=-1))
    spread = np.ptp(depth, axis=1).max() + 1e-6
    far = np.clip((depth - depth.mean(axis=1, keepdims=True)) / spread, 0, 0.5) * 2

    scale = noise * _ERROR * size * (1 + far)
    error = rng.normal(size=pixels.shape) * scale[..., None]
    miss = np.linalg.norm(error, axis=-1) / (_ERROR * size)
    doubt = rng.gamma(2.0, 0.03, size=depth.shape) + 0.18 * far + 0.03 * miss
    scores = np.clip(1 - noise * doubt, 0.1, 1.0)

    seen = rng.random(depth.shape) >= noise * _DROP_JOINT
    groups = list(get_skeleton(skeleton).limb_groups.values())
    for _ in range(rng.poisson(noise * _GROUPS_PER_CLIP)):
        start = int(rng.integers(num_frames))
        end = start + int(rng.integers(*_GROUP_FRAMES, endpoint=True))
        seen[start:end, groups[int(rng.integers(len(groups)))]] = False

    keypoints = pixels + error
    height, width = image_size
    seen &= ((keypoints >= 0) & (keypoints <= [width - 1, height - 1])).all(axis=-1)
    # A frame without any joint would be no detection at all.
    seen[~seen.any(axis=1), :] = True
    keypoints = np.where(seen[..., None], keypoints, 0).astype(np.float32)
    return keypoints, np.where(seen, scores, 0).astype(np.float32)
