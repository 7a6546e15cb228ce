r"""The rows of the paper's Tables 8 and 11: each modality alone, all fused, and all but one.

Trains a fused config with several seeds, each encoder by itself first, and scores under both
protocols: the networks of one modality, the fused one, and the fused one where a modality is
missing. What is in WORK_DIR already is not made again; what was cut goes on.

Example: python tools/analysis/fusion_table.py configs/fusion/la2ds_rgb_pose_toy.py \\
             --work-dir work_dirs/fusion_toy --seeds 0 1 2 --out docs/results/fusion_toy
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mmalign.cli.config import load_config
from mmalign.cli.guard import guarded
from mmalign.cli.provenance import config_hash, package_versions
from mmalign.cli.stages import stages_of
from mmalign.cli.train import latest_checkpoint
from mmalign.errors import InputError
from mmalign.evaluation.protocol import PROTOCOLS, shown_metrics
from mmalign.evaluation.report import cell_of
from mmalign.evaluation.summary import mean_of, std_of
from mmalign.fileio import atomic_write, write_json

LEFT_OUT = ("AP@10",)  # It lies between AP@5 and AP@15, and the table is wide.


@guarded
def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("config", metavar="CONFIG", help="of a fused network, with stages")
    parser.add_argument("--data-root", metavar="DIR", help="folder of the prepared data set")
    parser.add_argument("--action", nargs="+", metavar="NAME", help="these actions' sequences only")
    parser.add_argument("--work-dir", required=True, metavar="DIR")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2], metavar="S")
    parser.add_argument("--out", metavar="DIR", help="where to write (default: the work dir)")
    args = parser.parse_args(argv)
    options = ["--data-root", args.data_root] if args.data_root else []
    options += ["--action", *args.action] if args.action else []
    runs = [
        rows_of(args.config, Path(args.work_dir, f"seed_{seed}"), [*options, "--seed", str(seed)])
        for seed in args.seeds
    ]
    rows = {
        name: {
            "mean": mean_of([run[name] for run in runs]),
            "std": std_of([run[name] for run in runs]),
            "per_seed": {str(s): run[name] for s, run in zip(args.seeds, runs, strict=True)},
        }
        for name in runs[0]
    }
    out = Path(args.out or args.work_dir)
    facts = {"config": Path(args.config).name, "config_hash": config_hash(load_config(args.config))}
    content = {**facts, "seeds": args.seeds, "rows": rows, "versions": package_versions()}
    write_json(out / "fusion.json", content)
    text = markdown(rows, args.seeds)
    with atomic_write(out / "fusion.md") as temporary:
        temporary.write_text(text, encoding="utf-8")
    print(text, end="")
    print(f"wrote {out / 'fusion.json'} and fusion.md")
    return 0


def rows_of(config: str, folder: Path, options: list[str]) -> dict[str, dict[str, Any]]:
    """Train and score one seed.

    Args:
        config: Config file of the fused network.
        folder: Where this seed's training and figures are.
        options: Those on data and seed, of both commands.

    Returns:
        Per row of the table the figures of both protocols; the floors come last.
    """
    if not (folder / "metrics.json").is_file():
        call("train", config, "--work-dir", str(folder), "--resume", *options)
    fused = score(config, folder, [*options, "--floors"])
    rows = {}
    for name, stage in stages_of(load_config(config)).items():
        if stage.config is not None:
            place = folder / f"stage_{name}"
            # Where the stage changed its config, that of the network is the one training kept.
            own = place / stage.config.name if stage.options else stage.config
            rows[f"{name} alone"] = score(str(own), place, options)
    rows["fused"] = fused
    for name, figures in fused["modalities"].items():
        label = name.replace("without_", "fused without ")
        rows[label if label != name else f"{name} branch of the fused"] = figures
    rows |= fused["floors"]
    return {
        name: {protocol: figures.get(protocol, {}) for protocol in PROTOCOLS}
        for name, figures in rows.items()
    }


def score(config: str, folder: Path, options: list[str]) -> dict[str, Any]:
    """Figures of the latest checkpoint of a folder, kept there."""
    kept = folder / "metrics.json"
    if not kept.is_file():
        checkpoint = latest_checkpoint(folder)
        if checkpoint is None:
            raise InputError(f"{folder}: training left no checkpoint; add a CheckpointHook")
        call("test", config, str(checkpoint), "--out", str(folder), *options)
    result: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
    return result


def call(command: str, *arguments: str) -> None:
    """Run one of mmalign's commands in a process of its own; its output goes to the terminal."""
    done = subprocess.run([sys.executable, "-m", f"mmalign.cli.{command}", *arguments], check=False)
    if done.returncode:
        raise InputError(f"mmalign {command} {arguments[0]}: failed; its error is above")


def markdown(rows: dict[str, dict[str, Any]], seeds: Sequence[int]) -> str:
    """One table per protocol: a network a row, a figure a column."""
    lines = [f"Mean and deviation over the seeds {', '.join(map(str, seeds))}."]
    for protocol, heading in PROTOCOLS.items():
        measured = rows["fused"]["mean"][protocol]
        names = [m.name for m in shown_metrics() if m.name in measured and m.name not in LEFT_OUT]
        lines += ["", f"{heading}:", "", "| | " + " | ".join(names) + " |"]
        lines.append("|---" + "|---:" * len(names) + "|")
        for row, content in rows.items():
            cells = [
                cell_of(content["mean"][protocol].get(name), content["std"][protocol].get(name))
                for name in names
            ]
            lines.append(f"| {row.replace('_', ' ')} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    raise SystemExit(main())
