"""The figures of the page on anomalies are those of the kept result."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np

ROWS = {
    "score": "embedding",
    "`distance` alone": "embedding, distance only",
    "`tempo` alone": "embedding, tempo only",
    "cost of DTW on the embeddings": "embedding: DTW cost",
    "raw poses, the same detector": "raw pose",
    "cost of DTW on raw poses": "raw pose: DTW cost",
    "length of the clip": "length of the clip",
    "the true phases' tempo": "true phases: tempo",
}


def test_the_table_is_the_kept_result(repo: Path) -> None:
    text = (repo / "docs" / "anomaly.md").read_text(encoding="utf-8")
    kept = json.loads((repo / "docs/results/anomaly_toy/anomaly.json").read_text())
    (header,) = re.findall(r"^\| \| (skipped .*) \|$", text, re.MULTILINE)
    for title, name in ROWS.items():
        (row,) = re.findall(rf"^\| {re.escape(title)} \|(.*)\|$", text, re.MULTILINE)
        for kind, cell in zip(header.split(" | "), row.split("|"), strict=True):
            values = [figures[name].get(kind) for figures in kept.values()]
            expected = "" if None in values else f"{np.mean(values):.3f} ({min(values):.3f})"
            assert cell.strip() == expected


def test_the_shares_are_the_kept_result(repo: Path) -> None:
    text = " ".join((repo / "docs" / "anomaly.md").read_text(encoding="utf-8").split())
    kept = json.loads((repo / "docs/results/anomaly_toy/anomaly.json").read_text())
    flagged = [figures["embedding: share flagged"] for figures in kept.values()]
    for kind in ("skipped", "repeated", "slowed", "normal"):
        share = np.mean([shares[kind] for shares in flagged])
        assert f"{share:.0%}".replace("%", f" % of the {kind}") in text
