"""The report's file: all in one, and safe whatever the names are."""

import json
import re
from importlib.resources import files

import numpy as np
import pytest
from marked_videos import marked_result

from mmalign.analysis.findings import Deviation
from mmalign.visualization.report import write_report
from mmalign.visualization.skeleton_drawing import PHASE_COLOURS

ROW = Deviation("pause", "stands still for 0.6 s", 1.75, 0.97, 0.6, "s", 0)


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    path = write_report(marked_result(), folder, [[ROW]], ["lean", "</script><script>alert(1)"])
    assert path == folder / "report.html"
    return path.read_text(encoding="utf-8")


def data_of(page):
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)
    return json.loads(found[1])


def test_nothing_is_loaded_from_anywhere(page):
    assert "default-src 'none'" in page
    assert not re.search(r"(src|href)=[\"'](?!data:)", page)
    # The one address is the name of a markup language.
    assert set(re.findall(r"https?://[^\s\"']+", page)) <= {"http://www.w3.org/2000/svg"}
    assert "{{" not in page


def test_names_are_text_not_markup(page):
    assert "<title>Alignment: reference &lt;b&gt; and the &amp; other</title>" in page
    assert "<b>" not in data_block(page) and "</script><script>" not in data_block(page)
    sides = data_of(page)[0]["sides"]
    assert [side["name"] for side in sides] == ["reference <b>", "the & other"]
    assert sides[0]["phases"][1]["name"] == "</script><script>alert(1)"


def data_block(page):
    start = page.index('id="data">')
    return page[start : page.index("</script>\n<script>", start)]


def test_ticks_and_poses_are_those_of_the_alignment(page):
    result, pair = marked_result(), data_of(page)[0]
    kind, frames = np.array(pair["kind"]), [np.array(side["frame"]) for side in pair["sides"]]
    matched = kind == 0
    assert matched.sum() == 60
    places = result.pairs[0].other_positions[frames[0][matched]]
    assert np.abs(frames[1][matched] - places).max() <= 0.5
    assert set(frames[0]) == set(range(60))
    # At the reference's 30 ticks a second every frame of the other's 24 without a match is shown.
    assert set(range(20)) | set(range(42, 57)) | set(range(80, 90)) <= set(frames[1])
    assert pair["video"] is None and pair["matrix"]
    assert [(row["kind"], row["other_seconds"]) for row in pair["deviations"]] == [("pause", 1.75)]


def test_a_long_pair_is_cut_and_says_so(tmp_path):
    path = write_report(marked_result(), tmp_path / "new" / "folder", max_seconds=1.0)
    pair = data_of(path.read_text())[0]
    assert len(pair["kind"]) == 30 and pair["seconds"] > 3


def test_text_is_legible():
    style = (files("mmalign.visualization") / "templates" / "report.css").read_text()
    named = dict(re.findall(r"--(\w+): (#\w+);", style))
    for ink in ("ink", "soft", "reference", "other"):
        for ground in ("paper", "ground"):
            assert contrast(named[ink], named[ground]) >= 4.5, (ink, ground)
    for colour in PHASE_COLOURS:
        assert contrast(named["ink"], colour) >= 4.5, colour


def contrast(first, second):
    """WCAG 2.2's ratio of two colours' luminances."""
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour):
    digits = colour[1:] if len(colour) == 7 else "".join(2 * c for c in colour[1:])
    channels = np.array([int(digits[i : i + 2], 16) for i in (0, 2, 4)]) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])
