"""The table of a fused network says what the kept figures of its seeds say."""

from __future__ import annotations

import json
import runpy
import subprocess
import sys
from pathlib import Path


def figures(accuracy: float) -> dict:
    return {"published": {"acc@1.0": accuracy}, "trimmed": {"acc@1.0": accuracy - 0.1}}


def test_a_stage_with_options_is_scored_by_the_config_it_was_trained_with(
    repo: Path, tmp_path: Path, monkeypatch
) -> None:
    table = runpy.run_path(str(repo / "tools" / "analysis" / "fusion_table.py"))
    scored: dict[str, str] = {}

    def call(command: str, config: str, *arguments: str) -> None:
        if command == "train":
            for name in ("", "stage_pose", "stage_rgb"):
                (tmp_path / name).mkdir(exist_ok=True)
                (tmp_path / name / "epoch_1.pth").touch()
            return
        out = Path(arguments[arguments.index("--out") + 1])
        scored[out.name] = config
        content = {**figures(0.5), "modalities": {}, "floors": {}}
        (out / "metrics.json").write_text(json.dumps(content))

    monkeypatch.setitem(table["rows_of"].__globals__, "call", call)
    configs = repo / "configs" / "fusion"
    table["rows_of"](str(configs / "casa_rgb_toy.py"), tmp_path, [])
    assert scored["stage_pose"] == str(configs / "casa_pose_toy.py")
    assert scored["stage_rgb"] == str(tmp_path / "stage_rgb" / "la2ds_rgb_toy.py")


def test_rows_are_single_modalities_fused_and_dropped(repo: Path, tmp_path: Path) -> None:
    for seed, shift in ((0, 0.0), (7, 0.02)):
        folder = tmp_path / f"seed_{seed}"
        fused = {
            **figures(0.9 + shift),
            "modalities": {"rgb": figures(0.6), "without_rgb": figures(0.7)},
            "floors": {"clock": figures(0.5), "majority": {"published": {"acc@1.0": 0.3}}},
        }
        parts = {"": fused, "stage_pose": figures(0.65), "stage_rgb": figures(0.55 + shift)}
        for name, content in parts.items():
            (folder / name).mkdir(parents=True, exist_ok=True)
            (folder / name / "metrics.json").write_text(json.dumps(content))
    script = repo / "tools" / "analysis" / "fusion_table.py"
    config = repo / "configs" / "fusion" / "la2ds_rgb_pose_toy.py"
    command = [sys.executable, str(script), str(config), "--work-dir", str(tmp_path)]
    done = subprocess.run([*command, "--seeds", "0", "7"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    for row in (
        "| pose alone | 0.650 ± 0.000 |",
        "| rgb alone | 0.560 ± 0.014 |",
        "| fused | 0.910 ± 0.014 |",
        "| rgb branch of the fused | 0.600 ± 0.000 |",
        "| fused without rgb | 0.700 ± 0.000 |",
        "| clock | 0.500 ± 0.000 |",
        "| fused | 0.810 ± 0.014 |",
        "| majority | – |",
    ):
        assert row in lines
    kept = json.loads((tmp_path / "fusion.json").read_text())
    assert kept["seeds"] == [0, 7] and kept["config"] == "la2ds_rgb_pose_toy.py"
    assert kept["rows"]["fused"]["per_seed"]["7"]["published"] == {"acc@1.0": 0.92}
