"""The training history survives the way through plain containers."""

from __future__ import annotations

from collections import OrderedDict, deque

import numpy as np
import pytest
import torch
from mmengine.config import ConfigDict
from mmengine.logging import HistoryBuffer

from mmalign.compat import restore_history, to_plain


@pytest.mark.parametrize("values", [[], [1, 2, 3], [0.5, float("nan"), 1e-30]])
def test_history_comes_back_equal(values: list) -> None:
    buffer = HistoryBuffer(values, [1] * len(values), max_length=7)
    plain = to_plain({"train/loss": buffer})
    back = restore_history(plain)["train/loss"]
    assert isinstance(back, HistoryBuffer)
    assert back.max_length == 7
    for mine, theirs in zip(back.data, buffer.data, strict=True):
        np.testing.assert_array_equal(mine, theirs)
        assert mine.dtype == theirs.dtype
    back.update(4.0)
    assert back.current() == 4.0


def test_plain_form_passes_the_safe_loader(tmp_path) -> None:
    value = {
        "buffer": HistoryBuffer([1.0], [2]),
        "numpy": [np.float32(0.5), np.arange(3), np.array(["a"]), np.bool_(True)],
        "config": ConfigDict(a=dict(b=(1, 2))),
        "ordered": OrderedDict(x=None, y=b"z"),
        "set": {1},
        "parameter": torch.nn.Parameter(torch.ones(2)),
        3: torch.ones(2, dtype=torch.bfloat16),
    }
    plain = to_plain(value)
    torch.save(plain, tmp_path / "x.pth")
    back = torch.load(tmp_path / "x.pth", weights_only=True)
    assert back["numpy"] == [0.5, [0, 1, 2], ["a"], True]
    assert back["config"] == {"a": {"b": (1, 2)}}
    assert type(back["config"]["a"]) is dict
    assert back["set"] == [1]
    assert type(back["parameter"]) is torch.Tensor
    assert torch.equal(back[3], value[3])


def test_other_entries_of_a_history_are_left_alone() -> None:
    assert restore_history({"x": {"a": 1}, "y": 3}) == {"x": {"a": 1}, "y": 3}


@pytest.mark.parametrize("value", [object(), deque([1]), lambda: 0, np.array([object()])])
def test_anything_else_is_named(value) -> None:
    with pytest.raises(TypeError, match=r"meta\['a'\]\[0\].*no checkpoint can hold"):
        to_plain({"a": [value]}, "meta")
