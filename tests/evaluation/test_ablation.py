"""Ablation tables: their definition fits the configs, and the layout tells what is whose."""

import pytest
from mmengine.config import Config

from mmalign.errors import InputError
from mmalign.evaluation.ablation import AblationRow, markdown, read_tables

TABLES = ("1", "2", "3", "4", "10", "12", "13", "beyond", "peers", "peers_faithful")


@pytest.fixture(scope="module")
def tables(repo):
    return read_tables(repo / "configs/ablations/tables.py")


def test_every_row_has_a_config(tables, repo):
    assert tuple(tables) == TABLES
    for table in tables.values():
        rows = table.rows
        assert table.actions
        assert len({row.name for row in rows}) == len(rows)
        for row in rows:
            assert Config.fromfile(str(repo / f"configs/ablations/{row.config}.py")).model
        assert bool(table.paper_data) == any(row.paper for row in rows)


def test_rows_share_a_training_only_if_trained_alike(tables):
    trainings = {}
    for name, table in tables.items():
        rows = table.rows
        for row in rows:
            if not row.needs:
                assert trainings.setdefault(row.training, (row.config, row.train)) == (
                    row.config,
                    row.train,
                )
        for row in rows:
            assert row.one_model == ("all_cpu" in row.config or name.startswith("peers"))
        keys = {row.key: (row.config, row.train, row.test) for row in rows if not row.needs}
        assert len(keys) == sum(not row.needs for row in rows)
        assert not set(keys) & {row.key for row in rows if row.needs}


def test_layout():
    figures = {"acc@1.0": 0.5, "progress": 0.25, "tau": None, "AP@5": 0.4, "event_error": 0.1}
    protocols = {"published": figures, "trimmed": figures}
    summary = {
        "mean": {
            **protocols,
            "floors": {"clock": protocols, "untrained": protocols},
            "training": {"steps": 40, "seconds": 90},
        },
        "actions": {"squats": protocols},
        "std": {"published": {"acc@1.0": 0.01}, "trimmed": {}},
    }
    rows = [
        AblationRow("one", config="a", paper=(("acc@1.0", 0.7), ("tau", 0.9))),
        AblationRow("two", config="b", needs="RGB frames", paper=(("progress", 0.8),)),
        AblationRow("three", config="c"),
    ]
    # A floor that is another row's as well stands once, and what was not run shows no figures.
    worse = {name: {**one, "acc@1.0": 0.1} for name, one in protocols.items()}
    other = {**summary, "mean": {**worse, "floors": {"clock": protocols, "untrained": worse}}}
    summaries = {"c": other, "b": summary, "a": summary}
    text = markdown("Title", rows, summaries, "data", "hands").splitlines()
    assert text[0] == (
        "Title. Measured on data; in brackets the paper's figure, on hands: other data."
    )
    assert text[4] == (
        "| one | 0.500 ± 0.010 (0.700) | 0.250 | – (0.900) | 0.500 | 0.400 | 0.100 | 40 | 1.5 |"
    )
    assert text[5] == "| two (not run: needs RGB frames) |  | (0.800) |  |  |  |  |  |  |"
    assert text[6].startswith("| three | 0.100 ± 0.010 | 0.250 |")
    assert text[7] == "| *clock* | 0.500 | 0.250 | – | 0.500 | 0.400 | 0.100 |  |  |"
    assert text[8].startswith("| *untrained (one)* | 0.500 |")
    assert text[9].startswith("| *untrained (three)* | 0.100 |") and text[10] == ""
    assert text[-4:-1] == ["| | squats |", "|---|---:|", "| one | 0.500 / 0.400 |"]
    assert text[-1] == "| three | 0.500 / 0.400 |"
    assert "paper" not in markdown("Title", [AblationRow("own", config="a")], {}, "data")


def test_a_missing_definition_is_named(tmp_path):
    with pytest.raises(InputError, match=r"none\.py"):
        read_tables(tmp_path / "none.py")
