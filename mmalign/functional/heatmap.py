"""Joint and limb heatmaps of 2D poses (LA2DS, Eq. 1 and 2; after PoseC3D, Duan et al. 2022).

Pixel ``(row j, column i)`` has its centre at ``(x, y) = (i, j)``, so a map of width ``W`` spans
``x`` in ``[0, W - 1]``. Maps are not truncated: every pixel holds the exact value.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

HEATMAP_MODES = ("joint", "limb", "joint+limb")
# Maps rendered at once: their intermediates (under 1 MB at 30x30) stay in a core's cache, which
# is worth a factor of two on a CPU, and bound the memory of long sequences.
_CHUNK_MAPS = 512
_CHUNK_MAPS_DEVICE = 1 << 18


def num_heatmap_channels(num_joints: int, num_limbs: int, mode: str = "joint+limb") -> int:
    """Number of maps that :func:`pose_heatmaps` gives per frame.

    Args:
        num_joints: K.
        num_limbs: L.
        mode: ``'joint'`` (K), ``'limb'`` (L) or ``'joint+limb'`` (K + L).

    Raises:
        ValueError: for another ``mode``.
    """
    if mode not in HEATMAP_MODES:
        raise ValueError(f"heatmap mode {mode!r} is unknown: expected one of {HEATMAP_MODES}")
    return num_joints * ("joint" in mode) + num_limbs * ("limb" in mode)


@torch.no_grad()
def pose_heatmaps(
    keypoints: Tensor,
    scores: Tensor,
    limbs: Sequence[tuple[int, int]] = (),
    size: tuple[int, int] = (30, 30),
    sigma: float = 0.6,
    mode: str = "joint+limb",
) -> Tensor:
    r"""Render joint maps, limb maps, or both (joints first) for any number of frames.

    .. math::
        h^J_{kji} = c_k e^{-\frac{(i - x_k)^2 + (j - y_k)^2}{2\sigma^2}}, \qquad
        h^L_{lji} = \min(c_{a_l}, c_{b_l})
        e^{-\frac{dist((i, j), seg(a_l, b_l))^2}{2\sigma^2}}

    The paper prints the distance of Eq. 2 unsquared, which is no Gaussian; PoseC3D squares it.

    Args:
        keypoints: ``(N, K, 2)`` floats, x and y in heatmap pixels; those of absent joints may be
            anything, NaN included.
        scores: ``(N, K)`` confidences in [0, 1]; 0 = absent: the joint's map, and those of the
            limbs that end in it, are zero.
        limbs: pairs of joint indices (L of them); a limb of no length is drawn as a joint.
        size: height and width of the maps.
        sigma: standard deviation in heatmap pixels.
        mode: ``'joint'``, ``'limb'`` or ``'joint+limb'``.

    Returns:
        ``(N, C, height, width)`` of the dtype and on the device of ``keypoints``, values in
        [0, 1]; C as in :func:`num_heatmap_channels`.

    Raises:
        ValueError: for shapes, a ``sigma`` or a ``mode`` that do not fit.
    """
    num_frames, num_joints = _check_pose(keypoints, scores, sigma)
    channels = num_heatmap_channels(num_joints, len(limbs), mode)
    maps = keypoints.new_empty((num_frames, channels, size[0] * size[1]))
    chunk_maps = _CHUNK_MAPS if keypoints.device.type == "cpu" else _CHUNK_MAPS_DEVICE
    chunk = max(1, chunk_maps // max(1, num_joints, len(limbs)))
    # Coordinates from the map's centre, in a unit that leaves a bare 2^(-distance^2): small numbers
    # keep float32 exact to 1e-5, and exp2 has no slow path for what underflows, as exp has.
    unit = math.sqrt(0.5 * math.log2(math.e)) / sigma
    centre = keypoints.new_tensor([(size[1] - 1) / 2, (size[0] - 1) / 2])
    rows, columns = (
        (torch.arange(n, device=keypoints.device, dtype=keypoints.dtype) - (n - 1) / 2) * unit
        for n in size
    )
    scores = scores.to(keypoints.dtype)
    points = torch.where((scores > 0).unsqueeze(-1), (keypoints - centre) * unit, 0.0)
    start, end = torch.tensor(limbs, device=keypoints.device).long().reshape(-1, 2).unbind(1)
    work = maps.new_empty((2, chunk, len(limbs) * ("limb" in mode), maps.shape[-1]))
    for first in range(0, num_frames, chunk):
        part = slice(first, first + chunk)
        xy, score = points[part], scores[part]
        if "joint" in mode:
            _draw_joints(maps[part, :num_joints], xy, score, rows, columns)
        if "limb" in mode:
            weight = torch.minimum(score[:, start], score[:, end])
            limb_maps = maps[part, channels - len(limbs) :]
            room = work[:, : len(xy)]
            _draw_limbs(limb_maps, xy[:, start], xy[:, end], weight, rows, columns, room)
    return maps.unflatten(-1, size)


def _check_pose(keypoints: Tensor, scores: Tensor, sigma: float) -> tuple[int, int]:
    if keypoints.ndim != 3 or keypoints.shape[-1] != 2 or scores.shape != keypoints.shape[:-1]:
        raise ValueError(
            "keypoints and scores must have shapes (N, K, 2) and (N, K), found "
            f"{tuple(keypoints.shape)} and {tuple(scores.shape)}"
        )
    if not sigma > 0:
        raise ValueError(f"sigma must be positive, found {sigma}")
    return keypoints.shape[0], keypoints.shape[1]


def _draw_joints(out: Tensor, xy: Tensor, score: Tensor, rows: Tensor, columns: Tensor) -> None:
    """Write ``score * 2^(-|p - xy|^2)`` into ``out`` (N, K, H*W): a product of two profiles."""
    across = torch.exp2(-((columns - xy[..., :1]) ** 2))
    down = torch.exp2(-((rows - xy[..., 1:]) ** 2)) * score.unsqueeze(-1)
    out = out.unflatten(-1, (len(rows), len(columns)))
    torch.mul(down.unsqueeze(-1), across.unsqueeze(-2), out=out)


def _draw_limbs(
    out: Tensor,
    a: Tensor,
    b: Tensor,
    weight: Tensor,
    rows: Tensor,
    columns: Tensor,
    work: Tensor,
) -> None:
    """Write ``weight * 2^(-dist(p, seg(a, b))^2)`` into ``out`` (N, L, H*W).

    In the limb's own frame a pixel stands ``along`` the limb from ``a`` and ``off`` it, both
    linear in its coordinates: one small matrix product each. What lies beyond the ends is
    ``along`` less its clamp to the limb's length. Few passes over whole rows of pixels, no
    broadcasting of short ones: this is what makes it fast on a CPU.
    """
    axis = b - a
    length = torch.linalg.vector_norm(axis, dim=-1, keepdim=True)
    cos, sin = (axis / length.clamp_min(torch.finfo(axis.dtype).tiny)).split(1, dim=-1)
    # A limb of no length has no direction: any will do, and then it is a joint at `a`.
    cos = torch.where(length > 0, cos, 1.0)
    x, y = a.split(1, dim=-1)
    pixels = torch.stack(
        [
            columns.repeat(len(rows)),
            rows.repeat_interleave(len(columns)),
            out.new_ones(out.shape[-1]),
        ]
    )
    along, off = work
    torch.matmul(torch.cat([cos, sin, -(x * cos + y * sin)], dim=-1), pixels, out=along)
    along.sub_(torch.minimum(torch.clamp_min(along, 0, out=off), length, out=off))
    torch.matmul(torch.cat([-sin, cos, x * sin - y * cos], dim=-1), pixels, out=off)
    exponent = torch.addcmul(weight.log2().unsqueeze(-1), off, off, value=-1, out=off)
    exponent.addcmul_(along, along, value=-1)
    # Straight to zero below the smallest normal number: denormals cost half the time of exp2.
    torch.exp2(torch.threshold_(exponent, -126.0, -math.inf), out=out)
