"""Scalars of trainings as curves."""

from __future__ import annotations

import json

import numpy as np
import pytest

from mmalign.errors import InputError
from tests.fixtures.tools import load_tool


@pytest.fixture(scope="module")
def tool():
    return load_tool("analysis/plot_metrics.py")


def write_log(work_dir, name, entries):
    log = work_dir / name / "vis_data" / "scalars.json"
    log.parent.mkdir(parents=True)
    log.write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    return log


def test_a_resumed_training_is_one_curve(tool, tmp_path):
    steps = ({"loss": 1 / s, "lr": 0.1, "epoch": 1, "step": s} for s in (1, 2, 3))
    write_log(tmp_path, "20260101_000000", steps)
    write_log(tmp_path, "20260102_000000", [{"loss": 9.0, "step": 3}, {"loss": 8.0, "step": 4}])
    curves = tool.read_scalars(tmp_path)
    assert set(curves) == {"loss", "lr"}
    np.testing.assert_array_equal(curves["loss"][0], [1, 2, 3, 4])
    np.testing.assert_allclose(curves["loss"][1], [1, 0.5, 9, 8])
    figure = tool.draw_curves({"a": curves, "b": curves}, ["loss", "lr"], smooth=2)
    x, y = figure.axes[0].lines[0].get_data()
    np.testing.assert_array_equal(x, [2, 3, 4])
    np.testing.assert_allclose(y, [0.75, 4.75, 8.5])


def test_the_command_writes_what_was_asked_for(tool, tmp_path, capsys):
    entries = [{"loss": 1.0, "published/tau": 0.5, "step": 1}]
    log = write_log(tmp_path, "run", entries)
    out = tmp_path / "figure.svg"
    assert tool.main([str(tmp_path), "--keys", "published/*", "--out", str(out)]) == 0
    assert "<svg" in out.read_text()
    assert tool.main([str(tmp_path), "--keys", "nothing", "--out", str(out)]) == 2
    assert "none of loss, published/tau" in capsys.readouterr().err
    with pytest.raises(InputError, match="no vis_data/scalars.json"):
        tool.read_scalars(tmp_path / "empty")
    log.write_text('{"loss": 1}\n')
    with pytest.raises(InputError, match="line 1 is no entry"):
        tool.read_scalars(tmp_path)
