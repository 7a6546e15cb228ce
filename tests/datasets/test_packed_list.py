import pytest

from mmalign.datasets.packed_list import PackedList
from mmalign.poses.pose_index import SequenceEntry


def test_it_holds_what_it_was_made_of():
    items = [
        SequenceEntry(f"{i}", f"poses/{i}.npz", "train", "wave" * i, i, 30.0, True, "")
        for i in range(20)
    ]
    packed = PackedList(items)
    assert len(packed) == 20 and list(packed) == items
    assert packed[-1] == items[-1] and packed[3:9:2] == items[3:9:2]
    assert packed[3] is not packed[3]
    with pytest.raises(IndexError):
        packed[20]
    assert list(PackedList([])) == []
