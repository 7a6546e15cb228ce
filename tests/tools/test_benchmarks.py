"""The benchmarks of speed on little work: both ways give the same, and growth is fitted."""

from __future__ import annotations

import re
import runpy

import numpy as np
import pytest


def test_all_prints_a_ratio_or_what_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    main = runpy.run_path("tools/benchmark/all.py")["main"]
    assert main(["--frames", "30", "--clips", "8", "--repeats", "1"]) == 0
    lines = capsys.readouterr().out.splitlines()[2:]
    assert len(lines) == 7
    for line in lines:
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        assert "is not installed" in line or all(float(cell) >= 0 for cell in cells[1:])


def test_both_ways_must_agree() -> None:
    module = runpy.run_path("tools/benchmark/all.py")
    with pytest.raises(RuntimeError, match="expected 1"):
        module["measure"](module["Row"]("a", lambda: 1.0, lambda: 2.0), 1)


def test_growth_fits_the_slope(capsys: pytest.CaptureFixture[str]) -> None:
    module = runpy.run_path("tools/benchmark/growth.py")
    sizes = [2, 4, 8]
    assert module["exponent"](sizes, [3.0 * n**1.5 for n in sizes]) == pytest.approx(1.5)
    assert module["main"](["--repeats", "1", "--divide", "10"]) == 0
    found = re.findall(r"time grows as size\^(\S+), memory as size\^(\S+)", capsys.readouterr().out)
    assert len(found) == len(module["WORKS"])
    assert np.isfinite(np.array(found, dtype=float)).all()
