"""The table of figures: a row of it is all that a new figure costs."""

from __future__ import annotations

import json
import re
import runpy
from pathlib import Path

import numpy as np
import pytest

from mmalign.cli.test import build_parser
from mmalign.evaluation.ablation import read_tables
from mmalign.evaluation.clip import Clip, ClipSet
from mmalign.evaluation.metric import AlignmentMetric
from mmalign.evaluation.options import ProtocolOptions
from mmalign.evaluation.protocol import METRICS, PROTOCOLS, SHORT_TABLES, Metric, short_table
from mmalign.evaluation.report import table_of, unflatten, write_markdown
from mmalign.evaluation.summary import summarise
from mmalign.fileio import write_json
from tests.fixtures.tools import load_tool


def results(seed: int) -> list[dict]:
    rng = np.random.default_rng(seed)
    parts = [("train", "whole"), ("val", "whole"), ("val", "trimmed")]
    return [
        {
            "sample_id": str(index),
            "split": split,
            "protocol": protocol,
            "num_frames": 12,
            "labels": np.repeat([0, 1, 2], 4),
            "embedding": rng.normal(size=(12, 4)),
            "parts": {},
        }
        for split, protocol in parts
        for index in range(3)
    ]


def longest_step(fitted: ClipSet, scored: ClipSet) -> float:
    return max(float(np.abs(np.diff(one, axis=0)).max()) for one in scored.embeddings)


def test_a_new_figure_is_in_the_file_the_tables_the_plot_and_the_help(
    repo: Path, monkeypatch, tmp_path: Path
) -> None:
    made_up = Metric("longest_step", "how far two frames lie apart", longest_step, ("trimmed",))
    monkeypatch.setitem(METRICS, "longest_step", made_up)
    flat = [AlignmentMetric().compute_metrics(results(seed)) for seed in (0, 1)]
    runs = {seed: {**unflatten(one), "floors": {}} for seed, one in enumerate(flat)}
    write_json(tmp_path / "metrics.json", runs[0])
    kept = json.loads((tmp_path / "metrics.json").read_text())
    windows = [one["embedding"] for one in results(0) if one["protocol"] == "trimmed"]
    value = max(np.abs(np.diff(one, axis=0)).max() for one in windows)
    assert kept["trimmed"]["longest_step"] == pytest.approx(value)
    assert "longest_step" not in kept["published"]

    summary = summarise({"wave": runs})
    shown = {**summary["mean"], "std": summary["std"]}
    name, (cell,) = table_of(shown, "trimmed")[1][-1]
    mean = np.mean([one["trimmed/longest_step"] for one in flat])
    assert name == "longest_step" and cell.startswith(f"{mean:.3f} ± ")
    write_markdown(tmp_path / "metrics.md", "title", shown)
    assert f"| longest_step | {cell} |" in (tmp_path / "metrics.md").read_text()

    monkeypatch.setitem(SHORT_TABLES, "log", {"trimmed": "longest_step"})
    page = runpy.run_path(str(repo / "tools" / "analysis" / "results_page.py"))
    assert page["logged"](shown) == [f"{mean:.3f}"]
    rows = {"fused": {"mean": summary["mean"], "std": summary["std"]}}
    assert "longest_step" in load_tool("analysis/fusion_table.py").markdown(rows, [0, 1])

    log = tmp_path / "run" / "vis_data" / "scalars.json"
    log.parent.mkdir(parents=True)
    log.write_text(json.dumps({**flat[0], "step": 1}) + "\n")
    plot = load_tool("analysis/plot_metrics.py")
    out = tmp_path / "plot.svg"
    assert plot.main([str(tmp_path), "--keys", "trimmed/*", "--out", str(out)]) == 0
    curves = plot.read_scalars(tmp_path)
    names = ["trimmed/event_error", "trimmed/longest_step"]
    axes = plot.draw_curves({"a": curves}, names).axes
    titles = [panel.get_title(loc="left") for panel in axes]
    assert titles == ["trimmed/event_error (lower is better)", "trimmed/longest_step"]
    assert re.search(r"longest_step +how far two frames lie apart\n", build_parser().format_help())


def test_rows_are_unique_and_say_what_they_are() -> None:
    for name, metric in METRICS.items():
        assert name == metric.name and re.fullmatch(r"[\w@.]+", name)
        assert metric.protocols and set(metric.protocols) <= set(PROTOCOLS)
        assert metric.meaning and "\n" not in metric.meaning and len(metric.meaning) < 90


def test_short_tables_show_figures_that_there_are(repo: Path) -> None:
    for table in SHORT_TABLES:
        for protocol, figure in short_table(table):
            assert protocol in METRICS[figure].protocols
            assert METRICS[figure].higher_is_better is not None
    for table in read_tables(repo / "configs" / "ablations" / "tables.py").values():
        quoted = {figure for row in table.rows for figure, _ in row.paper}
        assert quoted <= {name for protocol, name in short_table("ablation")}


def test_the_page_of_the_protocol_defines_every_figure(repo: Path) -> None:
    text = (repo / "docs" / "protocol.md").read_text()
    assert [name for name in METRICS if f"`{name}`" not in text] == []


def test_kept_results_have_the_figures_of_the_table(repo: Path) -> None:
    for file in (repo / "docs" / "results").glob("*/metrics.json"):
        mean = json.loads(file.read_text())["mean"]
        for protocol in PROTOCOLS:
            named = {name for name, one in METRICS.items() if protocol in one.protocols}
            assert set(mean[protocol]) <= named, file


def test_what_figures_share_is_computed_once() -> None:
    clips = [Clip("a", np.zeros((2, 1)), np.zeros(2, int), 2)]
    one, other = ClipSet(clips, ProtocolOptions()), ClipSet(clips, ProtocolOptions())
    calls: list[tuple[ClipSet, int]] = []

    def count(clips: ClipSet, by: int) -> int:
        calls.append((clips, by))
        return len(calls)

    assert [one.once(count, 1), one.once(count, 1), one.once(count, 2)] == [1, 1, 2]
    assert other.once(count, 1) == 3
    assert [by for _, by in calls] == [1, 2, 1]
