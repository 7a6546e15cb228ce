"""The figure of anomaly scores."""

import numpy as np

from mmalign.analysis.anomaly import AnomalyScore
from mmalign.visualization.anomaly_figure import draw_anomalies


def test_the_worst_stand_on_top_with_their_worst_frame_marked() -> None:
    found = {
        f"clip{n}": AnomalyScore(np.array([0.0, float(n), 0.5]), np.zeros(3), 2.5) for n in range(5)
    }
    figure = draw_anomalies(found, 10.0, most=3)
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert titles == [
        "clip4: 4.00, anomaly, worst at 0.10 s",
        "clip3: 3.00, anomaly, worst at 0.10 s",
        "clip2: 2.00, normal",
    ]
    marks = [
        line.get_xydata().tolist() for line in figure.axes[0].lines if line.get_marker() == "o"
    ]
    assert marks == [[[0.1, 4.0]]]
