"""The constant by which the embeddings of two executions differ, and how well they fit without it.

A network that has seen few performers embeds the same moment of two of them some way apart, and
much the same way at every moment: body, camera and habits leave a constant. It is measured along
a first path, aligned with a wide allowance, and taken away before the real alignment.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mmalign.functional.match_quality import fit_allowance, frame_distances, self_distance
from mmalign.functional.subsequence import find_occurrences

# What counts as a fit on the first path: at least so many distances between unlike moments of the
# reference, and so many times the distance at which its frames find their nearest ones.
_WIDE, _NEAREST = 0.6, 1.3
# A fit is at least this many times the median distance that is left along the first path: pairs
# that fit badly throughout are matched by what fits best, and judged by their score.
_LEFT = 2.0
# Cells of the table of the first path; longer sequences are compared on every k-th frame.
_MOST_CELLS = 1_000_000


@dataclass
class ClipOffset:
    """What a first path between two sequences tells.

    Attributes:
        offset: ``(D,)``, to be added to the other sequence.
        allowance: Largest distance that counts as a fit once that is done, above 0.
        score: How much of the shorter sequence the first path fits, and how well, from 0; on one
            scale for all sequences compared with a reference or its mirror image.
    """

    offset: np.ndarray
    allowance: float
    score: float


def clip_offset(reference: np.ndarray, other: np.ndarray) -> ClipOffset:
    """Measure the constant difference of two embedded sequences along a first path.

    Args:
        reference: ``(N, D)``, N at least 2.
        other: ``(M, D)``, M at least 2.
    """
    unlike = self_distance(reference)
    narrow = fit_allowance(reference, unlike)
    stride = max(1, int(np.ceil(np.sqrt(len(reference) * len(other) / _MOST_CELLS))))
    rows, columns = reference[::stride], other[::stride]
    distances = frame_distances(rows, columns)
    least = max(_WIDE * unlike, narrow)
    wide = max(least, _NEAREST * float(np.median(distances.min(axis=1))))
    _, best = find_occurrences(distances, wide)
    fit = np.exp2(-((distances[best.path[:, 0], best.path[:, 1]] / least) ** 2))
    # Where the path waits, one of the two may be past its counterpart.
    both = np.append(False, np.diff(best.path, axis=0).all(axis=1))
    path = best.path[both] if both.any() else best.path
    matched, matching = rows[path[:, 0]], columns[path[:, 1]]
    offset = matched.mean(axis=0) - matching.mean(axis=0)
    left = np.sqrt(np.mean((matched - matching - offset) ** 2, axis=1))
    return ClipOffset(
        offset=offset,
        allowance=max(narrow, _LEFT * float(np.median(left))),
        score=float(fit @ (1 + both)) / (2 * min(distances.shape)),
    )
