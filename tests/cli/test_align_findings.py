"""What `mmalign align` and `mmalign anomaly` write for people, without a network."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from aligned import make_pair, make_poses

from mmalign.analysis.anomaly import AnomalyScore
from mmalign.analysis.export import write_phases
from mmalign.analysis.phase_files import read_phases
from mmalign.analysis.phases import PhaseInterval
from mmalign.cli import anomaly
from mmalign.cli.align_findings import find, write_findings, write_moments
from mmalign.errors import InputError
from mmalign.structures.alignment import AlignedSequence, AlignmentResult
from mmalign.visualization.moment_sheet import draw_moments
from mmalign.visualization.report import write_report

N = 60


@pytest.fixture
def result() -> AlignmentResult:
    """An expert, and a novice at half the tempo who leaves out the last third."""
    places = np.arange(0, 40, 0.5)
    return AlignmentResult(
        AlignedSequence("expert", make_poses(np.arange(float(N)), N)),
        [AlignedSequence("novice", make_poses(places, N))],
        [make_pair(places, N)],
    )


@pytest.fixture
def phases(tmp_path: Path) -> Path:
    steps = [PhaseInterval(0, "raise", 0.0, 1.0), PhaseInterval(1, "hold", 1.0, 2.0)]
    return write_phases(tmp_path / "expert.eaf", steps)


def test_phases_and_deviations_are_written(
    result: AlignmentResult, phases: Path, tmp_path: Path
) -> None:
    findings = find(result, str(phases))
    write_findings(findings, tmp_path, ["novice"], ["csv", "srt", "eaf"])
    found = read_phases(tmp_path / "novice_phases.eaf")
    assert [(i.name, i.start) for i in found] == [
        ("raise", 0.0),
        ("hold", pytest.approx(2, abs=0.04)),
    ]
    assert found[-1].end == pytest.approx(80 / 30, abs=0.001)
    assert read_phases(tmp_path / "novice_phases.csv") and (tmp_path / "novice_phases.srt").exists()
    content = json.loads((tmp_path / "novice_deviations.json").read_text())["deviations"]
    kinds = {row["kind"]: row for row in content}
    assert kinds["missing step"]["magnitude"] == pytest.approx(2 / 3, abs=0.05)
    assert kinds["tempo"]["magnitude"] == pytest.approx(0.5, abs=0.05)
    # The given result is as it was; the one for the report has the phases.
    assert result.reference.poses.labels is None
    assert findings.result.others[0].poses.labels.tolist() == [0] * 59 + [1] * 21
    page = write_report(
        findings.result, tmp_path, findings.deviations, findings.phases, videos=False
    ).read_text(encoding="utf-8")
    assert '"raise"' in page and json.dumps(content[0]["text"]) in page


def test_without_phases_there_are_deviations_alone(result: AlignmentResult, tmp_path: Path) -> None:
    write_findings(find(result, None), tmp_path, ["novice"], ["csv"])
    assert [path.name for path in tmp_path.iterdir()] == ["novice_deviations.json"]


def test_moments(result: AlignmentResult, tmp_path: Path) -> None:
    write_moments(result, tmp_path, [0.5, 1.9])
    first, second = json.loads((tmp_path / "moments.json").read_text())
    assert [(m["other"], m["frame"]) for m in first["moments"]] == [("novice", 30)]
    assert second == {"reference_seconds": 1.9, "moments": []}
    assert (tmp_path / "moments.png").read_bytes().startswith(b"\x89PNG")
    titles = [axes.get_title() for axes in draw_moments(result, [0.5, 1.9]).axes]
    assert titles[0] == "expert\n0.50 s" and "novice\n1.00 s" in titles[1]
    assert titles[3] == "novice\nleft out"


def test_many_others_take_several_rows(result: AlignmentResult) -> None:
    many = AlignmentResult(result.reference, result.others * 9, result.pairs * 9)
    titles = [axes.get_title() for axes in draw_moments(many, [0.5]).axes]
    assert len(titles) == 16 and sum(title.startswith("novice") for title in titles) == 9


def test_a_time_beyond_the_reference(result: AlignmentResult, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="name one"):
        write_moments(result, tmp_path, [2.5])
    assert not list(tmp_path.iterdir())


def test_anomaly_scores_are_written(tmp_path: Path) -> None:
    score = AnomalyScore(np.array([0.0, 3.0, 1.0]), np.array([1.0, 1.0, 2.0]), 2.5)
    anomaly.write_scores({"new": score}, 30.0, tmp_path)
    (row,) = json.loads((tmp_path / "anomaly.json").read_text())
    assert row["is_anomaly"] is True and row["score"] == 3.0 and row["worst_seconds"] == 0.033
    lines = list(csv.DictReader((tmp_path / "anomaly.csv").open()))
    assert [float(line["tempo"]) for line in lines] == [1.0, 1.0, 2.0]


def test_too_few_held_out_sequences_are_said_before_anything_is_read(
    capsys: pytest.CaptureFixture[str],
) -> None:
    files = [f"{i}.npz" for i in range(20)]
    status = anomaly.main(["new.npz", "--normal", *files, "--checkpoint", "no.pth", "--out", "x"])
    assert status == 2
    assert "found 10 held-out sequences, expected at least 19" in capsys.readouterr().err
