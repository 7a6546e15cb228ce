"""How large the project is, and what `mmalign align a.mp4 b.mp4` walks through.

Run it in the root of a clone: python tools/dev/structure.py

It aligns two made videos of a walking block in this process, by a tiny untrained network, and
notes the functions of the package in the order in which they are first entered, imports aside. Two
files in a row in different rooms, each counted when it is first entered, are a change of room.
"""

from __future__ import annotations

import argparse
import itertools
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from types import FrameType
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def lines_of(folder: str) -> tuple[int, int]:
    """Files of Python that git tracks in a folder, and their lines."""
    listed = subprocess.run(
        ["git", "ls-files", f"{folder}/**/*.py", f"{folder}/*.py"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    files = [ROOT / name for name in set(listed.stdout.split()) if (ROOT / name).is_file()]
    return len(files), sum(len(file.read_text(encoding="utf-8").splitlines()) for file in files)


def entered(folder: Path) -> list[tuple[str, str]]:
    """File and function, in the order in which `mmalign align` first enters them."""
    from blob_backend import walking, write_blocks
    from tiny_aligner import write_checkpoint

    from mmalign.cli.main import main

    for name, speed in (("a.mp4", 2), ("b.mp4", 3)):
        write_blocks(folder / name, 40, [walking(speed=speed)])
    checkpoint = write_checkpoint(folder / "tiny.pth")
    os.environ["MMALIGN_EXTRACT"] = "--backend blob_backend:build"
    package = f"{ROOT}/mmalign/"
    seen: dict[tuple[str, str], None] = {}

    def note(frame: FrameType, event: str, argument: Any) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(package) and code.co_name[0] != "<":
            name = getattr(code, "co_qualname", code.co_name)  # Python 3.10 has no qualified one.
            seen.setdefault((code.co_filename.removeprefix(package), name))

    inputs = [str(folder / name) for name in ("a.mp4", "b.mp4")]
    command = ["align", *inputs, "--checkpoint", str(checkpoint), "--out", str(folder / "out")]
    for profile in (None, note):  # First without, so that nothing is imported while it is noted.
        os.environ["MMALIGN_CACHE"] = str(folder / f"cache_{profile is None}")
        sys.setprofile(profile)
        status = main(command)
        sys.setprofile(None)
        if status:
            raise SystemExit(status)
    return list(seen)


def main() -> int:
    """Run the command; returns its exit status."""
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "fixtures")]
    with tempfile.TemporaryDirectory() as folder:
        functions = entered(Path(folder))
    files_entered = list(dict.fromkeys(file for file, _ in functions))
    rooms = [file.split("/")[0].removesuffix(".py") for file in files_entered]
    walk = [room for room, _ in itertools.groupby(rooms)]
    print("\nalign a.mp4 b.mp4:")
    print(f"  files entered    {len(files_entered)}")
    print(f"  functions        {len(functions)}")
    print(f"  changes of room  {len(walk) - 1}")
    print(f"  rooms            {' '.join(walk)}")
    for part in ("mmalign", "tests", "configs", "tools"):
        files, lines = lines_of(part)
        print(f"{part:<8} {files:>4} files {lines:>6} lines")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
