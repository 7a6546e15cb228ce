import cv2
import numpy as np
import pytest
from mmengine.registry import DefaultScope, init_default_scope

from mmalign.datasets import ToyPoseDataset
from mmalign.datasets.evaluation_dataset import EvaluationDataset
from mmalign.datasets.pose_dataset import PoseSequenceDataset
from mmalign.errors import InputError
from mmalign.functional.metrics import trim_windows
from mmalign.poses.pose_file import read_pose_file
from mmalign.registry import DATASETS
from mmalign.toy import generate_dataset, render_frames, write_dataset

SMALL = dict(activity="lift", num_sequences=4, length=(40, 60))


def test_samples_are_the_generated_sequences():
    data = ToyPoseDataset(**SMALL, split="val", data_seed=3)
    made = generate_dataset("lift", 4, "val", 3, length=(40, 60))
    assert len(data) == 4
    for sample, sequence in zip(data, made, strict=True):
        np.testing.assert_array_equal(sample["keypoint"][0], sequence.keypoints)
        np.testing.assert_array_equal(sample["keypoint_score"][0], sequence.scores)
        np.testing.assert_array_equal(sample["labels"], sequence.labels)
        assert sample["action"] == "lift"
        assert sample["skeleton"] == "coco17"
        assert sample["num_frames"] == sequence.num_frames
    assert data.metainfo["phases"] == {"lift": ["bend", "lift", "dip", "put up"]}


def test_seed_of_transforms_changes_no_sequence():
    first, second = (ToyPoseDataset(**SMALL, seed=seed)[0] for seed in (0, 1))
    np.testing.assert_array_equal(first["keypoint"], second["keypoint"])
    assert first["rng"].random() != second["rng"].random()


def test_trimmed_windows_are_those_of_the_protocol():
    data = ToyPoseDataset(**SMALL, split="val", window="trimmed")
    lengths = [s.num_frames for s in generate_dataset("lift", 4, "val", length=(40, 60))]
    assert [sample["window"] for sample in data] == trim_windows(lengths)


def test_all_gives_both_splits():
    data = ToyPoseDataset(**SMALL, split="all")
    assert [sample["split"] for sample in data] == ["train"] * 4 + ["val"] * 4
    assert len({sample["sample_id"] for sample in data}) == 8


def test_built_by_name_also_for_evaluation():
    init_default_scope("mmalign")
    try:
        data = DATASETS.build(dict(type="ToyPoseDataset", activity="pour", num_sequences=2))
        assert data[0]["keypoint"].shape[2:] == (42, 2)
        parts = EvaluationDataset(dict(type="ToyPoseDataset", **SMALL))
    finally:
        DefaultScope._instance_dict.clear()
    assert [s["protocol"] for s in parts] == ["whole"] * 8 + ["trimmed"] * 4


def test_wrong_skeleton_is_an_error():
    with pytest.raises(InputError, match="'lift' has 'coco17'.*expects 'penn13'"):
        ToyPoseDataset(**SMALL, skeleton="penn13")


def test_written_data_set_reads_back(tmp_path):
    write_dataset(tmp_path, ["lift", "throw"], num_train=3, num_val=2, seed=7)
    for split, count in (("train", 3), ("val", 2)):
        for activity in ("lift", "throw"):
            made = generate_dataset(activity, count, split, 7)
            data = PoseSequenceDataset(str(tmp_path), split, action=activity, skeleton="coco17")
            assert len(data) == count
            for sample, sequence in zip(data, made, strict=True):
                np.testing.assert_array_equal(sample["keypoint"][0], sequence.keypoints)
                np.testing.assert_array_equal(sample["labels"], sequence.labels)
                assert sample["fps"] == 30
                assert sample["img_shape"] == (240, 320)
    assert data.metainfo["phases"]["throw"] == ["wind up", "throw", "recover", "crouch"]


def test_written_files_are_the_same_for_the_same_seed(tmp_path):
    for name in ("first", "second"):
        write_dataset(tmp_path / name, num_train=1, num_val=1)
    for path in sorted((tmp_path / "first" / "poses").iterdir()):
        again = read_pose_file(tmp_path / "second" / "poses" / path.name)
        np.testing.assert_array_equal(read_pose_file(path).keypoints, again.keypoints)


def test_frames_are_written_as_images_and_videos(tmp_path):
    for form in ("images", "video"):
        index = write_dataset(tmp_path, ["pour"], 1, 1, frames=form, length=(36, 40))
    entry = index.sequences[1]
    expected = render_frames(generate_dataset("pour", 1, "val", length=(36, 40))[0])
    images = sorted((tmp_path / "frames" / entry.id).iterdir())
    assert len(images) == entry.num_frames == len(expected)
    np.testing.assert_array_equal(cv2.imread(str(images[5]))[..., ::-1], expected[5])
    video = cv2.VideoCapture(str(tmp_path / "videos" / f"{entry.id}.mp4"))
    frames = []
    while (read := video.read())[0]:
        frames.append(read[1][..., ::-1])
    assert np.shape(frames) == expected.shape
    assert np.abs(np.array(frames, dtype=int) - expected).mean() < 12


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"activities": ["lift", "pour"]}, "skeletons coco17, hands42, expected.*one skeleton"),
        ({"activities": []}, "of none"),
        ({"activities": ["nap"]}, "unknown name 'nap'"),
        ({"frames": "gif"}, "frames: found 'gif'"),
    ],
)
def test_bad_arguments_of_write_dataset(tmp_path, change, message):
    with pytest.raises(InputError, match=message):
        write_dataset(tmp_path / "out", **change)
    assert not (tmp_path / "out").exists()


def test_several_activities_in_the_joints_of_another_skeleton():
    names = ["lift", "random_7"]
    data = ToyPoseDataset(activity=names, num_sequences=2, convert_to="penn13")
    assert [sample["action"] for sample in data] == ["lift"] * 2 + ["random_7"] * 2
    assert data.metainfo["skeleton"] == data.skeleton == "penn13"
    made = generate_dataset("lift", 2)
    for sample, sequence in zip(data, made, strict=False):
        assert sample["keypoint"].shape[2:] == (13, 2)
        assert sample["keypoint_3d"].shape[2:] == (13, 3)
        # The head is midway between the ears, the left wrist is itself.
        ears = sequence.keypoints[:, 3:5].mean(axis=1)
        both = (sequence.scores[:, 3:5] > 0).all(axis=1)
        np.testing.assert_allclose(sample["keypoint"][0, both, 0], ears[both], atol=1e-3)
        np.testing.assert_array_equal(sample["keypoint"][0, :, 6], sequence.keypoints[:, 9])


def test_activities_of_two_skeletons_are_refused():
    with pytest.raises(InputError, match="of one skeleton"):
        ToyPoseDataset(activity=["lift", "pour"], num_sequences=2).full_init()
