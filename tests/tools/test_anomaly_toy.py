"""The figures on anomalies come out of one command."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tiny_aligner import write_checkpoint


@pytest.mark.slow
def test_a_row_per_measure_and_a_column_per_kind(repo: Path, tmp_path: Path) -> None:
    script = repo / "tools" / "analysis" / "anomaly_toy.py"
    checkpoint = write_checkpoint(tmp_path / "tiny.pth")
    command = [sys.executable, script, checkpoint, "--clips", "19", "--seeds", "3"]
    done = subprocess.run(
        [*command, "--out", tmp_path / "a.json"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    (figures,) = json.loads((tmp_path / "a.json").read_text()).values()
    for name in ("embedding", "embedding, tempo only", "raw pose", "raw pose: DTW cost"):
        assert set(figures[name]) == {"skipped", "repeated", "slowed", "all"}
        assert f"{name} " in done.stdout
    # What needs no network: clips with a slowed step are longer, those with a skipped one are not.
    assert figures["length of the clip"]["slowed"] > 0.8
    assert figures["length of the clip"]["skipped"] == 0.5
    assert figures["true phases: tempo"]["slowed"] > 0.8
    # Calibrated by 19 clips at 5 %: none of them is above its own threshold.
    assert figures["embedding: share flagged"]["calibration"] == 0
