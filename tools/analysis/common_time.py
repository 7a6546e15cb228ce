r"""How well the time that training clips share, found without labels, agrees with their phases.

Prints, per phase boundary, how far its places in the labelled training clips scatter (standard
deviation, in shares of a clip): on the clock t/T, and on the common time.

Example: python tools/analysis/common_time.py data/penn_action work_dirs/golf/epoch_20.pth \
             --action golf_swing
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy as np

from mmalign.apis.embedder import Embedder
from mmalign.apis.loading import load_aligner
from mmalign.cli.guard import guarded
from mmalign.experiments.labelled_clips import labelled_clips
from mmalign.functional.template import common_times


@guarded
def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data_root", metavar="DATA", help="prepared data set")
    parser.add_argument("checkpoint", metavar="CHECKPOINT", help="of mmalign train")
    parser.add_argument("--action", required=True, metavar="NAME")
    args = parser.parse_args(argv)
    clips = labelled_clips(args.data_root, args.action, "train")
    embed = Embedder(load_aligner(args.checkpoint), args.action)
    embeddings = [embed(clip, clip.fps) for clip in clips]
    labels = [clip.labels for clip in clips if clip.labels is not None]
    clock = [np.linspace(0, 1, len(one)) for one in labels]
    print(f"{args.action}, {len(clips)} clips: scatter of every phase boundary")
    for name, times in (("clock", clock), ("common time", common_times(embeddings))):
        print(f"{name:12s}", " ".join(f"{value:.3f}" for value in scatter(times, labels)))
    return 0


def scatter(times: Sequence[np.ndarray], labels: Sequence[np.ndarray]) -> list[float]:
    """Standard deviation over the clips of the time of the last frame of every phase but the last.

    Args:
        times: ``(T_i,)`` each, from 0 to 1.
        labels: ``(T_i,)`` phases each.
    """
    phases = np.unique(np.concatenate(labels))[:-1]
    places = [
        [t[np.flatnonzero(one == b)[-1]] for t, one in zip(times, labels, strict=True) if b in one]
        for b in phases
    ]
    return [float(np.std(of_phase)) for of_phase in places]


if __name__ == "__main__":
    raise SystemExit(main())
