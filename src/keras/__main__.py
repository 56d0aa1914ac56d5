"""`python -m keras`: the command line; see `keras._cli`."""

import sys

from ._cli import main

if __name__ == "__main__":
    sys.exit(main())
