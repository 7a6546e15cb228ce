"""The labelled clips of an action, and what is computed of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mmalign.errors import InputError
from mmalign.experiments.labelled_clips import labelled_entries, labelled_features
from mmalign.poses.pose_file import read_pose_file, write_pose_file
from mmalign.toy.writer import write_dataset


@pytest.fixture
def data(tmp_path):
    write_dataset(tmp_path, ("lift", "throw"), num_train=3, num_val=2)
    return tmp_path


def test_features_and_labels_are_of_the_entries_in_order(data):
    entries = labelled_entries(data, "lift", "train")
    assert [entry.action for entry in entries] == ["lift"] * 3
    features, labels = labelled_features(
        data, "lift", "train", lambda clip, fps: np.full((clip.num_frames, 1), fps)
    )
    for entry, one, label in zip(entries, features, labels, strict=True):
        assert one.shape == (entry.num_frames, 1) and (one == entry.fps).all()
        assert (label == read_pose_file(data / entry.file).labels).all()


def test_an_action_without_labelled_clips_is_named(data):
    with pytest.raises(InputError, match="no labelled val clip of 'swim'"):
        labelled_entries(data, "swim", "val")


def test_a_file_that_lacks_its_labels_is_named(data):
    file = data / labelled_entries(data, "lift", "val")[1].file
    write_pose_file(file, replace(read_pose_file(file), labels=None))
    with pytest.raises(InputError, match=f"{file.name}: found no labels"):
        labelled_features(data, "lift", "val", lambda clip, fps: clip.scores)
