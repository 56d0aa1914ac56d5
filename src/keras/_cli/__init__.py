"""The command line, `python -m keras` or `keras-classic`: from an old file to anything of today.

    main.py         the parser, errors as one line, exit codes
    console.py      text for people, with `rich` where it is installed, and JSON for programs
    commands/       one module for each command: `NAME`, `HELP`, `add_arguments(parser)`, `run(args, console)`

Exit codes: 0 for success, 1 if files differ or something cannot be done as asked, 2 for bad input.
"""

from .main import main as main
