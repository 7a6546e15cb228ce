"""Figure of anomaly scores over time."""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.figure import Figure

from mmalign.analysis.anomaly import AnomalyScore


def draw_anomalies(found: Mapping[str, AnomalyScore], fps: float, most: int = 8) -> Figure:
    """Draw distance and tempo of sequences over time, the threshold, and the worst frame.

    Args:
        found: Per name its score; those with the highest ones are drawn, the worst on top.
        fps: Frames per second of the scores.
        most: How many are drawn.

    Returns:
        A figure, to be saved by the caller.
    """
    shown = sorted(found.items(), key=lambda item: -item[1].score)[:most]
    figure = Figure(figsize=(7.2, 1.7 * len(shown) + 0.6), layout="constrained")
    for axes, (name, score) in zip(
        figure.subplots(len(shown), squeeze=False)[:, 0], shown, strict=True
    ):
        seconds = [frame / fps for frame in range(len(score.distance))]
        axes.plot(seconds, score.distance, color="#2563eb", linewidth=1.3, label="distance")
        axes.plot(seconds, score.tempo, color="#b45309", linewidth=1.3, label="tempo")
        axes.axhline(score.threshold, color="#6b7280", linestyle="--", label="threshold")
        worst = score.worst_frame
        verdict = "normal"
        if score.is_anomaly:
            verdict = f"anomaly, worst at {worst / fps:.2f} s"
            axes.plot(worst / fps, score.frames[worst], "o", color="#be123c")
        axes.set_title(f"{name}: {score.score:.2f}, {verdict}", fontsize=9, loc="left")
        axes.margins(x=0)
    axes.set_xlabel("s")
    figure.supylabel("deviations above normal", fontsize=9)
    figure.axes[0].legend(loc="upper right", ncols=3, fontsize=7, frameon=False)
    return figure
