import dataclasses
import json
from dataclasses import replace

import numpy as np
import pytest
from mmengine.dataset import ConcatDataset, DefaultSampler, pseudo_collate
from mmengine.registry import DefaultScope, init_default_scope
from torch.utils.data import DataLoader

from mmalign.datasets import PoseSequenceDataset
from mmalign.errors import InputError
from mmalign.functional.metrics import trim_windows
from mmalign.poses.pose_file import PoseSequence, write_pose_file
from mmalign.poses.pose_index import PoseIndex, SequenceEntry, read_index, write_index
from mmalign.registry import DATASETS

# (id, action, split, frames, labelled), in annotation order
CLIPS = [
    ("b", "golf_swing", "train", 20, True),
    ("a", "golf_swing", "train", 30, True),
    ("c", "golf_swing", "train", 9, False),
    ("d", "golf_swing", "val", 40, True),
    ("e", "golf_swing", "val", 50, True),
    ("f", "pushups", "train", 25, True),
    ("g", "pushups", "val", 35, True),
]


ACTION_OF = {name: action for name, action, *_ in CLIPS}


def sequence(position, frames, labelled):
    rng = np.random.default_rng(position)
    return PoseSequence(
        keypoints=rng.uniform(1, 99, (frames, 13, 2)),
        scores=rng.uniform(0.1, 1, (frames, 13)),
        frame_size=(270, 480),
        fps=20.0,
        skeleton="penn13",
        labels=np.arange(frames) * 3 // frames if labelled else None,
    )


@pytest.fixture
def root(tmp_path):
    entries = []
    for position, (name, action, split, frames, labelled) in enumerate(CLIPS):
        file = f"poses/{name}.npz"
        write_pose_file(tmp_path / file, sequence(position, frames, labelled))
        entries.append(SequenceEntry(name, file, split, action, frames, 20.0, labelled, name))
    actions = {"golf_swing": {"phases": ["0", "1", "2"]}, "pushups": {"phases": ["0", "1", "2"]}}
    write_index(tmp_path, PoseIndex("penn13", "test", actions, entries))
    return tmp_path


def ids(dataset):
    return [dataset[i]["sample_id"] for i in range(len(dataset))]


def test_a_sample_has_the_documented_keys_shapes_and_types(root):
    sample = PoseSequenceDataset(str(root), action="golf_swing")[1]
    assert sample["keypoint"].shape == (1, 30, 13, 2)
    assert sample["keypoint_score"].shape == (1, 30, 13)
    assert sample["keypoint"].dtype == sample["keypoint_score"].dtype == np.float32
    np.testing.assert_array_equal(
        sample["keypoint"][0], sequence(1, 30, True).keypoints.astype("f")
    )
    np.testing.assert_array_equal(sample["frame_inds"], np.arange(30.0))
    assert sample["frame_inds"].dtype == np.float64
    assert sample["labels"].dtype == np.int64 and len(sample["labels"]) == 30
    rest = ("img_shape", "fps", "skeleton", "sample_id", "split", "action", "num_frames")
    assert tuple(sample[key] for key in rest) == (
        (270, 480), 20.0, "penn13", "a", "train", "golf_swing", 30,
    )  # fmt: skip
    assert (sample["protocol"], sample["window"], sample["sample_idx"]) == ("whole", (0, 30), 1)


def test_where_nothing_is_left_the_actions_that_could_be_asked_for_are_told(root):
    known = "golf_swing, pushups"
    with pytest.raises(InputError, match=f"its sequences of that split show {known}; name actions"):
        PoseSequenceDataset(str(root), action="bowling")
    index = read_index(root)
    index.sequences = [replace(e, labelled=e.action == "pushups") for e in index.sequences]
    write_index(root, index)
    with pytest.raises(InputError, match="its labelled sequences of that split show pushups; name"):
        PoseSequenceDataset(str(root), action="golf_swing", labelled_only=True)
    index.sequences = [replace(e, labelled=False) for e in index.sequences]
    write_index(root, index)
    with pytest.raises(InputError, match="show no action; put some with phase labels into that"):
        PoseSequenceDataset(str(root), labelled_only=True)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, "bacf"),
        ({"split": "val"}, "deg"),
        ({"split": "all"}, "bacdefg"),
        ({"action": "golf_swing"}, "bac"),
        ({"action": ["pushups"], "split": "all"}, "fg"),
        ({"action": ["pushups", "golf_swing"]}, "bacf"),
        ({"labelled_only": True}, "baf"),
        ({"min_frames": 21, "split": "all"}, "adefg"),
        ({"action": "golf_swing", "repeat": 2}, "bacbac"),
        ({"cache": False}, "bacf"),
    ],
)
def test_sequences_are_chosen_in_annotation_order(root, arguments, expected):
    assert "".join(ids(PoseSequenceDataset(str(root), **arguments))) == expected


def test_unlabelled_sequences_have_no_labels(root):
    assert PoseSequenceDataset(str(root))[2]["labels"] is None


def test_trimmed_windows_are_those_of_the_protocol(root):
    dataset = PoseSequenceDataset(str(root), split="val", action="golf_swing", window="trimmed")
    r = np.random.RandomState(0)
    for i, length in enumerate((40, 50)):
        w = min(max(8, int(r.uniform(0.4, 0.8) * length)), length)
        a = r.randint(0, length - w + 1)
        sample = dataset[i]
        assert (sample["window"], sample["protocol"]) == ((a, a + w), "trimmed")
        np.testing.assert_array_equal(sample["frame_inds"], np.arange(a, a + w, dtype=float))
        whole = sequence(3 + i, length, True)
        np.testing.assert_array_equal(sample["keypoint"][0], whole.keypoints[a : a + w].astype("f"))
        np.testing.assert_array_equal(sample["labels"], whole.labels[a : a + w])
        assert sample["keypoint_score"].shape == (1, w, 13) and sample["num_frames"] == length


def test_long_sequences_are_windows_drawn_anew_in_each_epoch(root):
    whole = PoseSequenceDataset(root, split="train", action="golf_swing")
    short = PoseSequenceDataset(root, split="train", action="golf_swing", max_frames=12)
    starts = set()
    for epoch in range(20):
        short.set_epoch(epoch)
        for full, part in zip(whole, short, strict=True):
            a, e = part["window"]
            assert e - a == min(12, full["num_frames"]) and part["num_frames"] == full["num_frames"]
            np.testing.assert_array_equal(part["frame_inds"], np.arange(a, e))
            np.testing.assert_array_equal(part["keypoint"], full["keypoint"][:, a:e])
            if part["labels"] is not None:
                np.testing.assert_array_equal(part["labels"], full["labels"][a:e])
            starts.add((part["sample_id"], a))
    assert {a for name, a in starts if name == "b"} == set(range(9))
    assert {a for name, a in starts if name == "c"} == {0}


def test_trimmed_windows_do_not_depend_on_what_else_is_loaded(root):
    def windows(**arguments):
        dataset = PoseSequenceDataset(str(root), window="trimmed", **arguments)
        return {s["sample_id"]: s["window"] for s in (dataset[i] for i in range(len(dataset)))}

    everything = windows(split="all")
    for action in ("golf_swing", "pushups"):
        alone = windows(split="val", action=action, labelled_only=True)
        assert alone == {name: everything[name] for name in alone}


def draws(dataset):
    return [dataset[i]["rng"].integers(1 << 60) for i in range(len(dataset))]


def test_randomness_depends_on_seed_epoch_and_index_alone(root):
    dataset = PoseSequenceDataset(str(root), repeat=2, seed=3)
    first = draws(dataset)
    assert len(set(first)) == len(dataset) == 8
    assert draws(dataset) == first == draws(PoseSequenceDataset(str(root), repeat=2, seed=3))
    dataset.set_epoch(1)
    second = draws(dataset)
    assert not set(second) & set(first)
    assert not set(draws(PoseSequenceDataset(str(root), repeat=2, seed=4))) & {*first, *second}
    dataset.set_epoch(0)
    assert draws(dataset) == first


class Draw:
    def __call__(self, results):
        return {"draw": int(results["rng"].integers(1 << 60)), "idx": results["sample_idx"]}


@pytest.mark.slow
@pytest.mark.parametrize("context", ["fork", "spawn"])
def test_running_workers_see_a_new_epoch(root, context):
    dataset = PoseSequenceDataset(str(root), pipeline=[Draw()])
    loader = DataLoader(
        dataset,
        num_workers=1,
        persistent_workers=True,
        multiprocessing_context=context,
        collate_fn=pseudo_collate,
    )
    for epoch in (0, 1):
        dataset.set_epoch(epoch)
        expected = [dataset[i]["draw"] for i in range(len(dataset))]
        assert [batch["draw"][0] for batch in loader] == expected


def test_samples_are_copies(root):
    dataset = PoseSequenceDataset(str(root))
    for key in ("keypoint", "keypoint_score", "labels"):
        before = dataset[0][key].copy()
        dataset[0][key][:] = 0
        np.testing.assert_array_equal(dataset[0][key], before)


def test_it_is_built_from_a_config_and_joins_a_concatenation(root):
    with DefaultScope.overwrite_default_scope("mmalign"):
        init_default_scope("mmalign")
        config = {"type": "PoseSequenceDataset", "data_root": str(root), "action": "golf_swing"}
        parts = [
            config,
            config | {"split": "val", "labelled_only": True},
            config | {"split": "val", "window": "trimmed"},
        ]
        whole = ConcatDataset([DATASETS.build(part) for part in parts])
    assert [whole[i]["sample_id"] for i in range(len(whole))] == list("bacdede")
    assert len(list(DefaultSampler(whole, shuffle=False))) == 7
    assert whole.metainfo["skeleton"] == "penn13"
    assert whole.metainfo["phases"]["golf_swing"] == ["0", "1", "2"]


def test_lazy_init_reads_nothing_before_it_is_asked(tmp_path, root):
    dataset = PoseSequenceDataset(str(tmp_path / "later"), lazy_init=True)
    with pytest.raises(InputError, match="no such folder"):
        dataset.full_init()
    lazy = PoseSequenceDataset(str(root), lazy_init=True)
    assert lazy[0]["sample_id"] == "b"


def test_negative_indices_count_from_the_end_and_others_are_out_of_range(root):
    dataset = PoseSequenceDataset(str(root))
    assert dataset[-1]["sample_id"] == "f"
    with pytest.raises(IndexError):
        dataset.get_data_info(4)


def spoil(root, name, **changes):
    with np.load(root / "poses" / f"{name}.npz") as archive:
        content = dict(archive)
    np.savez(root / "poses" / f"{name}.npz", **(content | changes))


BAD = {
    "NaN": lambda root: spoil(root, "a", keypoints=np.full((30, 13, 2), np.nan)),
    "nothing visible": lambda root: spoil(root, "a", scores=np.zeros((30, 13))),
    "label length": lambda root: spoil(root, "a", labels=np.zeros(29, int)),
    "joints": lambda root: spoil(
        root, "a", keypoints=np.ones((30, 17, 2)), scores=np.ones((30, 17))
    ),
    "another skeleton": lambda root: spoil(
        root, "a", keypoints=np.ones((30, 17, 2)), scores=np.ones((30, 17)), skeleton="coco17"
    ),
    "another length": lambda root: spoil(
        root, "a", keypoints=np.ones((7, 13, 2)), scores=np.ones((7, 13)), labels=np.ones(7, int)
    ),
    "truncated": lambda root: (root / "poses" / "a.npz").write_bytes(
        (root / "poses" / "a.npz").read_bytes()[:500]
    ),
    "missing": lambda root: (root / "poses" / "a.npz").unlink(),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_sequence_is_a_named_error_or_a_counted_skip(root, case, monkeypatch):
    BAD[case](root)
    with pytest.raises(InputError, match="a.npz"):
        PoseSequenceDataset(str(root))
    with pytest.raises(InputError, match="a.npz"):
        PoseSequenceDataset(str(root), cache=False)[1]
    logged = []
    monkeypatch.setattr(
        "mmalign.datasets.pose_dataset.print_log", lambda text, **_: logged.append(text)
    )
    for cache in (True, False):
        dataset = PoseSequenceDataset(str(root), on_error="skip", cache=cache)
        assert ids(dataset) == ["b", "c", "f"]
        assert list(dataset.skipped) == ["a"] and "a.npz" in dataset.skipped["a"]
    assert len(logged) == 2 and all("skipped 1 of 4 sequences" in text for text in logged)


def test_nothing_left_after_skipping_is_an_error(root):
    for name, *_ in CLIPS:
        (root / "poses" / f"{name}.npz").write_bytes(b"")
    with pytest.raises(InputError, match="none of 4 sequences can be used"):
        PoseSequenceDataset(str(root), on_error="skip")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"pipline": []}, "the argument .pipline.,.* video or depth"),
        ({"split": "test"}, "split is 'test', expected one of train, val, all"),
        ({"window": "cut"}, "window is 'cut'"),
        ({"on_error": "ignore"}, "on_error is 'ignore'"),
        ({"repeat": 0}, "repeat is 0"),
        ({"seed": -1}, "seed is -1"),
        ({"skeleton": "coco17"}, "skeleton is 'penn13', the configuration expects 'coco17'"),
        ({"action": "golf"}, "that split show golf_swing, pushups"),
        ({"min_frames": 100}, "min_frames=100"),
    ],
)
def test_bad_arguments_are_named(root, arguments, message):
    with pytest.raises(InputError, match=message):
        PoseSequenceDataset(str(root), **arguments)


def test_a_missing_data_root_names_the_command(tmp_path):
    with pytest.raises(InputError, match="mmalign data convert FORMAT SRC --out"):
        PoseSequenceDataset(str(tmp_path / "none"))


def test_a_pipeline_that_returns_nothing_is_named(root):
    dataset = PoseSequenceDataset(str(root), pipeline=[lambda results: None])
    with pytest.raises(InputError, match="sequence b: a transform of the pipeline returned None"):
        dataset[0]


def test_a_pose_file_outside_the_folder_is_refused(root):
    content = json.loads((root / "index.json").read_text())
    content["sequences"][0]["file"] = "../a.npz"
    (root / "index.json").write_text(json.dumps(content))
    with pytest.raises(InputError, match="outside"):
        PoseSequenceDataset(str(root))


class Generated(PoseSequenceDataset):
    def load_sequences(self):
        entry = SequenceEntry("x", "", "train", "wave", 12, 20.0, True, "generator")
        return [entry, dataclasses.replace(entry, id="y", split="val")]

    def _read(self, position):
        return sequence(position, 12, True).validate("generated")


def test_a_subclass_may_make_its_sequences():
    sample = Generated(split="val")[0]
    assert sample["sample_id"] == "y" and sample["keypoint"].shape == (1, 12, 13, 2)


def test_holdout_splits_the_training_clips_and_leaves_the_validation_clips_out(root):
    parts = {
        split: ids(PoseSequenceDataset(str(root), split=split, holdout=(0, 2)))
        for split in ("train", "val", "all")
    }
    everything = ids(PoseSequenceDataset(str(root)))
    assert sorted(parts["train"] + parts["val"]) == sorted(parts["all"]) == sorted(everything)
    for action in ("golf_swing", "pushups"):
        mine = [c for c in everything if ACTION_OF[c] == action]
        held = ids(PoseSequenceDataset(str(root), split="val", action=action, holdout=(0, 2)))
        assert held == mine[::2]
    sample = PoseSequenceDataset(str(root), split="val", holdout=(0, 2))[0]
    assert sample["split"] == "val"


@pytest.mark.parametrize("holdout", [(2, 2), (0,), (-1, 3)])
def test_a_holdout_that_makes_no_sense_is_named(root, holdout):
    with pytest.raises(InputError, match="holdout"):
        PoseSequenceDataset(str(root), holdout=holdout)


def test_a_data_set_over_the_limit_is_read_when_used(root, monkeypatch):
    read = []
    original = PoseSequenceDataset._read
    monkeypatch.setattr(
        PoseSequenceDataset, "_read", lambda self, i: read.append(i) or original(self, i)
    )
    frames = 20 + 30 + 9 + 25
    kept = PoseSequenceDataset(str(root), cache_limit=frames)
    assert len(read) == 4
    samples = [kept[i] for i in range(4)]
    assert len(read) == 4
    read.clear()
    large = PoseSequenceDataset(str(root), cache_limit=frames - 1)
    assert not read
    for i, sample in enumerate(samples):
        np.testing.assert_array_equal(large[i]["keypoint"], sample["keypoint"])
        assert large[i]["window"] == sample["window"]
    assert len(read) == 8


@pytest.mark.parametrize("cache", [True, False])
def test_resampling_comes_before_windows_indices_and_labels(root, cache):
    arguments = {"split": "val", "action": "golf_swing", "cache": cache}
    whole = PoseSequenceDataset(str(root), **arguments)
    half = PoseSequenceDataset(str(root), resample_fps=10, **arguments)
    sample = half[1]
    assert (sample["num_frames"], sample["fps"], sample["window"]) == (25, 10.0, (0, 25))
    np.testing.assert_array_equal(sample["keypoint"], whole[1]["keypoint"][:, ::2])
    np.testing.assert_array_equal(sample["labels"], whole[1]["labels"][::2])
    np.testing.assert_array_equal(sample["frame_inds"], np.arange(25.0))
    trimmed = PoseSequenceDataset(str(root), resample_fps=10, window="trimmed", **arguments)
    assert trimmed[1]["window"] == trim_windows([20, 25])[1]
    assert ids(PoseSequenceDataset(str(root), resample_fps=10, min_frames=12)) == ["a", "f"]
    with pytest.raises(InputError, match="fps is -1"):
        PoseSequenceDataset(str(root), resample_fps=-1)
