"""The scatter of phase boundaries on a common time."""

import numpy as np
import pytest

from tests.fixtures.tools import load_tool


@pytest.fixture(scope="module")
def tool():
    return load_tool("analysis/common_time.py")


def test_scatter_is_that_of_the_last_frames(tool):
    labels = [np.array([0, 0, 1, 1, 2]), np.array([0, 1, 1, 1, 2]), np.array([0, 2, 2, 2, 2])]
    times = [np.linspace(0, 1, 5)] * 3
    assert tool.scatter(times, labels) == pytest.approx(
        [np.std([0.25, 0, 0]), np.std([0.75, 0.75])]
    )


def test_an_action_that_is_not_there_is_said(tool, tmp_path, capsys):
    from mmalign.toy.writer import write_dataset

    write_dataset(tmp_path, num_train=1, num_val=1)
    assert tool.main([str(tmp_path), "none.pth", "--action", "jump"]) == 2
    assert "no labelled train clip of 'jump'" in capsys.readouterr().err
