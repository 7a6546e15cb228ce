r"""Plot the scalars that a training wrote: losses, learning rate, the figures of its evaluations.

Reads the JSON logs of a work directory (``TIMESTAMP/vis_data/scalars.json``), which have what
TensorBoard shows; a training that was resumed is one curve.

Examples:
  everything:                python tools/analysis/plot_metrics.py work_dirs/demo --out metrics.png
  two trainings, some names: python tools/analysis/plot_metrics.py work_dirs/a work_dirs/b \
                                 --keys loss grad_norm 'published/*' --out compare.png
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mmalign.cli.guard import guarded
from mmalign.errors import InputError
from mmalign.evaluation.protocol import METRICS
from mmalign.fileio import atomic_write

# What a line says of the line, not of the training.
_COUNTERS = {"epoch", "iter", "step", "time", "data_time", "memory", "eta"}
_COLUMNS = 3

Curves = dict[str, tuple[np.ndarray, np.ndarray]]


@guarded
def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("work_dirs", nargs="+", metavar="WORK_DIR", help="what --work-dir was")
    parser.add_argument(
        "--keys", nargs="+", metavar="NAME", default=["*"], help="names, with * and ? (all)"
    )
    parser.add_argument("--smooth", type=int, default=1, metavar="N", help="mean over N entries")
    parser.add_argument("--out", default="metrics.png", help="a PNG, PDF or SVG (%(default)s)")
    args = parser.parse_args(argv)
    if args.smooth < 1:
        raise InputError(f"--smooth {args.smooth}: expected at least 1")
    trainings = {str(folder): read_scalars(folder) for folder in args.work_dirs}
    names = sorted({name for curves in trainings.values() for name in curves})
    shown = [name for name in names if any(fnmatch(name, key) for key in args.keys)]
    if not shown:
        raise InputError(f"--keys {' '.join(args.keys)}: none of {', '.join(names)}; name some")
    figure = draw_curves(trainings, shown, args.smooth)
    out = Path(args.out)
    with atomic_write(out) as temporary:
        figure.savefig(temporary, dpi=110, format=out.suffix[1:] or "png")
    print(f"wrote {out}")
    return 0


def read_scalars(work_dir: str | Path) -> Curves:
    """Read all scalars of a work directory.

    Args:
        work_dir: the folder that holds the runs' folders, or one of those.

    Returns:
        Per name its steps, ascending, and values. Where two runs wrote a step, the later one
        counts.

    Raises:
        InputError: If there is no log, or one is damaged.
    """
    logs = sorted(Path(work_dir).glob("**/vis_data/scalars.json"))
    if not logs:
        raise InputError(
            f"{work_dir}: found no vis_data/scalars.json in it, expected what tools/train.py"
            " leaves; name a training's work directory"
        )
    found: dict[str, dict[int, float]] = {}
    for log in logs:
        for number, line in enumerate(log.read_text(encoding="utf-8").splitlines(), 1):
            try:
                entry = json.loads(line)
                step = int(entry["step"])
            except (ValueError, KeyError, TypeError) as error:
                raise InputError(
                    f"{log}: line {number} is no entry of a log ({error}); delete the line"
                ) from error
            for name, value in entry.items():
                if name not in _COUNTERS and isinstance(value, (int, float)):
                    found.setdefault(name, {})[step] = float(value)
    return {
        name: (np.array(sorted(values)), np.array([values[step] for step in sorted(values)]))
        for name, values in found.items()
    }


def draw_curves(trainings: dict[str, Curves], names: Sequence[str], smooth: int = 1) -> Figure:
    """Draw one panel per name, one curve per training.

    Args:
        trainings: per training what :func:`read_scalars` gave.
        names: which scalars.
        smooth: length of the running mean.

    Returns:
        A figure, to be saved by the caller.
    """
    columns = min(_COLUMNS, len(names))
    rows = -(-len(names) // columns)
    figure = Figure(figsize=(4.6 * columns, 3.0 * rows), layout="constrained")
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    for panel, name in zip(panels, names, strict=False):
        for training, curves in trainings.items():
            if name in curves:
                _draw_curve(panel, *curves[name], training, smooth)
        metric = METRICS.get(name.rpartition("/")[2])
        lower = metric is not None and metric.higher_is_better is False
        title = f"{name} (lower is better)" if lower else name
        panel.set_title(title, fontsize=9, loc="left")
        panel.tick_params(labelsize=8)
        panel.grid(color="#e5e8ec", linewidth=0.8)
    for panel in panels[len(names) :]:
        panel.remove()
    if len(trainings) > 1:
        panels[0].legend(fontsize=7, frameon=False)
    return figure


def _draw_curve(
    panel: Axes, steps: np.ndarray, values: np.ndarray, label: str, smooth: int
) -> None:
    if smooth > 1 and len(values) >= smooth:
        values = np.convolve(values, np.ones(smooth) / smooth, mode="valid")
        steps = steps[smooth - 1 :]
    # A single evaluation is a point.
    panel.plot(steps, values, "." if len(values) == 1 else "-", linewidth=1.2, label=label)


if __name__ == "__main__":
    raise SystemExit(main())
