"""One monotone path through all of the other sequence and through a part of the reference.

Dynamic time warping from end to end must match everything, and stretches a clip that shows half of
the activity over all of it. Here the reference's beginning and end may be left out, and every
deviation from equal tempo costs a little.
"""

from __future__ import annotations

import numpy as np

# In units of the allowance: what a frame pays that stays at the row of the frame before, and what
# every row pays that is passed over, between two frames or at an end of the reference. Chosen on
# training labels.
_STAY, _SKIP = 0.6, 0.3


def open_path(distances: np.ndarray, allowance: float) -> np.ndarray:
    """The cheapest row of every column, if rows never fall.

    The cost of a path is the sum of its distances, 0.6 allowances for each column that stays at
    the row before, and 0.3 for each row that no column has.

    Args:
        distances: ``(N, M)``, finite; rows are the reference's frames.
        allowance: Largest distance that counts as a fit, above 0.

    Returns:
        int64 ``(M, 2)`` of (row, column), one for every column.
    """
    rows, columns = distances.shape
    steps = np.arange(rows)
    stay, skip = _STAY * allowance, _SKIP * allowance * steps
    before = np.empty((columns, rows), dtype=np.int32)
    total = distances[:, 0].astype(np.float64) + skip
    for column in range(1, columns):
        # Coming from a row above: the best so far, each brought to the row just above this one.
        ahead = total - skip
        least = np.minimum.accumulate(ahead)
        source = np.maximum.accumulate(np.where(ahead <= least, steps, 0))
        jump = np.append(np.inf, least[:-1] + skip[:-1])
        staying = total + stay
        before[column] = np.where(jump <= staying, np.append(0, source[:-1]), steps)
        total = np.minimum(jump, staying) + distances[:, column]
    path = np.empty((columns, 2), dtype=np.int64)
    path[:, 1] = np.arange(columns)
    path[-1, 0] = (total + skip[::-1]).argmin()
    for column in range(columns - 1, 0, -1):
        path[column - 1, 0] = before[column, path[column, 0]]
    return path
