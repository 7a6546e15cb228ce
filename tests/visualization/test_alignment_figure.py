"""The alignment figure, on toy clips whose true correspondence is the embedding."""

import numpy as np

from mmalign.toy.generator import generate_dataset
from mmalign.visualization import draw_alignment
from mmalign.visualization.alignment_figure import EmbeddedPoses


def embedded(index, sequence):
    return EmbeddedPoses(
        f"clip {index}",
        sequence.keypoints,
        sequence.scores,
        sequence.canonical_time[:, None],
        sequence.skeleton,
    )


def test_lines_join_frames_of_the_same_moment(tmp_path):
    clips = generate_dataset("lift", 2, "val")
    figure = draw_alignment(*map(embedded, (0, 1), clips), num_poses=5)
    lines = figure.artists
    assert len(lines) == 5
    last = [len(clip.keypoints) - 1 for clip in clips]
    for line in lines:
        a, b = (round(xy[0] * n) for xy, n in zip((line.xy1, line.xy2), last, strict=True))
        gap = abs(clips[0].canonical_time[a] - clips[1].canonical_time[b])
        steps = np.diff(clips[1].canonical_time).max() + np.diff(clips[0].canonical_time).max()
        assert gap <= steps
    out = tmp_path / "figure.png"
    figure.savefig(out)
    assert out.stat().st_size > 10_000
