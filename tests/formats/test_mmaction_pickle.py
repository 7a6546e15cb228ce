import pickle

import numpy as np
import pytest
from mmaction.datasets import PoseDataset

from mmalign.datasets import MMActionPoseDataset
from mmalign.errors import InputError
from mmalign.formats.mmaction_pickle import read_mmaction_pickle


def annotation(name, people=2, frames=10, label=3, **changes):
    rng = np.random.default_rng(len(name))
    content = {
        "frame_dir": name,
        "label": label,
        "img_shape": (240, 320),
        "original_shape": (240, 320),
        "total_frames": frames,
        "keypoint": rng.uniform(1, 200, (people, frames, 17, 2)).astype(np.float16),
        "keypoint_score": rng.uniform(0.1, 0.9, (people, frames, 17)).astype(np.float16),
    }
    content |= changes
    return {key: value for key, value in content.items() if value is not None}


ANNOTATIONS = [annotation("a"), annotation("bb", label=5), annotation("ccc")]
NEW = {"split": {"xsub_train": ["a", "bb"], "xsub_val": ["ccc"]}, "annotations": ANNOTATIONS}


@pytest.fixture
def save(tmp_path):
    def save(content):
        (tmp_path / "poses.pkl").write_bytes(pickle.dumps(content))
        return str(tmp_path / "poses.pkl")

    return save


def test_a_file_that_mmaction_reads_gives_the_same_videos(save):
    path = save(NEW)
    theirs = PoseDataset(ann_file=path, split="xsub_train", pipeline=[])
    ours = MMActionPoseDataset(path, subset="xsub_train")
    assert len(ours) == len(theirs) == 2
    for i in range(2):
        a, b = ours[i], theirs.get_data_info(i)
        assert a["sample_id"] == b["frame_dir"] and a["action"] == str(b["label"])
        assert a["num_frames"] == b["total_frames"] and a["img_shape"] == b["img_shape"]
        person = int(b["keypoint_score"].astype(float).sum((1, 2)).argmax())
        np.testing.assert_array_equal(a["keypoint"], b["keypoint"][[person]].astype(np.float32))
        assert a["labels"] is None and a["skeleton"] == "coco17"


def test_the_person_with_the_largest_total_score_is_taken(save):
    scores = np.full((3, 10, 17), 0.2)
    scores[1] = 0.6
    scores[2, :2] = 1.0
    read = read_mmaction_pickle(save([annotation("a", people=3, keypoint_score=scores)]))
    sequence = read[0].to_sequence("coco17", 30.0)
    assert sequence.track_id == 1 and np.allclose(sequence.scores, 0.6)
    assert sequence.fps == 30.0 and sequence.frame_size == (240, 320)


def test_the_older_form_is_a_bare_list(save):
    path = save(ANNOTATIONS)
    assert [a.id for a in read_mmaction_pickle(path)] == ["a", "bb", "ccc"]
    assert len(MMActionPoseDataset(path)) == 3
    with pytest.raises(InputError, match="has no splits; leave subset='xsub_train' out"):
        MMActionPoseDataset(path, subset="xsub_train")


def test_splits_and_actions_are_chosen_by_name(save):
    path = save(NEW)
    assert [s["sample_id"] for s in MMActionPoseDataset(path, subset="xsub_val")] == ["ccc"]
    everything = MMActionPoseDataset(path, split="all")
    assert [s["split"] for s in everything] == ["train", "train", "val"]
    assert [s["sample_id"] for s in MMActionPoseDataset(path, split="all", action="5")] == ["bb"]
    with pytest.raises(InputError, match="no split 'train', expected one of xsub_train, xsub_val"):
        MMActionPoseDataset(path)


def test_scores_above_one_are_set_to_one_and_missing_ones_follow_the_coordinates(save):
    high = np.full((1, 10, 17), 1.02)
    keypoints = np.ones((1, 10, 17, 2))
    keypoints[0, 3, 4] = 0
    content = [
        annotation("a", people=1, keypoint_score=high),
        annotation("b", keypoint=keypoints, keypoint_score=None),
    ]
    first, second = (a.to_sequence("coco17", 30.0) for a in read_mmaction_pickle(save(content)))
    assert (first.scores == 1).all()
    assert second.scores[3, 4] == 0 and second.scores.sum() == 169


BAD = {
    "no keypoint": ({"keypoint": None}, "keypoint is NoneType"),
    "text": ({"keypoint": np.full((2, 10, 17, 2), "a")}, "expected a numeric array"),
    "3D": ({"keypoint": np.ones((2, 10, 17, 3))}, "3 coordinates"),
    "one person without axis": ({"keypoint": np.ones((10, 17, 2))}, r"shape \(10, 17, 2\)"),
    "scores": ({"keypoint_score": np.ones((2, 9, 17))}, r"shape \(2, 9, 17\)"),
    "nobody": (
        {"keypoint": np.ones((0, 10, 17, 2)), "keypoint_score": np.ones((0, 10, 17))},
        "no person",
    ),
    "frames": ({"total_frames": 12}, "expected total_frames=12"),
    "joints": (
        {"keypoint": np.ones((1, 10, 25, 2)), "keypoint_score": np.ones((1, 10, 25))},
        "25 joints, expected 17 of skeleton 'coco17'",
    ),
    "NaN": ({"keypoint": np.full((2, 10, 17, 2), np.nan)}, "NaN or infinite"),
    "NaN score": ({"keypoint_score": np.full((2, 10, 17), np.nan)}, "scores are NaN"),
    "no size": ({"img_shape": None, "original_shape": None}, "frame_size|frame sizes"),
    "fps": ({"fps": "fast"}, "frame rates are of type"),
    "invisible": ({"keypoint_score": np.zeros((2, 10, 17))}, "no joint is visible"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_video_is_a_named_error_or_a_counted_skip(save, case):
    changes, message = BAD[case]
    path = save([annotation("a"), annotation("bad", **changes)])
    with pytest.raises(InputError, match=f"video bad: .*({message})") as caught:
        MMActionPoseDataset(path)
    assert "\n" not in str(caught.value)
    dataset = MMActionPoseDataset(path, on_error="skip", min_frames=5)
    assert [s["sample_id"] for s in dataset] == ["a"] and list(dataset.skipped) == ["bad"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"a": 1}, "found dict, expected a list of annotations"),
        ([1, 2], "found list, expected a list of annotations"),
        ({"split": {"train": 3}, "annotations": []}, "'split' must map names to lists"),
        ({"split": {"train": []}}, "expected a list of annotations"),
        ([{"label": 1}], "no 'frame_dir'"),
        ([], "no sequence has split='train'"),
    ],
)
def test_files_of_another_form_are_named(save, content, message):
    with pytest.raises(InputError, match=f"poses.pkl: .*{message}"):
        MMActionPoseDataset(save(content))


class Evil:
    def __reduce__(self):
        return exec, ("open('executed', 'w')",)


def test_a_pickle_that_would_run_code_is_refused(save, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = save({"split": {}, "annotations": [annotation("a", keypoint=Evil())]})
    with pytest.raises(InputError, match=r"refused to unpickle builtins\.exec"):
        MMActionPoseDataset(path)
    assert not (tmp_path / "executed").exists()
