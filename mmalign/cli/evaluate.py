"""Score embeddings from a file, whoever made them: ``mmalign evaluate``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from mmalign.cli.guard import guarded
from mmalign.cli.provenance import package_versions
from mmalign.evaluation.embedding_file import read_embeddings
from mmalign.evaluation.floors import floors_of_clips
from mmalign.evaluation.options import ProtocolOptions
from mmalign.evaluation.report import legend, rich_tables, write_markdown
from mmalign.evaluation.scoring import evaluate
from mmalign.fileio import write_json
from mmalign.functional.metrics.classification import CLASSIFIERS
from mmalign.functional.metrics.events import ALIGNERS

EXAMPLES = """\
examples:
  embeddings of one action:             %(prog)s golf_swing.npz --tau-stride 2
  phases that repeat, 0 is background:  %(prog)s shelf.npz --background 0 --unordered
  figures as files:                     %(prog)s golf_swing.npz --out results/golf_swing

the file, an .npz of plain arrays, clips in the annotation's order:
  train_emb_0 (T, D), train_label_0 (T,), train_emb_1, ...   training clips, whole
  val_emb_0 (T, D), val_label_0 (T,), val_emb_1, ...         validation clips, whole
  val_window_0 (w, D), ...                                   or none: the windows of the trimmed
                                                             protocol, each embedded by itself
figures:
"""


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the command's arguments."""
    defaults = ProtocolOptions()
    parser = argparse.ArgumentParser(
        prog="mmalign evaluate",
        description="Score embeddings of one action's clips under the published and the trimmed "
        "protocol, beside the floors that need no poses.",
        epilog=EXAMPLES + legend().replace("%", "%%"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("embeddings", metavar="EMBEDDINGS.npz", help="see below")
    parser.add_argument("--out", metavar="DIR", help="write DIR/metrics.json and DIR/metrics.md")
    parser.add_argument(
        "--tau-stride",
        type=int,
        default=defaults.tau_stride,
        metavar="N",
        help="every how many frames tau looks at (default: %(default)s; 2 for Penn Action)",
    )
    parser.add_argument(
        "--classifier", choices=CLASSIFIERS, default=defaults.classifier, help="%(default)s"
    )
    parser.add_argument(
        "--background", type=int, metavar="LABEL", help="label of frames that are left out"
    )
    parser.add_argument(
        "--unordered",
        action="store_true",
        help="phases repeat: no progress, no tau and no event error",
    )
    parser.add_argument(
        "--aligner",
        choices=ALIGNERS,
        default=defaults.aligner,
        help="how boundaries are mapped between windows (default: %(default)s)",
    )
    return parser


@guarded
def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    args = build_parser().parse_args(argv)
    options = ProtocolOptions(
        args.tau_stride,
        args.classifier,
        background=args.background,
        ordered=not args.unordered,
        aligner=args.aligner,
    )
    clips = read_embeddings(args.embeddings)
    result = {
        **evaluate(clips.train, clips.val, clips.windows, options),
        "floors": floors_of_clips(clips, options),
        "protocol": asdict(options),
        "clips": {"train": len(clips.train), "val": len(clips.val)},
        "versions": package_versions(),
    }
    console = Console()
    for table in rich_tables(result):
        console.print(table)
    if args.out is not None:
        write_json(Path(args.out, "metrics.json"), result)
        write_markdown(Path(args.out, "metrics.md"), Path(args.embeddings).name, result)
        console.print(f"wrote {Path(args.out, 'metrics.json')}", soft_wrap=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
