import dataclasses
import json

import pytest

from mmalign.errors import InputError
from mmalign.poses.pose_index import PoseIndex, SequenceEntry, read_index, write_index

ENTRY = SequenceEntry("0789", "poses/0789.npz", "train", "golf_swing", 57, 20.0, True, "0789")


def example():
    other = dataclasses.replace(ENTRY, id="0001", split="val", labelled=False)
    return PoseIndex(
        "penn13", "a test", {"golf_swing": {"phases": ["phase 0", "phase 1"]}}, [ENTRY, other]
    )


def test_an_index_survives_the_file_in_order(tmp_path):
    write_index(tmp_path, example())
    assert read_index(tmp_path) == example()
    assert json.loads((tmp_path / "index.json").read_text())["format"] == "mmalign-poses"


def test_where_the_frames_are_survives_and_is_not_written_where_unknown(tmp_path):
    index = example()
    index.sequences[1] = dataclasses.replace(ENTRY, id="7", video="a.mp4", video_start=12)
    write_index(tmp_path, index)
    assert read_index(tmp_path) == index
    plain, shown = json.loads((tmp_path / "index.json").read_text())["sequences"]
    assert not {"video", "depth", "video_start"} & set(plain)
    assert {"video", "depth", "video_start"} & set(shown) == {"video", "video_start"}


@pytest.mark.parametrize("folder", ["", "none"])
def test_a_missing_data_set_says_where_to_get_it_and_how_to_prepare_it(tmp_path, folder):
    with pytest.raises(InputError) as caught:
        read_index(tmp_path / folder)
    assert "https://dreamdragon.github.io/PennAction/" in str(caught.value)
    assert "mmalign data convert FORMAT SRC --out" in str(caught.value)


def change_entry(**changes):
    return lambda content: content["sequences"][1].update(changes)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c.update(format="coco"), "not an index of format"),
        (lambda c: c.update(version=2), "version 2 of the format, expected 1"),
        (lambda c: c.pop("skeleton"), "lacks 'skeleton'"),
        (lambda c: c.update(sequences={}), "'sequences' is"),
        (lambda c: c["sequences"].append(3), "sequence 2: found int"),
        (lambda c: c["sequences"][0].pop("file"), "sequence 0: lacks 'file'"),
        (change_entry(split="test"), "sequence 1: split 'test'"),
        (change_entry(num_frames="57"), "sequence 1: 'num_frames' is '57', expected int"),
        (change_entry(num_frames=True), "'num_frames' is True"),
        (change_entry(labelled=1), "'labelled' is 1, expected bool"),
        (change_entry(fps="20"), "expected a number"),
        (change_entry(file="../../etc/passwd"), "lies outside"),
        (change_entry(file="/etc/passwd"), "lies outside"),
        (change_entry(video="../a.mp4"), "video '../a.mp4' lies outside"),
        (change_entry(video=3), "'video' is 3, expected str"),
        (change_entry(depth="/depth"), "depth '/depth' lies outside"),
        (change_entry(video_start=-1), "video_start is -1"),
        (change_entry(video_start=True), "video_start is True"),
    ],
)
def test_a_bad_index_names_file_entry_and_key(tmp_path, change, message):
    write_index(tmp_path, example())
    content = json.loads((tmp_path / "index.json").read_text())
    change(content)
    (tmp_path / "index.json").write_text(json.dumps(content))
    with pytest.raises(InputError, match=message) as caught:
        read_index(tmp_path)
    assert "index.json" in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "{", "[1]", "[" * 100_000, "\xff"])
def test_damaged_json_is_an_input_error(tmp_path, text):
    (tmp_path / "index.json").write_bytes(text.encode("latin1"))
    with pytest.raises(InputError, match=r"index\.json: no"):
        read_index(tmp_path)
