"""Phase files: read back what was written, and check the formats by their own rules."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mmalign.analysis.export import FORMATS, write_phases
from mmalign.analysis.phase_files import read_labels, read_phases
from mmalign.analysis.phases import PhaseInterval
from mmalign.errors import InputError

INTERVALS = [
    PhaseInterval(0, "bend & lift", 0.1, 1.25, 0, 0.9),
    PhaseInterval(1, "<dip>, then --> up", 1.25, 3661.5, 0, 0.8),
    PhaseInterval(0, "bend & lift", 3662.0, 3663.0, 1, 0.7),
]
NAMES = st.text(st.characters(codec="utf-8"), max_size=12)


@st.composite
def interval_lists(draw: st.DrawFn) -> list[PhaseInterval]:
    bounds = sorted(draw(st.sets(st.integers(0, 5_000_000), min_size=2, max_size=12)))
    times = zip(bounds[:-1:2], bounds[1::2], strict=False)
    names = draw(st.lists(NAMES, min_size=6, max_size=6))
    return [PhaseInterval(i, names[i], a / 1000, e / 1000) for i, (a, e) in enumerate(times)]


@pytest.mark.parametrize("suffix", ["csv", "eaf"])
@given(intervals=interval_lists())
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_what_is_written_is_read_back(
    suffix: str, intervals: list[PhaseInterval], tmp_path: Path
) -> None:
    found = read_phases(write_phases(tmp_path / f"phases.{suffix}", intervals))
    assert [(i.start, i.end) for i in found] == [(i.start, i.end) for i in intervals]
    for read, wrote in zip(found, intervals, strict=True):
        kept = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "", wrote.name)
        assert read.name == (" ".join(kept.split()) or f"phase {wrote.phase}")


def test_eaf_is_well_formed_and_follows_the_structure_of_version_3(tmp_path: Path) -> None:
    video = tmp_path / "videos" / "a clip.mp4"
    path = write_phases(tmp_path / "out" / "a.eaf", INTERVALS, video)
    root = ET.parse(path).getroot()
    assert root.tag == "ANNOTATION_DOCUMENT"
    assert root.attrib["FORMAT"] == root.attrib["VERSION"] == "3.0"
    # The schema's sequence of elements.
    order = ["HEADER", "TIME_ORDER", "TIER", "LINGUISTIC_TYPE", *["CONSTRAINT"] * 4]
    assert [child.tag for child in root] == order
    assert root.find("HEADER").attrib["TIME_UNITS"] == "milliseconds"
    media = root.find("HEADER/MEDIA_DESCRIPTOR").attrib
    assert media["MEDIA_URL"] == video.as_uri()
    assert media["RELATIVE_MEDIA_URL"] == "./../videos/a clip.mp4"
    assert media["MIME_TYPE"] == "video/mp4"
    slots = {s.attrib["TIME_SLOT_ID"]: int(s.attrib["TIME_VALUE"]) for s in root.iter("TIME_SLOT")}
    assert list(slots.values()) == sorted(slots.values()) and len(slots) == 6
    annotations = list(root.iter("ALIGNABLE_ANNOTATION"))
    ids = [a.attrib["ANNOTATION_ID"] for a in annotations]
    assert len(set(ids) | set(slots)) == len(ids) + len(slots)
    times = [
        (slots[a.attrib["TIME_SLOT_REF1"]], slots[a.attrib["TIME_SLOT_REF2"]]) for a in annotations
    ]
    assert times == [(100, 1250), (1250, 3661500), (3662000, 3663000)]
    assert annotations[1].findtext("ANNOTATION_VALUE") == "<dip>, then --> up"
    types = {t.attrib["LINGUISTIC_TYPE_ID"] for t in root.iter("LINGUISTIC_TYPE")}
    assert root.find("TIER").attrib["LINGUISTIC_TYPE_REF"] in types


def test_srt_is_numbered_blocks_of_times_and_a_line(tmp_path: Path) -> None:
    text = write_phases(tmp_path / "a.srt", INTERVALS).read_text(encoding="utf-8")
    blocks = text.rstrip("\n").split("\n\n")
    assert [block.split("\n") for block in blocks] == [
        ["1", "00:00:00,100 --> 00:00:01,250", "bend & lift"],
        ["2", "00:00:01,250 --> 01:01:01,500", "<dip>, then → up"],
        ["3", "01:01:02,000 --> 01:01:03,000", "bend & lift"],
    ]


def test_json_states_every_field(tmp_path: Path) -> None:
    path = write_phases(tmp_path / "a.json", INTERVALS, "x/clip.mp4")
    content = json.loads(path.read_text(encoding="utf-8"))
    assert content["video"] == "clip.mp4"
    assert [PhaseInterval(**row) for row in content["phases"]] == INTERVALS


@pytest.mark.parametrize("suffix", FORMATS)
def test_no_phase_at_all_is_still_a_file(suffix: str, tmp_path: Path) -> None:
    assert write_phases(tmp_path / f"none.{suffix}", []).is_file()


def test_an_unknown_suffix_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"\.csv, \.json, \.srt, \.eaf"):
        write_phases(tmp_path / "a.txt", INTERVALS)


def test_a_tier_of_another_name_is_read(tmp_path: Path) -> None:
    path = write_phases(tmp_path / "a.eaf", INTERVALS)
    path.write_text(path.read_text(encoding="utf-8").replace('"phases"', '"my steps"'))
    assert [i.phase for i in read_phases(path)] == [0, 1, 0]


def test_labels_per_frame(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("name,start_seconds,end_seconds\ndown,0.2,0.4\nup,0,0.2\n", encoding="utf-8")
    labels, names = read_labels(path, 6, 10.0)
    assert names == ["up", "down"] and labels.tolist() == [0, 0, 1, 1, -1, -1]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", "name,start\nx,1\n", "start_seconds"),
        ("a.csv", "name,start_seconds,end_seconds\nx,1,one\n", "cannot be read"),
        ("a.csv", "name,start_seconds,end_seconds\nx,0,2\ny,1,3\n", "overlap"),
        ("a.csv", "name,start_seconds,end_seconds\nx,nan,2\n", "overlap"),
        ("a.csv", "name,start_seconds,end_seconds\nx,0,inf\n", "overlap"),
        ("a.csv", "name,start_seconds,end_seconds\n", "no phase"),
        ("a.csv", "name,start_seconds,end_seconds\nx,8,9\n", "give the phases of the reference"),
        ("a.eaf", "<ANNOTATION_DOCUMENT>", "cannot be read"),
        ("a.eaf", "<x/>", "ANNOTATION_DOCUMENT"),
        ("a.eaf", '<!DOCTYPE a [<!ENTITY b "c">]><ANNOTATION_DOCUMENT/>', "document type"),
        ("a.txt", "x", "expected one of"),
    ],
)
def test_bad_files_are_one_line(name: str, content: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=message) as error:
        read_labels(path, 100, 30.0)
    assert str(path) in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize("suffix", ["csv", "eaf"])
@given(content=st.binary(max_size=200))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_bytes_give_phases_or_an_input_error(
    suffix: str, content: bytes, tmp_path: Path
) -> None:
    path = tmp_path / f"fuzz.{suffix}"
    path.write_bytes(content)
    try:
        assert read_phases(path)
    except InputError:
        pass
