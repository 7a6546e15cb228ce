"""The configs of the paper's data sets, trained and tested through the readers of their files."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

# One short epoch of a shallow network: what is tested is the way of the data.
SMALL = [
    "model.encoder.spatial_depth=1",
    "model.encoder.temporal_depth=1",
    "model.cross.n_cross=1",
    "train_cfg.max_epochs=1",
    "train_dataloader.batch_size=2",
    "train_dataloader.num_workers=0",
    "train_dataloader.persistent_workers=False",
    "train_dataloader.dataset.repeat=1",
]
# Training clips of IKEA ASM are longer than the learned encodings are (512 positions).
FEW = ["--num-train", "4", "--num-val", "2", "--length"]
LENGTH = {"h2o": ["36", "48"], "ikea_asm": ["530", "540"]}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "options", "action", "skeleton", "phases", "ordered"),
    [
        ("h2o", ["--casa-record", "SRC/npyrecords"], "pour_milk", "hands42", 5, True),
        ("ikea_asm", [], "kallax_shelf_drawer", "coco17", 5, False),
    ],
)
def test_a_config_trains_and_tests_through_the_reader(
    repo, tmp_path, name, options, action, skeleton, phases, ordered
) -> None:
    def run(*command: object) -> str:
        done = subprocess.run(
            [sys.executable, *map(str, command)],
            cwd=repo, capture_output=True, text=True, timeout=600, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
        return done.stdout

    src, data, work = tmp_path / "src", tmp_path / "data", tmp_path / "work"
    config = f"configs/la2ds_{name}.py"
    toy = "import sys; from mmalign.cli.main import main; sys.exit(main(sys.argv[1:]))"
    run("-c", toy, "data", "toy", name, "--out", src, *FEW, *LENGTH[name])
    options = [option.replace("SRC", str(src)) for option in options]
    printed = run("tools/data/prepare.py", name, src, "--out", data, *options)
    assert "wrote 6 sequences" in printed and "(0 skipped)" in printed
    index = json.loads((data / "index.json").read_text())
    assert index["skeleton"] == skeleton and list(index["actions"]) == [action]
    assert len(index["actions"][action]["phases"]) == phases

    # The config's own action and skeleton are those of the reader.
    root = ["--data-root", data]
    run("tools/train.py", config, *root, "--work-dir", work, "--cfg-options", *SMALL)
    checkpoint, out = work / "epoch_1.pth", tmp_path / "result"
    run("tools/test.py", config, checkpoint, *root, "--out", out, "--cfg-options", *SMALL)
    metrics = json.loads((out / "metrics.json").read_text())
    assert metrics["action"] == action and metrics["protocol"]["ordered"] == ordered
    assert metrics["protocol"]["background"] == (None if ordered else 0)
    for protocol in ("published", "trimmed"):
        assert 0 <= metrics[protocol]["acc@1.0"] <= 1 and 0 < metrics[protocol]["AP@5"] <= 1
    # Labels that repeat have no order to be measured.
    assert ("tau" in metrics["published"]) == ordered
