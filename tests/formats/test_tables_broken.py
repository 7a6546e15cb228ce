"""Tables that cannot be read are refused in one line; large ones need little memory."""

import tracemalloc

import numpy as np
import pytest

from mmalign.errors import InputError
from mmalign.formats.catalogue import get_format
from mmalign.formats.table_poses import read_table_poses
from mmalign.formats.tables import open_table
from tests.fixtures.keypoint_tables import SPELLINGS, T, long, motion, read, wide, write

HEADER = ",".join(["frame", *(f"{a}_{i}" for i in range(17) for a in "xy")])
ROW = "," + ",".join(["9.5"] * 34)
BAD = {
    "empty": ("", "found an empty file"),
    "blank": ("\n\n\n", "found an empty file"),
    "header only": (HEADER + "\n", "a header without rows"),
    "no header": ("0,1.5,2\n1,1.5,2\n", "found numbers where the header should be"),
    "other columns": ("a,b\n1,2\n", "found the columns a, b, expected columns JOINT_x"),
    "y missing": ("frame,nose_x\n1,2\n", "found nose_x or nose_y alone"),
    "twice": ("frame,nose_x,nose_y,nose_x\n1,2,3,4\n", "found the column 'nose_x' twice"),
    "same joint": ("frame,nose_x,nose_y,x_nose\n1,2,3,4\n", "found the column 'x_nose' twice"),
    "text": (f"{HEADER}\n0{ROW}\n\n1{ROW[:-3]}oops\n", r"line 4, column 'y_16': found 'oops'"),
    "short": (f"{HEADER}\n0{ROW}\n1{ROW[:-4]}\n", "line 3: 34 cells, expected 35"),
    "long row": (f"{HEADER}\n0{ROW},7\n", "line 2: 36 cells, expected 35"),
    "half a frame": (f"{HEADER}\n0{ROW}\n0.5{ROW}\n", "line 3, column 'frame': found '0.5'"),
    "no frame": (f"{HEADER}\n0{ROW}\n{ROW}\n", "line 3, column 'frame': found 'nan'"),
    "far frame": (f"{HEADER}\n0{ROW}\n999999{ROW}\n", "number them anew"),
    "person without frame": ("person,x_0,y_0\n1,2,3\n", "has 'person', expected a column 'frame'"),
    "joint without frame": ("joint,x,y\n1,20,30\n", "has 'joint', expected a column 'frame'"),
    "some people": (
        f"person,{HEADER}\n1,0{ROW}\n,1{ROW}\n",
        "line 3, column 'person': found '', expected a person in every row",
    ),
    "some labels": (f"label,{HEADER}\n1,0{ROW}\n,1{ROW}\n", "line 3, column 'label': found ''"),
    "no joint": ("frame,joint,x,y\n0,,20,30\n", "line 2, column 'joint': found ''"),
    "joint twice": (
        "frame,joint,x,y\n0,1,20,30\n0,2,20,30\n0,1,20,30\n",
        "line 4, column 'joint': found '1', expected every joint once per frame",
    ),
    "18 numbers": (f"{HEADER},x_18,y_18\n0{ROW},1,2\n", "18 joints numbered from 0 to 18"),
}


@pytest.mark.parametrize("format_name", ["csv", "mediapipe"])
@pytest.mark.parametrize("kind", BAD)
def test_a_bad_table_is_refused_in_one_line(kind, format_name, tmp_path):
    text, message = BAD[kind]
    path = tmp_path / "clip.csv"
    path.write_text(text)
    # A skeleton is needed for the first joint that is there twice.
    options = {"skeleton": "coco17"} if kind == "joint twice" else {}
    with pytest.raises(InputError) as caught:
        read(format_name, path, **options)
    found = str(caught.value)
    assert found.startswith(str(path)) and message in found and "\n" not in found
    assert ";" in found and len(found) < len(str(path)) + 400  # says what to do


def test_text_of_another_encoding_or_a_picture(tmp_path):
    for content in ("frame,nase_x,größe\n".encode("latin-1"), b"\x89PNG\r\n\x1a\n\x00\x00"):
        (tmp_path / "clip.csv").write_bytes(content)
        with pytest.raises(InputError, match=r"clip\.csv: (no readable CSV|found)"):
            get_format("csv")(tmp_path / "clip.csv")


def test_rows_of_separators_alone_and_cells_beyond_the_header_are_no_frames(tmp_path):
    rows = wide(motion("coco17"), SPELLINGS["name_x"])
    path = write(tmp_path, [*rows, [""] * len(rows[0]), [""] * len(rows[0])], ";")
    assert len(read("csv", path)[0].keypoints) == T
    path = write(tmp_path, [rows[0], *([*row, ""] for row in rows[1:])])
    assert len(read("csv", path)[0].keypoints) == T


def test_a_comma_between_commas_is_no_decimal_point(tmp_path):
    path = tmp_path / "clip.csv"
    path.write_text(f'{HEADER}\n0{ROW[:-3]}"1,234"\n')
    with pytest.raises(InputError, match="found '1,234'"):
        read("csv", path)


@pytest.mark.parametrize("form", ["wide", "long"])
def test_a_large_table_needs_little_more_memory_than_its_numbers(form, tmp_path):
    poses = np.tile(motion("coco17"), (200, 1, 1))
    header = ["frame", "landmark", "x", "y", "score"]
    rows = wide(poses, SPELLINGS["x_0"]) if form == "wide" else long(poses, header)
    path = write(tmp_path, rows)
    numbers = (len(rows) - 1) * len(rows[0]) * 8
    read_table_poses(path, None, None)  # imports
    tracemalloc.start()
    try:
        open_table(path).columns(range(len(rows[0])), [])
        reading = tracemalloc.get_traced_memory()[1]
        tracemalloc.reset_peak()
        read_table_poses(path, None, None)
        whole = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert reading < 1.5 * numbers + 100_000
    assert whole < (5 if form == "wide" else 7) * numbers + 100_000
