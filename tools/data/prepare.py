"""Turn a public format into a folder of pose files; see ``--help``."""

from __future__ import annotations

import sys

from mmalign.cli.data_convert import main

if __name__ == "__main__":
    sys.exit(main())
