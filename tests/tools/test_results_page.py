"""The results page says what the kept files say."""

import json
import shutil
import subprocess
import sys


def run(repo, *arguments):
    script = repo / "tools" / "analysis" / "results_page.py"
    return subprocess.run(
        [sys.executable, str(script), *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )


def test_figures_floors_and_command_are_on_the_page(repo, tmp_path):
    figures = {"published": {"acc@1.0": 0.9}, "trimmed": {"acc@1.0": 0.8}}
    clock = {"clock": {"published": {"acc@1.0": 0.7}, "trimmed": {"acc@1.0": 0.6}}}
    other = {"published": {"acc@1.0": 0.25}, "trimmed": {"acc@1.0": 0.5}}
    seeds = {"0": figures, "1": other}
    summary = {
        "actions": {"squats": {**figures, "floors": clock, "std": {}, "per_seed": seeds}},
        "mean": {**figures, "floors": clock},
        "std": {"published": {"acc@1.0": 0.01}, "trimmed": {"acc@1.0": None}},
        "seeds": [0, 1],
    }
    folder = tmp_path / "kept" / "some_recipe"
    folder.mkdir(parents=True)
    (folder / "metrics.json").write_text(json.dumps(summary))
    (folder / "command.txt").write_text("make it so")
    (folder / "note.txt").write_text("longer")
    other = tmp_path / "kept" / "tried"
    shutil.copytree(folder, other)
    (other / "command.txt").write_text("make it --holdout 0/3")
    (other / "note.txt").unlink()
    trained = {**summary, "mean": {**summary["mean"], "training": {"steps": 40, "seconds": 90}}}
    (folder / "metrics.json").write_text(json.dumps(trained))
    tables = tmp_path / "kept" / "ablations"
    tables.mkdir()
    for name in ("beyond", "12", "3"):
        (tables / f"table_{name}.md").write_text(f"Laid out: {name}.\n")
    done = run(repo, "--results", tmp_path / "kept", "--out", tmp_path / "page.md")
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "page.md").read_text()
    assert "| acc@1.0 | 0.900 ± 0.010 | 0.700 |" in page
    assert "| acc@1.0 | 0.800 | 0.600 |" in page
    assert "| squats | 0.800 |" in page and "make it so" in page and "seeds 0, 1" in page
    assert "| 1 | 0.250 |" in page and "| 1 | 0.500 |" in page
    assert "Laid out: 3.\n\nLaid out: 12.\n\nLaid out: beyond.\n\n## some_recipe" in page
    assert "A training has" not in page.split("## tried")[1]
    assert "A training has 40 steps and took 1.5 minutes" in page
    real, held_out = page.split("### Choices, on held-out training clips")
    row = "| squats | 0, 1 | – | 0.900 | – | – | – | 0.800 | – | – |"
    assert f"| `some_recipe` {row} longer |" in real
    assert f"| `tried` {row}  |" in held_out
    floor = "| *clock* | squats |  | – | 0.700 | – | – | – | 0.600 | – | – |  |"
    assert floor in real and floor in held_out


def test_results_of_poses_that_were_mended_are_marked(repo, tmp_path):
    figures = {"published": {"acc@1.0": 0.9}, "trimmed": {"acc@1.0": 0.8}}
    parts = {**figures, "floors": {}}
    for name, action, command, hashed in (
        ("old", "pushups", "make", False),
        ("new", "pushups", "make", True),
        ("other", "squats", "make", False),
        ("jacks", "jumping_jacks", "make", False),
        ("held_out", "jumping_jacks", "make --holdout 0/3", False),
    ):
        summary = {
            "actions": {action: {**parts, "std": {}}},
            "mean": parts,
            "std": {},
            "seeds": [0],
        }
        if hashed:
            summary["data_hashes"] = {action: "0123456789abcdef"}
        folder = tmp_path / "kept" / name
        folder.mkdir(parents=True)
        (folder / "metrics.json").write_text(json.dumps(summary))
        (folder / "command.txt").write_text(command)
    tables = tmp_path / "kept" / "ablations"
    for name in ("old", "new"):
        shutil.copytree(tmp_path / "kept" / name, tables / name)
    (tables / "table_1.md").write_text("Laid out: 1.\n")
    done = run(repo, "--results", tmp_path / "kept", "--out", tmp_path / "page.md")
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "page.md").read_text()
    assert "Rows of `old` \\*\n" in page
    marked = {
        name: f"| `{name}` \\* |" in page for name in ("old", "new", "other", "jacks", "held_out")
    }
    assert marked == {"old": True, "new": False, "other": False, "jacks": True, "held_out": False}
    # After the log, by each of the two, and before the tables.
    assert page.count("\\* With the poses of an earlier import") == 4
    shutil.rmtree(tables / "new")
    run(repo, "--results", tmp_path / "kept", "--out", tmp_path / "page.md")
    assert "All rows \\*\n" in (tmp_path / "page.md").read_text()


def test_the_page_in_the_repo_is_up_to_date(repo, tmp_path):
    done = run(repo, "--results", repo / "docs" / "results", "--out", tmp_path / "page.md")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "page.md").read_text() == (repo / "docs" / "results.md").read_text()


def test_nothing_kept_is_an_error(repo, tmp_path):
    done = run(repo, "--results", tmp_path, "--out", tmp_path / "page.md")
    assert done.returncode == 2 and "metrics.json" in done.stderr
    assert not (tmp_path / "page.md").exists()
