"""Turn a public data set into a folder of pose files; see ``--help``."""

from __future__ import annotations

import sys

from mmalign.cli.data import main

if __name__ == "__main__":
    sys.exit(main())
