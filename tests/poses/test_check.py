import dataclasses
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmalign.cli.data_check import main
from mmalign.datasets import PoseSequenceDataset
from mmalign.errors import InputError
from mmalign.poses.check import check_dataset
from mmalign.poses.pose_file import read_pose_file, write_pose_file
from mmalign.poses.pose_index import read_index, write_index
from mmalign.toy.writer import write_dataset


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    root = tmp_path_factory.mktemp("clean")
    write_dataset(root, ("lift", "throw"), num_train=2, num_val=2, length=(60, 60))
    return root


@pytest.fixture
def root(clean, tmp_path):
    return shutil.copytree(clean, tmp_path / "data")


def change(root, number, **changes):
    """Change one sequence, and the index with it."""
    index = read_index(root)
    entry = index.sequences[number]
    sequence = read_pose_file(root / entry.file)
    new = {k: v(getattr(sequence, k)) if callable(v) else v for k, v in changes.items()}
    sequence = dataclasses.replace(sequence, **new)
    write_pose_file(root / entry.file, sequence)
    index.sequences[number] = dataclasses.replace(
        entry,
        num_frames=sequence.num_frames,
        fps=float(sequence.fps),
        labelled=sequence.labels is not None,
    )
    write_index(root, index)


def change_index(root, number, **changes):
    index = read_index(root)
    index.sequences[number] = dataclasses.replace(index.sequences[number], **changes)
    write_index(root, index)


def copy_poses(root, source, target):
    files = [root / entry.file for entry in read_index(root).sequences]
    shutil.copy(files[source], files[target])


def swap_hips(root):
    index = read_index(root)
    for i in range(len(index.sequences)):
        change(root, i, keypoints=lambda k: k[:, [*range(11), 12, 11, *range(13, 17)]],
               scores=lambda s: s[:, [*range(11), 12, 11, *range(13, 17)]])  # fmt: skip


def lose(root, joint):
    for i in range(len(read_index(root).sequences)):
        change(root, i, scores=lambda s: np.where(np.arange(17) == joint, 0, s))


def flip_halfway(keypoints):
    order = [0, *(j + 1 if j % 2 else j - 1 for j in range(1, 17))]
    return np.concatenate([keypoints[:30], keypoints[30:, order]])


def flip_legs(keypoints):
    order = [*range(11), *(j + 1 if j % 2 else j - 1 for j in range(11, 17))]
    return np.concatenate([keypoints[:20], keypoints[20:40, order], keypoints[40:]])


def shuffle(root, number):
    order = np.random.default_rng(0).permutation(60)
    change(root, number, keypoints=lambda k: k[order], scores=lambda s: s[order])


def without_shown_frames(scores):
    return np.where(np.arange(60)[:, None] < 40, 0, scores)


# In the index: lift train 0 1, lift val 2 3, throw train 4 5, throw val 6 7.
DEFECTS = {
    "lift_train_0000.npz: not a readable pose file": lambda r: (
        (r / "poses/lift_train_0000.npz").write_bytes(b"x")
    ),
    "lift_train_0001.npz: no such pose file": lambda r: (
        (r / "poses/lift_train_0001.npz").unlink()
    ),
    "1 x (lift_train_0001): skeleton, frames, fps or labels of a pose file differ": lambda r: (
        change_index(r, 1, num_frames=59)
    ),
    "1 x (lift_val_0000): fewer than 8 frames": lambda r: change(
        r, 2, keypoints=lambda k: k[:7], scores=lambda s: s[:7], labels=None
    ),
    "1 x (throw_val_0001): more than half of the frames show no joint": lambda r: change(
        r, 7, scores=without_shown_frames
    ),
    "1 x (lift_train_0000): coordinates within -2 to 2": lambda r: change(
        r, 0, keypoints=lambda k: k / 1000
    ),
    "1 x (lift_train_0000): more than half of the joints lie outside": lambda r: change(
        r, 0, keypoints=lambda k: k + 1000
    ),
    "1 x (lift_train_0000): joints within 2 pixels of the frame's corner": lambda r: change(
        r, 0, keypoints=lambda k: np.where(np.arange(17)[:, None] == 9, 1.5, k)
    ),
    "1 x (lift_train_0000): no joint ever moves": lambda r: change(
        r, 0, keypoints=lambda k: np.repeat(k[:1], 60, axis=0)
    ),
    "1 x (lift_train_0000): left and right change places": lambda r: change(
        r, 0, keypoints=flip_halfway
    ),
    "1 x (lift_train_0001): left and right change places": lambda r: change(
        r, 1, keypoints=flip_legs
    ),
    "1 x (throw_train_0000): the whole body jumps between frames": lambda r: change(
        r, 4, keypoints=lambda k: np.concatenate([k[:30], k[30:] + 200])
    ),
    "1 x (throw_train_0001): the whole body jumps in many frames": lambda r: change(
        r, 5, keypoints=lambda k: k + 200 * (np.arange(60) % 7 == 0)[:, None, None]
    ),
    "1 x (throw_val_0000): frames seem not to be in the order": lambda r: shuffle(r, 6),
    "1 x (lift_train_0000): lift: labels go back": lambda r: change(
        r, 0, labels=lambda x: np.where(np.arange(60) == 59, 0, x)
    ),
    "1 x (lift_train_0000): lift: labels leave a phase out": lambda r: change(
        r, 0, labels=lambda x: np.where(x == 1, 0, x)
    ),
    "1 x (lift_train_0000): lift: a label beyond the": lambda r: change(
        r, 0, labels=lambda x: np.where(np.arange(60) == 59, 9, x)
    ),
    "1 x (lift_train_0000): lift: no clip shows phase 0": lambda r: [
        change(r, n, labels=lambda x: x + 1) for n in range(4)
    ],
    "(lift_train_0001 = lift_val_0000): the same poses stand in both splits": lambda r: copy_poses(
        r, 1, 2
    ),
    "(lift_train_0000 = lift_train_0001): the same poses stand there more": lambda r: copy_poses(
        r, 0, 1
    ),
    "the index lists an id twice": lambda r: change_index(r, 1, id="lift_train_0000"),
    "1 x (Take-07 cam1 = take_7): both splits have clips of one recording": lambda r: (
        change_index(r, 1, id="Take-07 cam1"), change_index(r, 2, id="take_7"),
    ),  # fmt: skip
    "left_wrist is never present": lambda r: lose(r, 9),
    "left_hip and right_hip lie on other sides than the other pairs": swap_hips,
    "sequences have 2 frame rates (7 at 30, 1 at 25 fps)": lambda r: change(r, 3, fps=25.0),
    "1 x (throw_val_0000): a frame rate outside 1 to 1000": lambda r: change(r, 6, fps=0.04),
}  # fmt: skip


def test_a_clean_data_set_is_clean(clean, capsys):
    assert main([str(clean)]) == 0
    printed = capsys.readouterr().out
    assert "8 sequences (4 train, 4 val; 8 labelled) of 2 actions, 480 frames at 30 fps" in printed
    assert printed.endswith("verdict: clean\n") and "note" not in printed
    assert [line.split()[0] for line in printed.splitlines()[3:20]][:2] == ["nose", "left_eye"]


@pytest.mark.parametrize("expected", DEFECTS)
def test_each_defect_is_one_line_with_a_remedy(root, capsys, expected):
    DEFECTS[expected](root)
    assert main([str(root)]) == 1
    printed = capsys.readouterr().out.splitlines()
    found = [line for line in printed if line.startswith("defect: ")]
    matching = [line for line in found if expected in line]
    assert len(matching) == 1, found
    assert len(matching[0].split("; ", 1)[1]) > 10
    assert printed[-1] == f"verdict: {len(found)} defects"
    # Some change makes a second defect; none makes more.
    assert len(found) <= 2


def test_coordinates_divided_by_the_frame_size_are_not_taken_for_absent_joints(root, capsys):
    change(root, 0, keypoints=lambda k: k / 1000,
           scores=lambda s: np.where(np.arange(17) == 9, 0, s))  # fmt: skip
    assert main([str(root)]) == 1
    printed = capsys.readouterr().out
    assert "look divided by the frame size" in printed and "corner" not in printed


def test_a_video_that_is_not_there_is_a_defect(root, capsys):
    change_index(root, 1, video="videos/a.mp4")
    change_index(root, 2, depth="depth/b")
    (root / "depth/b").mkdir(parents=True)
    assert main([str(root)]) == 1
    out = " ".join(capsys.readouterr().out.split())
    assert "the video that the index names is not there" in out and "videos/a.mp4" in out
    assert "depth/b" not in out


def test_the_visibility_is_that_of_the_frames(root):
    change(root, 0, scores=lambda s: np.where(np.arange(17) == 3, 0, np.ones_like(s)))
    check = check_dataset(root)
    entries = read_index(root).sequences
    scores = np.concatenate([read_pose_file(root / entry.file).scores for entry in entries])
    np.testing.assert_allclose(check.visibility, (scores > 0).mean(axis=0))


def test_repeating_phases_of_most_clips_are_no_defect(root):
    for i in range(4):
        change(root, i, labels=lambda x: np.where(np.arange(60) == 59, 0, x))
    check = check_dataset(root)
    assert not check.defects
    assert check.notes == ["lift: phases repeat; evaluate with ordered=False"]


def test_notes_tell_what_cannot_be_scored_and_what_is_not_used(root):
    for i in (6, 7):
        change(root, i, labels=None)
    shutil.copy(root / "poses/lift_val_0000.npz", root / "poses/stray.npz")
    check = check_dataset(root)
    assert not check.defects
    assert check.notes == [
        "throw: no labelled clips in val: it cannot be scored",
        "1 files in poses/ are not in the index: they are not used",
    ]


@pytest.mark.parametrize("content", [None, "{", json.dumps({"format": "other"})])
def test_no_readable_data_set_is_status_2(tmp_path, capsys, content):
    if content is not None:
        (tmp_path / "index.json").write_text(content)
    assert main([str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith("error: ")


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=4,
)


def test_an_index_of_any_content_is_checked_or_the_documented_error(clean, tmp_path_factory):
    root = shutil.copytree(clean, tmp_path_factory.mktemp("fuzz") / "data")
    content = json.loads((root / "index.json").read_text())
    content["sequences"] = content["sequences"][:2]

    @settings(max_examples=150, deadline=None)
    @given(st.data())
    def check(draw):
        changed = json.loads(json.dumps(content))
        where = draw.draw(
            st.sampled_from(
                [changed, changed["sequences"][0], changed["actions"], changed["actions"]["lift"]]
            )
        )
        where[draw.draw(st.sampled_from(sorted(where)))] = draw.draw(junk)
        (root / "index.json").write_text(json.dumps(changed))
        for use in (check_dataset, lambda r: PoseSequenceDataset(str(r), resample_fps=20.0)):
            try:
                use(root)
            except InputError as error:
                assert "\n" not in str(error)

    check()


@pytest.mark.slow
def test_penn_action_has_one_clip_in_which_nothing_moves(tmp_path):
    data = os.environ.get("MMALIGN_DATA")
    if not data or not (Path(data) / "penn_action").is_dir():
        pytest.skip("needs Penn Action: set MMALIGN_DATA to the folder that holds penn_action/")
    from mmalign.formats.benchmarks.penn_action import PennActionReader
    from mmalign.formats.convert import convert

    convert(PennActionReader(Path(data, "penn_action"), ["pushups"]), tmp_path)
    check = check_dataset(tmp_path)
    assert [ids for ids in check.defects.values()] == [["1516"]]
    assert check.lines()[0].startswith("1 x (1516): no joint ever moves; ")
