import json
import os
import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mmalign.errors import InputError
from mmalign.formats.benchmarks.average_body import average_body
from mmalign.formats.benchmarks.body_model import read_body_model
from mmalign.formats.benchmarks.casa import CasaReader
from mmalign.formats.benchmarks.casa_files import read_records
from mmalign.formats.convert import convert
from mmalign.poses.pose_file import read_pose_file


def write_record(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, np.array(content, dtype=object), allow_pickle=True)
    return path


def video(shape, **more):
    """One video of a record, with a phase for every two frames."""
    pose = np.random.default_rng(shape[0]).normal(size=shape)
    return {"pose": pose, "labels": np.arange(shape[0]) // 2, **more}


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """The folder of a body model of 30 vertices: every joint hangs from the one before it."""
    rng = np.random.default_rng(1)
    folder = tmp_path_factory.mktemp("model")
    np.savez(
        folder / "SMPL_NEUTRAL.npz",
        v_template=rng.normal(size=(30, 3)),
        shapedirs=rng.normal(size=(30, 3, 10)) / 10,
        J_regressor=rng.dirichlet(np.ones(30), 24),
        kintree_table=np.array([np.arange(-1, 23), np.arange(24)]),
    )
    return folder


def data():
    root = os.environ.get("MMALIGN_DATA")
    if root is None or not Path(root, "penn_action", "casa_npyrecords").is_dir():
        pytest.skip("needs CASA's records: set MMALIGN_DATA to the folder that holds penn_action/")
    return Path(root, "penn_action")


@pytest.mark.parametrize("split", ["train", "val"])
def test_real_records_have_the_ids_lengths_and_labels_of_the_phase_labels(split):
    records = read_records(data() / "casa_npyrecords" / f"jumping_jacks_{split}.npy")
    labels = json.loads((data() / "phase_labels" / f"jumping_jacks_{split}.json").read_text())
    assert [record.video for record in records] == list(labels)
    for record in records:
        assert record.labels.tolist() == labels[record.video]
        assert record.pose.shape == (len(record.labels), 72)
        assert record.beta.shape == (len(record.labels), 10)


def test_a_record_of_parameters_converts_with_a_body_model_and_without(model, tmp_path):
    content = {"0001": video((6, 72), beta=np.zeros((6, 10))), "0002": video((8, 72))}
    path = write_record(tmp_path / "golf_swing_val.npy", content)
    report = convert(CasaReader(path), tmp_path / "average")
    assert report.index.skeleton == "smpl24"
    (note,) = report.notes
    assert "beta" in note and "average adult" in note
    sequence = read_pose_file(tmp_path / "average" / report.index.sequences[0].file)
    # The pelvis stays at the origin, and is there.
    assert sequence.scores.all() and not sequence.keypoints3d[:, 0].any()
    assert report.counts["absent joints"] == 0
    joints = average_body().joints(content["0001"]["pose"], np.zeros((6, 0)))
    np.testing.assert_allclose(sequence.keypoints3d, joints, atol=1e-5)
    check_projection(sequence, joints[..., :2])
    with pytest.raises(InputError, match=r"0002: beta has shape \(0,\)"):
        convert(CasaReader(path, body_model=model), tmp_path / "smpl")


@pytest.mark.parametrize(("skeleton", "absent"), [("penn13", 0), ("coco17", 5), ("smpl25", 9)])
def test_joints_that_a_body_does_not_have_are_absent(tmp_path, skeleton, absent):
    path = write_record(tmp_path / "golf_swing_val.npy", {"0001": video((6, 72))})
    report = convert(CasaReader(path, skeleton=skeleton), tmp_path / "out")
    assert report.index.skeleton == skeleton
    assert report.counts["absent joints"] == 6 * absent
    sequence = read_pose_file(tmp_path / "out" / report.index.sequences[0].file)
    there = sequence.scores > 0
    assert (there == there[0]).all() and (~there[0]).sum() == absent
    check_projection(sequence, sequence.keypoints3d[..., :2])


def test_joints_keep_their_skeleton(tmp_path):
    path = write_record(tmp_path / "golf_swing_val.npy", {"0001": video((6, 17, 3))})
    with pytest.raises(InputError, match="holds joints.*leave --skeleton penn13 out"):
        CasaReader(path, skeleton="penn13")
    with pytest.raises(InputError, match="--skeleton 'halpe26', expected one of smpl24"):
        CasaReader(path, skeleton="halpe26")


def test_joints_of_a_body_model_are_projected_along_z(model, tmp_path):
    content = video((6, 72), beta=np.random.default_rng(2).normal(size=(6, 10)))
    path = write_record(tmp_path / "golf_swing_val.npy", {"0001": content})
    report = convert(CasaReader(path, body_model=model), tmp_path / "out")
    sequence = read_pose_file(tmp_path / "out" / report.index.sequences[0].file)
    joints = read_body_model(model).joints(content["pose"], content["beta"])
    np.testing.assert_allclose(sequence.keypoints3d, joints, atol=1e-5)
    check_projection(sequence, joints[..., :2])


def check_projection(sequence, flat):
    """One scale and shift for all, inside the frame, as large as it says, and its middle there."""
    present = sequence.scores > 0
    a, b = flat[present], sequence.keypoints[present]
    scale = (np.ptp(b, axis=0) / np.ptp(a, axis=0)).mean()
    np.testing.assert_allclose(b - b.mean(axis=0), (a - a.mean(axis=0)) * scale, atol=1e-2)
    assert np.ptp(b, axis=0).max() == pytest.approx(0.8 * 512, abs=0.01)
    np.testing.assert_allclose((b.min(axis=0) + b.max(axis=0)) / 2, 255.5, atol=0.01)


@pytest.mark.parametrize(("joints", "skeleton"), [(17, "coco17"), (25, "smpl25"), (42, "hands42")])
def test_plain_joints_are_projected_as_casa_normalised_them(tmp_path, joints, skeleton):
    content = video((6, joints, 3))
    content["pose"][2, 3] = 0  # as in triangulated poses: not found
    write_record(tmp_path / "r" / "kallax_shelf_drawer_train.npy", {"a": content})
    write_record(tmp_path / "r" / "kallax_shelf_drawer_val.npy", {"b": video((8, joints, 3))})
    report = convert(CasaReader(tmp_path / "r"), tmp_path / "out")
    assert [(e.id, e.split, e.num_frames, e.fps) for e in report.index.sequences] == [
        ("a", "train", 6, 30.0),
        ("b", "val", 8, 30.0),
    ]
    assert report.counts["absent joints"] == 1 and report.index.skeleton == skeleton
    sequence = read_pose_file(tmp_path / "out" / report.index.sequences[0].file)
    assert sequence.scores[2, 3] == 0 and sequence.scores.sum() == 6 * joints - 1
    assert sequence.keypoints3d is None and sequence.labels.tolist() == [0, 0, 1, 1, 2, 2]
    check_projection(sequence, content["pose"][..., [0, 2]])
    report = convert(CasaReader(tmp_path / "r", plane="xy"), tmp_path / "out")
    sequence = read_pose_file(tmp_path / "out" / report.index.sequences[0].file)
    check_projection(sequence, content["pose"][..., :2])


class Evil:
    def __reduce__(self):
        return os.system, ("touch executed",)


@pytest.mark.parametrize("place", ["labels", "pose", "whole"])
def test_malicious_records_are_refused_by_name(tmp_path, monkeypatch, place):
    monkeypatch.chdir(tmp_path)
    content = Evil() if place == "whole" else {"0001": {**video((3, 17, 3)), place: Evil()}}
    path = write_record(tmp_path / "squats_train.npy", content)
    with pytest.raises(InputError, match=r"squats_train.npy: refused to unpickle posix\.system"):
        CasaReader(path)
    assert not (tmp_path / "executed").exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([1, 2], "found ndarray|found list"),
        ({}, "found dict, expected a dict"),
        ({"a": 3}, "video a: expected a dict with 'labels'"),
        ({"a": {"pose": np.zeros((2, 72))}}, "video a: expected a dict with 'labels'"),
        ({"a": {**video((4, 17, 3)), "labels": np.array([0, 1])}}, "2 labels for 4 poses"),
        ({"a": {**video((2, 17, 3)), "labels": np.array([0, -1])}}, "labels are int64"),
        ({"a": {**video((2, 17, 3)), "labels": np.array([0.5, 1])}}, "labels are float64"),
        ({"a": {**video((2, 17, 3)), "labels": np.array([])}}, "labels are float64 of shape"),
        ({"a": {**video((2, 17, 3)), "labels": np.array([0, 1e18])}}, "expected a phase"),
        ({"a": {"labels": np.array([0, 1])}}, r"pose has shape \(0,\)"),
        ({"a": {**video((2, 17, 3)), "pose": "x"}}, "pose is no array of numbers"),
        ({"a": video((2, 16, 3))}, r"pose has shape \(2, 16, 3\)"),
        ({"a": video((2, 102))}, "MANO parameters.*--casa-record"),
        ({"a": video((2, 72))}, r"beta has shape \(0,\)"),
        ({"a": video((2, 72), beta=np.zeros((2, 99)))}, "99 shape parameters"),
        ({"a": video((2, 17, 3)), "b": video((2, 25, 3))}, "smpl25, those of the first.*coco17"),
        ({"a": {**video((2, 17, 3)), "pose": np.full((2, 17, 3), np.nan)}}, "no position"),
    ],
)
def test_other_records_are_one_line(model, tmp_path, content, message):
    path = write_record(tmp_path / "squats_train.npy", content)
    with pytest.raises(InputError, match=message) as caught:
        convert(CasaReader(path, body_model=model), tmp_path / "out")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("squats.npy", b"", "expected a name like golf_swing_train.npy"),
        ("squats_train.npy", b"", "not a readable pickle"),
        ("squats_train.npy", b"\x93NUMPY\x03\x00", "another version"),
        ("squats_train.npy", pickle.dumps(3), "found int"),
    ],
)
def test_other_files_are_one_line(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=message) as caught:
        CasaReader(tmp_path / name)
    assert "\n" not in str(caught.value)


def test_numbers_that_are_no_pickle_and_empty_folders_are_one_line(tmp_path):
    np.save(tmp_path / "a_train.npy", np.zeros(3))
    with pytest.raises(InputError, match="an .npy file of numbers"):
        CasaReader(tmp_path)
    (tmp_path / "a_train.npy").unlink()
    with pytest.raises(InputError, match="holds no ACTION_SPLIT.npy"):
        CasaReader(tmp_path)
    with pytest.raises(InputError, match="plane 'yz'"):
        CasaReader(tmp_path, plane="yz")


arrays = st.builds(
    lambda shape, value, kind: np.full(shape, value).astype(kind),
    st.lists(st.sampled_from([0, 1, 2, 3, 17, 72]), max_size=3).map(tuple),
    st.sampled_from([0.0, 1.0, -1.0, 1e300, np.nan, np.inf]),
    st.sampled_from(["f8", "f4", "f2", "U3"]),
)


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.dictionaries(st.sampled_from(["pose", "labels", "beta"]), arrays | st.none()),
    st.integers(0, 40),
    st.integers(0, 2),
)
@pytest.mark.filterwarnings("ignore:overflow encountered")
def test_fuzzed_records_give_clips_or_one_line(model, tmp_path, content, cut, mode):
    path = write_record(tmp_path / "squats_train.npy", {"a": content})
    if mode == 0:
        path.write_bytes(path.read_bytes()[: -cut - 1])
    try:
        convert(CasaReader(path, body_model=model), tmp_path / "out")
    except InputError as error:
        assert "\n" not in str(error) and "squats_train.npy" in str(error)
