"""``tools/test.py``: figures, floors and provenance of a checkpoint; errors in one line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
CONFIG = str(FIXTURES / "scored_config.py")


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with prepared ``data`` and the checkpoint ``model.pth``."""
    monkeypatch.syspath_prepend(str(FIXTURES))
    monkeypatch.chdir(tmp_path)
    from scored_training import KeypointModel, write_data

    write_data(tmp_path / "data")
    torch.manual_seed(1)
    torch.save({"state_dict": KeypointModel().state_dict()}, tmp_path / "model.pth")
    return tmp_path


def run(*arguments: str) -> int:
    from mmalign.cli.test import main

    return main([CONFIG, *arguments, "--data-root", "data"])


def test_writes_figures_floors_and_provenance(workplace: Path, capsys) -> None:
    assert run("model.pth", "--out", "out", "--floors") == 0
    result = json.loads((workplace / "out" / "metrics.json").read_text())
    assert list(result["floors"]) == ["clock", "frame_number", "raw_pose", "untrained", "majority"]
    for figures in (result, *(result["floors"][n] for n in ("clock", "raw_pose", "untrained"))):
        assert {"acc@0.1", "acc@1.0", "progress", "tau", "AP@15"} <= set(figures["published"])
        assert {"acc@0.1", "acc@1.0", "event_error", "AP@15"} <= set(figures["trimmed"])
    assert result["floors"]["clock"]["published"]["tau"] > 0.9
    # The checkpoint's weights were scored, not the ones the seed gives.
    assert result["published"] != result["floors"]["untrained"]["published"]
    assert result["published"]["tau_stride"] == result["protocol"]["tau_stride"] == 2
    assert (result["action"], result["seed"]) == ("wave", 0)
    assert (result["config"], result["checkpoint"]) == ("scored_config.py", "model.pth")
    assert {"python", "mmalign", "torch", "numpy"} <= set(result["versions"])
    assert len(result["config_hash"]) == len(result["data_hash"]) == 16
    printed = capsys.readouterr().out
    markdown = (workplace / "out" / "metrics.md").read_text()
    for text in (printed, markdown):
        for word in ("Published protocol", "Trimmed protocol", "untrained", "number"):
            assert word in text
        assert f"{result['trimmed']['event_error']:.3f}" in text


def test_same_inputs_give_the_same_file(workplace: Path) -> None:
    for out in ("one", "two"):
        assert run("model.pth", "--out", out, "--floors", "--action", "jump") == 0
    one, two = ((workplace / out / "metrics.json").read_bytes() for out in ("one", "two"))
    assert one == two
    assert json.loads(one)["action"] == "jump"


def test_untrained_floor_is_the_seed_s_model(workplace: Path) -> None:
    assert run("model.pth", "--out", "out", "--floors", "--seed", "5") == 0
    result = json.loads((workplace / "out" / "metrics.json").read_text())
    from scored_training import KeypointModel

    torch.manual_seed(5)
    torch.save({"state_dict": KeypointModel().state_dict()}, workplace / "seed5.pth")
    assert run("seed5.pth", "--out", "again", "--seed", "5") == 0
    again = json.loads((workplace / "again" / "metrics.json").read_text())
    assert "floors" not in again
    assert result["floors"]["untrained"] == {k: again[k] for k in ("published", "trimmed")}


def test_aligner(workplace: Path) -> None:
    assert run("model.pth", "--out", "near") == 0
    assert run("model.pth", "--out", "path", "--aligner", "dtw") == 0
    near, path = (
        json.loads((workplace / out / "metrics.json").read_text()) for out in ("near", "path")
    )
    assert near["protocol"]["aligner"] == "nearest" and path["protocol"]["aligner"] == "dtw"
    assert near["published"] == path["published"]
    assert near["trimmed"]["event_error"] != path["trimmed"]["event_error"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["none.pth"], ["none.pth", "no such checkpoint"]),
        (["model.pth", "--cfg-options", "model.width=7"], ["model.pth", "do not fit"]),
        (["model.pth", "--action", "unlabelled"], ["unlabelled", "show jump, wave; name actions"]),
        (
            ["model.pth", "--cfg-options", "test_evaluator.type=OtherMetric"],
            ["test_evaluator", "AlignmentMetric"],
        ),
        (
            ["model.pth", "--cfg-options", "test_evaluator.classifier=forest"],
            ["classifier", "forest", "svc"],
        ),
    ],
)
def test_errors_are_one_line(
    workplace: Path, capsys, arguments: list[str], words: list[str]
) -> None:
    assert run(*arguments, "--out", "out") == 2
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert error.startswith("error: ")
    for word in words:
        assert word in error
    assert not (workplace / "out" / "metrics.json").exists()


def test_config_without_a_test(workplace: Path, capsys) -> None:
    from mmalign.cli.test import main

    (workplace / "bare.py").write_text("model = dict(type='KeypointModel')\n")
    assert main(["bare.py", "model.pth", "--out", "out"]) == 2
    assert "lacks test_dataloader, test_evaluator, test_cfg" in capsys.readouterr().err
