"""The rows of the documents' tables that name a kept result say what it says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from statistics import mean, stdev

import pytest

from mmalign.evaluation.ablation import read_tables

PROTOCOLS = ("published", "trimmed")


def rows_of_results(text: str, results: Path) -> Iterator[tuple[list[str], list[str], int]]:
    """Per row that names a kept result: its cells, what its figures should be, and its seeds.

    A row of the clock is one of the result in the row before.
    """
    keys: list[tuple[str, str]] = []
    means, seeds = None, 0
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| | published "):
            protocol, keys = "", []
            for name in cells[1:]:
                words = name.split()
                protocol = words[0] if len(words) == 2 else protocol
                keys.append((protocol, words[-1]))
            continue
        if not line.startswith("|"):
            keys = []
        if not keys:
            continue
        if cells[0].startswith("the clock"):
            figures = means["floors"]["clock"]
        else:
            named = [results / name for name in re.findall(r"`([\w./-]+)`", cells[0])]
            files = [folder / "metrics.json" for folder in named if folder.is_dir()]
            if not files:
                continue
            content = json.loads(files[0].read_text())
            figures = means = content["mean"]
            seeds = len(content["seeds"])
        yield cells, [f"{figures[protocol][key]:.3f}" for protocol, key in keys], seeds


@pytest.mark.parametrize(
    ("page", "least"), [("README.md", 3), ("docs/design.md", 15), ("docs/peers.md", 6)]
)
def test_the_rows_are_the_kept_results(repo: Path, page: str, least: int) -> None:
    rows = list(rows_of_results((repo / page).read_text(), repo / "docs" / "results"))
    assert len(rows) >= least
    for cells, expected, seeds in rows:
        assert cells[1:] == expected, cells[0]
        for word, number in (("one seed", 1), ("three seeds", 3)):
            assert word not in cells[0] or seeds == number, cells[0]


def test_the_readme_s_rows_are_of_three_seeds(repo: Path) -> None:
    text = (repo / "README.md").read_text()
    assert "three seeds, whose" in text
    assert {seeds for *_, seeds in rows_of_results(text, repo / "docs" / "results")} == {3}
    shown = ("acc@1.0", "AP@5", "progress", "tau", "event_error")
    largest = []
    for name in re.findall(r"^\| `(\w+)`", text, re.MULTILINE)[:3]:
        std = json.loads((repo / f"docs/results/{name}/metrics.json").read_text())["std"]
        largest.append(max(one[key] for one in std.values() for key in shown if key in one))
    said = f"at most {max(largest[:2]):.3f}, in the third row {largest[2]:.3f}:"
    assert said in " ".join(text.split())


def by_seed(kept: dict, figure: str) -> list[float]:
    """A published figure per seed, mean of the actions."""
    actions = kept["actions"].values()
    return [
        mean(one["per_seed"][str(seed)]["published"][figure] for one in actions)
        for seed in kept["seeds"]
    ]


def test_what_is_said_of_the_temperature_holds(repo: Path) -> None:
    """docs/design.md, on two actions of the real split."""
    figures = []
    for name in ("_temperature_0.05", ""):
        file = repo / "docs/results" / f"la2ds_penn_action_cpu{name}" / "metrics.json"
        actions = json.loads(file.read_text())["actions"]
        two = [actions[action] for action in ("baseball_swing", "tennis_forehand")]
        for protocol, key in (("published", "progress"), ("trimmed", "acc@1.0")):
            figures.append(mean(one[protocol][key] for one in two))
    text = " ".join((repo / "docs" / "design.md").read_text().split())
    said = "progress {0:.3f} against {2:.3f}, trimmed acc@1.0 {1:.3f} against {3:.3f}). The recipe"
    assert said.format(*figures) in text


def test_what_is_said_of_more_epochs_holds(repo: Path) -> None:
    """docs/design.md, on tennis_forehand of the real split."""
    figures = []
    for name in ("tennis_forehand_30_epochs", "la2ds_penn_action_cpu"):
        kept = json.loads((repo / "docs/results" / name / "metrics.json").read_text())
        one = kept["actions"]["tennis_forehand"]["per_seed"]["0"]
        figures.append([one["published"]["acc@1.0"], one["trimmed"]["acc@1.0"]])
        figures[-1].append(one["published"]["progress"])
    text = " ".join((repo / "docs" / "design.md").read_text().split())
    figures = [f"{one:.3f} against {other:.3f}" for other, one in zip(*figures[::-1], strict=True)]
    assert "acc@1.0 {}, trimmed {}, progress {}".format(*figures) in text


def test_what_is_said_of_the_loss_holds(repo: Path) -> None:
    """docs/design.md, on its options."""
    text = " ".join((repo / "docs" / "design.md").read_text().split())
    said = "as they are {}; one direction instead of both {}; positions in frames instead of "
    said += "lengths of the clip {}; squared distances {}; unscaled ones {}. λ = 0.05 or 0.2 "
    said += "instead of 0.1 is within the noise ({} and {})"
    names = ("base", "one_direction", "frames", "sqeuclidean", "scale_none")
    figures = []
    for name in (*names, "temperature_0.05", "temperature_0.2"):
        file = repo / "docs/results" / f"holdout_loss_{name}" / "metrics.json"
        kept = json.loads(file.read_text())["mean"]
        figures.append(", ".join(f"{kept[protocol]['acc@1.0']:.3f}" for protocol in PROTOCOLS))
    assert said.format(*figures) in text


def test_what_is_said_of_the_ablations_learning_rate_holds(repo: Path) -> None:
    """docs/design.md, on the base of the paper's tables."""
    text = " ".join((repo / "docs" / "design.md").read_text().split())
    figures = []
    for name in ("_lr_3e-4", ""):
        file = repo / f"docs/results/holdout_paper_soft_labels{name}/metrics.json"
        kept = json.loads(file.read_text())["actions"]
        figures += [kept[a]["trimmed"]["acc@1.0"] for a in ("golf_swing", "tennis_forehand")]
    said = "(trimmed acc@1.0 {:.3f} and {:.3f} against {:.3f} and {:.3f})"
    assert said.format(*figures) in text


def test_what_is_said_of_the_paper_s_components_holds(repo: Path) -> None:
    """docs/design.md: what changes the paper's network by more than twice the deviations."""
    text = " ".join((repo / "docs" / "design.md").read_text().split())

    def kept(name: str) -> dict:
        return json.loads((repo / f"docs/results/ablations/{name}/metrics.json").read_text())

    def accuracy(name: str) -> tuple[float, float]:
        content = kept(name)
        return content["mean"]["trimmed"]["acc@1.0"], content["std"]["trimmed"]["acc@1.0"]

    clear = {"no_projection_head": "without the projection head"}
    clear |= {"no_positional_encoding": "without positional encodings"}
    clear |= {"no_augmentation": "without augmentations"}
    clear |= {"no_temporal_augmentation": "without the temporal ones"}
    clear |= {"joint_transformer": "with coordinates in the place of heatmaps"}
    within = [
        "cross_attention",
        "temporal_transformer",
        "spatial_transformer",
        "orientation_noise",
        "position_noise",
    ]
    within = [f"no_{name}" for name in (*within, "flip")] + ["joints", "limbs"]
    whole, deviation = accuracy("paper_cpu")
    assert f"whose trimmed acc@1.0 is {whole:.3f} ± {deviation:.3f}." in text
    for name in (*clear, *within):
        found, of_found = accuracy(name)
        beyond = abs(found - whole) > 2 * max(deviation, of_found)
        assert beyond == (name in clear), name
        assert name not in clear or (found > whole) == (name == "no_projection_head")
        assert name not in clear or f"{clear[name]}: {found:.3f} ± {of_found:.3f}" in text
    # "In the paper each of these costs accuracy."
    tables = read_tables(repo / "configs/ablations/tables.py").values()
    papers = {row.key: row.paper[0] for table in tables for row in table.rows if row.paper}
    assert all(papers[name] < papers["paper_cpu"] for name in within)
    taus = [kept(name)["mean"]["published"]["tau"] for name in ("no_flip", "paper_cpu")]
    assert "protocol: {:.3f} without, {:.3f} with.".format(*taus) in text


def test_what_is_said_of_the_number_of_prototypes_holds(repo: Path) -> None:
    """docs/design.md, on jumping_jacks and pushups."""
    text = " ".join((repo / "docs" / "design.md").read_text().split())
    figures = []
    for number in (0, 32, 128):
        file = repo / f"docs/results/holdout_linear_prototypes_{number}/metrics.json"
        kept = json.loads(file.read_text())["actions"]
        figures += [kept[a]["published"]["progress"] for a in ("jumping_jacks", "pushups")]
    said = (
        "progress is {:.3f} and {:.3f} without, {:.3f} and {:.3f} with 32, {:.3f} and {:.3f} with"
    )
    assert said.format(*figures) in text


def test_what_is_said_of_hands_holds(repo: Path) -> None:
    """docs/design.md, Robustness: the table of toy hands, and what a missing finger costs."""
    folder = repo / "docs/results/toy_pour"
    lines = (repo / "docs" / "design.md").read_text().splitlines()
    keys = [("published", "acc@1.0"), ("published", "tau"), ("trimmed", "acc@1.0")]
    keys += [("trimmed", "AP@5"), ("trimmed", "event_error")]
    cases = {"clean": "clean", "missing": "a finger missing in every frame"}
    cases |= {"noise": "noise of 1 heatmap pixel"}
    runs = {
        case: [json.loads(file.read_text()) for file in sorted(folder.glob(f"*/{case}.json"))]
        for case in cases
    }
    rows = {name: runs[case] for case, name in cases.items()}
    for floor in runs["clean"][0]["floors"]:
        rows[f"*{floor.replace('_', ' ')}*"] = [one["floors"][floor] for one in runs["clean"]]
    for name, found in rows.items():
        values = [[one[protocol].get(key) for one in found] for protocol, key in keys]
        cells = ["–" if None in value else f"{mean(value):.3f}" for value in values]
        assert "| " + " | ".join([name, *cells]) + " |" in lines
    clean, missing = (
        mean(one["trimmed"]["acc@1.0"] for one in runs[case]) for case in ("clean", "missing")
    )
    said = f"A finger missing in every frame costs {100 * (clean - missing):.1f} points"
    assert any(line.startswith(said) for line in lines)
    lost = [
        100 * (whole["trimmed"]["acc@1.0"] - cut["trimmed"]["acc@1.0"])
        for whole, cut in zip(runs["clean"], runs["missing"], strict=True)
    ]
    assert [one["seed"] for one in runs["clean"]] == [0, 1, 2]
    said = "(seeds 0, 1, 2: " + ", ".join(f"{one:.1f}" for one in lost) + ")."
    assert any(said in line for line in lines)


def test_the_alignment_page_has_what_was_measured_on_penn_action(repo: Path) -> None:
    lines = (repo / "docs" / "alignment.md").read_text().splitlines()
    results = repo / "docs" / "results"
    transfer = json.loads((results / "phase_transfer" / "phase_transfer.json").read_text())
    methods = [f"embedding, {method}" for method in ("subsequence", "dtw", "nearest")]
    for action, figures in transfer.items():
        found = [figures[f"trimmed, {of}"]["medoid"] for of in (*methods, "raw pose, dtw", "clock")]
        assert "| " + " | ".join([action, *(f"{one:.3f}" for one in found)]) + " |" in lines
    others = {
        action: ", ".join(f"{transfer[action][f'trimmed, {of}']['others']:.3f}" for of in methods)
        for action in ("mean", "pushups")
    }
    text = " ".join(" ".join(lines).split())
    assert (
        f"in the mean over them: {others['mean']}. For pushups that is {others['pushups']}:" in text
    )


def numbers_below(page: Path, heading: str) -> list[list[float]]:
    """The numbers in the rows of the first table below a heading, their first cell left out."""
    table = page.read_text().split(f"\n{heading}\n", 1)[1].split("\n|", 1)[1].split("\n\n", 1)[0]
    rows = [line.strip("|").split("|")[1:] for line in table.splitlines()[2:]]
    return [[float(x) for cell in row for x in cell.split("/")] for row in rows]


def printed(repo: Path, name: str) -> list[tuple[str, list[float]]]:
    """The lines of a result's figures that end in numbers: what they begin with, and those."""
    lines = (repo / "docs/results" / name / "figures.txt").read_text().splitlines()
    found = [re.fullmatch(r"(.*?)((?:\s+[\d.]+){3,})", line) for line in lines]
    return [(one[1], [float(x) for x in one[2].split()]) for one in found if one]


def test_the_pages_have_what_was_measured_of_cameras(repo: Path) -> None:
    """docs/alignment.md and docs/sync.md, floors too."""
    page = repo / "docs/alignment.md"
    lines = [numbers for _, numbers in printed(repo, "view_angles_ui_prmd")]
    for row, many, one in zip(
        numbers_below(page, "### Cameras at any angle, UI-PRMD"), lines[:7], lines[7:], strict=True
    ):
        assert row == [*many[1:4], one[1], *many[4:9]]
    for row, (_, numbers) in zip(
        numbers_below(page, "### Two cameras, UI-PRMD"), printed(repo, "align_ui_prmd"), strict=True
    ):
        assert row == pytest.approx(numbers, abs=0.51)
    toy = [numbers[:2] for way, numbers in printed(repo, "align_toy") if not way.endswith("soft")]
    rows = numbers_below(page, "### Generated executions")
    assert sum(rows, []) == pytest.approx(sum(toy, []), abs=0.51)
    for row, (_, numbers) in zip(
        numbers_below(repo / "docs/sync.md", "## Figures"),
        printed(repo, "sync_cameras"),
        strict=True,
    ):
        assert row == pytest.approx(numbers, abs=0.51)


def test_what_is_said_of_raw_poses_holds(repo: Path) -> None:
    """docs/alignment.md: what of the frames they match, and whom they are ahead of."""
    text = " ".join((repo / "docs/alignment.md").read_text().split())

    def unmatched(found: list[float]) -> str:
        low, high = (round(100 * (1 - share)) for share in (max(found), min(found)))
        return f"{low} % of" if low == high else f"{low} to {high} %"

    lines = [numbers for _, numbers in printed(repo, "view_angles_ui_prmd")]
    cameras, one = lines[:7], lines[7:]
    ahead = [row[0] for row in one if row[6] < min(row[1:4])]
    assert ahead == [0, 15, 30] and "up to 30° the raw pose is ahead of it" in text
    said = f"leaves {unmatched([row[9] for row in cameras])} the frames without a counterpart with "
    assert (
        said + f"the network, {unmatched([row[10] for row in cameras])} with the raw pose" in text
    )

    toy = printed(repo, "align_toy")
    of_network = [n[2] for way, n in toy if way.endswith("  subsequence")]
    of_raw_pose = [n[2] for way, n in toy if way.endswith("raw pose, subsequence")]
    assert len(of_network) == len(of_raw_pose) == 4 and min(of_network) > 0.99
    said = f"without a counterpart with the network, {unmatched(of_raw_pose)} with the raw pose"
    assert said in text

    lines = (repo / "docs/results/align_ui_prmd/figures.txt").read_text()
    found = re.findall(r"median ([\d.]+) ms, largest ([\d.]+) ms; within one frame (\d+)%", lines)
    (median, largest, within), (open_ended, _, of_open), (closed, _, of_closed) = found
    assert (
        f"right to {median} ms in the median and {largest} ms at most" in text and within == "100"
    )
    said = f"By the raw pose it is {closed} ms off in the median along `dtw`, within one frame in "
    said += f"{of_closed} %, and {float(open_ended) / 1000:.2f} s along `subsequence`, within one "
    assert said + f"frame in {of_open} %." in text


def test_what_is_said_of_progress_and_of_the_first_tenth_holds(repo: Path) -> None:
    """docs/design.md, Open points."""
    results = repo / "docs" / "results"
    kept = json.loads((results / "la2ds_plus_penn_action_cpu" / "metrics.json").read_text())
    few = json.loads((results / "few_labels" / "few_labels.json").read_text())
    progress = by_seed(kept, "progress")
    for action, figures in kept["actions"].items():
        # Embedded clip by clip, not in the test loop's batches, by the same network.
        of_seed = figures["per_seed"]["0"]["published"]["acc@0.1"]
        assert few[action]["first"] == pytest.approx(of_seed, abs=1e-3)
    scored = kept["mean"]["published"]
    baseball, tennis = few["baseball_swing"], few["tennis_forehand"]
    errors = json.loads((results / "progress_errors" / "progress_errors.json").read_text())
    assert errors["mean"]["progress"] == pytest.approx(scored["progress"], abs=1e-3)
    golf, pushups = errors["golf_swing"], errors["pushups"]
    text = " ".join((repo / "docs" / "design.md").read_text().split())
    for said in (
        f"Its progress is {scored['progress']:.3f} (seeds 0, 1, 2: "
        + ", ".join(f"{one:.3f}" for one in progress),
        f"acc@0.1 is {scored['acc@0.1']:.3f}",
        f"(baseball_swing {baseball['shift_first'][0]:.0f} frames, tennis_forehand "
        f"{tennis['shift_first'][0]:.0f}; in the validation clips "
        f"{baseball['shift_val'][0]:.0f} and {tennis['shift_val'][0]:.0f})",
        f"with seed 0: {few['mean']['random']:.3f} instead of {few['mean']['first']:.3f}",
        f"{golf['share']:.0%} of golf_swing's squared error in video {golf['clip']}",
        f"{pushups['share']:.0%} of pushups' in {pushups['clip']}",
    ):
        assert said in text, said


def test_what_is_said_of_one_network_for_all_actions_holds(repo: Path) -> None:
    """docs/design.md: its steps, its prototypes and its figures beside those of one per action."""
    results = repo / "docs" / "results"
    one, each, few, many = (
        json.loads((results / name / "metrics.json").read_text())
        for name in (
            "la2ds_plus_penn_action_all_cpu",
            "la2ds_plus_penn_action_cpu",
            "holdout_one_model_linear_prototypes_32",
            "holdout_one_model_linear_prototypes_160",
        )
    )
    for protocol in ("published", "trimmed"):
        for key, value in one["mean"][protocol].items():
            if not key.startswith(("event", "tau_")):
                assert value > each["mean"][protocol][key] - 5e-4, key
    assert one["mean"]["trimmed"]["event_error"] <= each["mean"]["trimmed"]["event_error"]
    steps = [kept["mean"]["training"]["steps"] for kept in (one, each)]
    # docs/get_started.md: half as many clips.
    assert 16 * steps[0] / (5 * 8 * steps[1]) == pytest.approx(0.5, abs=0.01)
    progress = [kept["mean"]["published"]["progress"] for kept in (many, few)]
    acc = [kept["mean"]["published"]["acc@0.1"] for kept in (one, each)]
    text = " ".join((repo / "docs" / "design.md").read_text().split())
    for said in (
        "progress is {:.3f} with 160 of them and {:.3f} with 32".format(*progress),
        "{:.0f} steps of 16 clips, against {:.0f} of 8".format(*steps),
        "acc@0.1 is {:.3f} against {:.3f} (seeds 0, 1, 2: ".format(*acc)
        + ", ".join(f"{seed:.3f}" for seed in by_seed(one, "acc@0.1")),
    ):
        assert said in text, said


def test_what_is_said_of_the_recipe_beside_casa_holds(repo: Path) -> None:
    """docs/design.md: ahead on every action, and what missing limbs and noise cost."""
    folder = repo / "docs/results/ablations"
    text = " ".join((repo / "docs" / "design.md").read_text().split())

    def accuracy(config: str, case: str) -> tuple[dict[str, float], list[float]]:
        """Trimmed acc@1.0 by action, and by seed in points."""
        kept = json.loads((folder / f"{config}{case}" / "metrics.json").read_text())
        actions = kept["actions"]
        of_seeds = [
            100 * mean(a["per_seed"][str(seed)]["trimmed"]["acc@1.0"] for a in actions.values())
            for seed in kept["seeds"]
        ]
        return {name: a["trimmed"]["acc@1.0"] for name, a in actions.items()}, of_seeds

    def lost(config: str, case: str) -> list[float]:
        """Points by seed."""
        pairs = zip(accuracy(config, "")[1], accuracy(config, case)[1], strict=True)
        return [clean - corrupt for clean, corrupt in pairs]

    models = [f"{one}_cpu" for one in ("baselines_casa_long_penn_action", "la2ds_plus_penn_action")]
    models.append("la2ds_plus_penn_action_all_cpu")
    casa, of_casa = accuracy(models[0], "")
    for model in models[1:]:
        found, of_seeds = accuracy(model, "")
        assert len(casa) == 5 and len(of_seeds) == 3
        assert all(found[action] > casa[action] for action in casa)
    limbs = [mean(lost(model, "_corrupt_missing_1")) for model in models]
    noise = [lost(model, "_corrupt_noise_1") for model in models]
    assert max(limbs[1:]) < limbs[0] / 4
    means = [mean(one) for one in noise]
    cells = [*limbs, *means, *(stdev(one) for one in noise)]
    for config in ("casa", "paper_cpu"):
        clean, corrupt = (
            json.loads((folder / f"{config}{case}" / "metrics.json").read_text())["mean"]
            for case in ("", "_corrupt_missing_1")
        )
        cells += [100 * (clean[p]["acc@1.0"] - corrupt[p]["acc@1.0"]) for p in PROTOCOLS]
    for said in (
        "missing limbs CASA {:.1f}, `la2ds_plus` {:.1f}, its one network {:.1f}; by noise {:.1f}, "
        "{:.1f} and {:.1f}, with deviations over the seeds of {:.1f}, {:.1f} and {:.1f}.",
        "loses {11:.1f} points of published accuracy by missing limbs where CASA loses {9:.1f}",
        "but {12:.1f} points of trimmed accuracy where CASA loses {10:.1f}.",
    ):
        assert said.format(*cells) in text
    lost = []
    for config in ("paper_cpu", "casa"):
        clean, noisy = (
            json.loads((folder / f"{config}{case}" / "metrics.json").read_text())["mean"]
            for case in ("", "_corrupt_noise_2_corrupt_on_test")
        )
        lost.append(100 * (clean["trimmed"]["acc@1.0"] - noisy["trimmed"]["acc@1.0"]))
    assert (
        "By noise of 2 pixels it loses {:.1f} points of trimmed accuracy, CASA {:.1f}.".format(
            *lost
        )
        in text
    )
    few, long = (
        json.loads((folder / f"baselines_casa_{one}penn_action_cpu/metrics.json").read_text())
        for one in ("", "long_")
    )
    for protocol, key in (("trimmed", "acc@1.0"), ("published", "tau")):
        cells = [
            f"{one['mean'][protocol][key]:.3f} ± {one['std'][protocol][key]:.3f}"
            for one in (few, long)
        ]
        assert "{} (as long: {})".format(*cells) in text
    untrained = few["mean"]["floors"]["untrained"]["published"]["tau"]
    assert f"which before any training is {untrained:.3f}." in text
    assert few["seeds"] == long["seeds"] == [0, 1, 2]
    higher = mean(of_seeds) - mean(of_casa)
    said = f"loses {means[2] - means[0]:.1f} points more than CASA, of a trimmed accuracy that is "
    assert said + f"{higher:.0f} points higher" in text


def test_the_alignment_page_has_the_verdicts_and_what_is_never_seen(repo: Path) -> None:
    lines = (repo / "docs" / "alignment.md").read_text().splitlines()
    results = repo / "docs" / "results"
    packaged, unseen = (
        json.loads((results / "same_activity" / f"{name}.json").read_text())
        for name in ("same_activity", "unseen")
    )
    for kind in packaged:
        if kind != "ROC":
            cells = [
                f"{one[kind][verdict]:.2f}"
                for one in (packaged, unseen)
                for verdict in ("another", "unclear", "same")
            ]
            assert "| " + " | ".join([kind, *cells]) + " |" in lines
    areas = [f"{one['ROC']['area']:.3f} ({one['ROC']['low']:.3f}" for one in (packaged, unseen)]
    assert any(all(area in line for area in areas) for line in lines)
    transfer = json.loads((results / "general_unseen" / "phase_transfer.json").read_text())
    for name, key in (
        ("the network, open (default)", "embedding, open"),
        ("the network, dtw", "embedding, dtw"),
        ("raw pose, open (default without a network)", "raw pose, open"),
        ("raw pose, dtw", "raw pose, dtw"),
    ):
        cells = [
            f"{transfer['mean'][f'{cut}, {key}'][of]:.3f}"
            for cut in ("whole", "trimmed")
            for of in ("medoid", "others")
        ]
        assert "| " + " | ".join([name, *cells]) + " |" in lines
    said = "calls {two[same]:.2f} of the pairs of two activities the same, and"
    limits = " ".join((repo / "docs" / "limitations.md").read_text().split())
    assert said.format(**packaged) in limits


def test_the_alignment_page_has_what_speeds_cost(repo: Path) -> None:
    lines = (repo / "docs" / "alignment.md").read_text().splitlines()
    penn, views = (
        json.loads((repo / "docs" / "results" / "tempo" / f"{name}.json").read_text())
        for name in ("penn_action", "ui_prmd")
    )
    for name, row in penn.items():
        cells = [f"{row['found']:.2f}"]
        cells += [f"{row[way]:.3f}" for way in ("file speed", "speed found", "one length")]
        assert "| " + " | ".join([name.rstrip(": "), *cells]) + " |" in lines
    for name, row in views.items():
        cells = [
            f"{row[f'{way}, {of}']:.0f}"
            for way in ("file speed", "speed found")
            for of in ("median", "90 %")
        ]
        assert "| " + " | ".join([name.removeprefix("views: "), *cells]) + " |" in lines


def test_the_alignment_page_has_the_differences_to_raw_poses(repo: Path) -> None:
    lines = (repo / "docs" / "alignment.md").read_text().splitlines()
    file = repo / "docs" / "results" / "general_unseen" / "against_raw_pose.json"
    for name, row in json.loads(file.read_text()).items():
        cells = [f"{row['mean']:.3f}", f"{row['low']:.3f} to {row['high']:.3f}"]
        assert "| " + " | ".join([name, *cells, f"{row['clips']:.0f}"]) + " |" in lines


def test_the_page_of_peers_has_the_first_look(repo: Path) -> None:
    lines = (repo / "docs" / "peers.md").read_text().splitlines()
    files = sorted((repo / "docs" / "results" / "peers_first").glob("*.json"))
    assert len(files) > 3
    for file in files:
        figures = json.loads(file.read_text())["mean"]
        cells = [f"{figures['published'][key]:.3f}" for key in ("acc@1.0", "progress", "tau")]
        cells += [f"{figures['trimmed'][key]:.3f}" for key in ("acc@1.0", "AP@5", "event_error")]
        assert sum(" | ".join(cells) in line for line in lines) == 1
