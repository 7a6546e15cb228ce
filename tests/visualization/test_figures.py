"""Figures of alignments and embeddings: what is drawn where."""

from dataclasses import replace

import numpy as np
import pytest
from marked_videos import marked_result

from mmalign.errors import InputError
from mmalign.visualization.alignment_map import draw_alignment_maps
from mmalign.visualization.embedding_figures import draw_retrieval, draw_tsne
from mmalign.visualization.figures import (
    draw_correspondence,
    draw_matched_frames,
    draw_similarity,
    similarity_picture,
)


def test_the_similarity_matrix_has_the_alignment_over_it_in_seconds():
    pair = marked_result().pairs[0]
    axes = draw_similarity(pair).axes[0]
    (line,) = axes.lines
    x, y = line.get_data()
    np.testing.assert_allclose(x * 24 - 0.5, np.flatnonzero(pair.matched))
    np.testing.assert_allclose(y * 30 - 0.5, pair.positions[pair.matched])
    np.testing.assert_allclose(axes.images[0].get_extent(), [0, 90 / 24, 0, 60 / 30])
    assert axes.images[0].origin == "lower"
    repeated = replace(pair, similarity=None, repetitions=[(20, 42), (57, 80)])
    axes = draw_similarity(repeated).axes[0]
    assert len(axes.lines) == 2 and not axes.images


def test_alike_is_darker():
    picture = similarity_picture(np.array([[0.0, 0.5, 1.0]]))
    assert picture.shape == (1, 3, 3) and picture.dtype == np.uint8
    assert (np.diff(picture.astype(int).sum(axis=2)) < 0).all()


def test_correspondence_is_a_dot_per_matched_frame():
    pair = marked_result().pairs[0]
    dots = draw_correspondence(pair).axes[0].collections[0]
    places = np.column_stack([np.arange(90), pair.positions])[pair.matched]
    np.testing.assert_allclose(dots.get_offsets(), places)


def test_below_each_frame_stands_the_one_that_matches_it():
    result = marked_result()
    pair = result.pairs[0]
    pair.positions[pair.positions > 29.5] = np.nan
    pair.path = pair.path[pair.path[:, 0] <= 29]
    figure = draw_matched_frames(result, 0, num_frames=7)
    # Of the frames 0, 10, ... 59 those up to 29 have a counterpart.
    above, below = ([text.get_text() for text in axes.texts] for axes in figure.axes)
    moments = [text for text in below if text.endswith(" s")]
    fps = (result.reference.poses.fps, result.others[0].poses.fps)
    assert above == [f"{frame / fps[0]:.2f} s" for frame in (0, 10, 20, 30, 39, 49, 59)]
    assert below.count("no counterpart") == 4
    places = pair.other_positions[[0, 10, 20]]
    assert moments == [f"{round(place) / fps[1]:.2f} s" for place in places]


def test_wrong_phases_are_boxed():
    query, other = marked_result().reference, marked_result().others[0]
    # Frame t of the query is nearest to frames t, t + 1, ... of the support.
    query = replace(query, embedding=np.arange(60.0)[:, None])
    other = replace(other, embedding=np.arange(90.0)[:, None] + 0.1)
    figure = draw_retrieval(query, [other], num_queries=3, k=4)
    frames = [0, 30, 59]
    expected = 0
    for frame in frames:
        nearest = np.argsort(np.abs(np.arange(90) + 0.1 - frame), kind="stable")[:4]
        expected += int((other.poses.labels[nearest] != query.poses.labels[frame]).sum())
    assert expected > 0 and len(figure.axes[0].patches) == expected


@pytest.mark.parametrize("by", ["clip", "progress", "phase"])
def test_tsne_has_a_point_per_frame(by):
    result = marked_result()
    figure = draw_tsne([result.reference, *result.others], by)
    assert len(figure.axes[0].collections[0].get_offsets()) == 150


def test_what_cannot_be_drawn_is_named():
    result = marked_result()
    bare = replace(result.reference, embedding=None)
    with pytest.raises(InputError, match="has no embedding"):
        draw_tsne([bare])
    unlabelled = replace(result.reference, poses=replace(result.reference.poses, labels=None))
    with pytest.raises(InputError, match="has no phase labels"):
        draw_tsne([unlabelled], "phase")
    with pytest.raises(InputError, match="no sequence to search"):
        draw_retrieval(result.reference, [])


def test_maps_show_the_path_of_clips_that_align():
    time = np.linspace(0, 6, 50)[:, None]
    clip = np.concatenate([np.cos(time), np.sin(time)], axis=1)
    picture = draw_alignment_maps([clip, clip, clip[::2], clip])
    assert picture.shape == (240, 3 * 240 + 2 * 8, 3)
    # The path of a clip to itself runs from the lower left to the upper right.
    orange = np.argwhere((picture[:, :240] == [217, 72, 15]).all(axis=2))
    assert len(orange) > 200
    assert np.abs(orange.sum(axis=1) - 239).max() <= 4
