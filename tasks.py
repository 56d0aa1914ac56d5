"""The one entry point of this project; it needs only Python and pip.

    python3 tasks.py demo            answer questions about pictures; the pictures are written to ./out/
    python3 tasks.py test [ARGS]     run the whole test suite, doctests included (ARGS go to pytest)
    python3 tasks.py coverage        the same, and fail if it executes less of the code than the floor in
                                     pyproject.toml; quick with Python 3.12 or newer
    python3 tasks.py lint            ruff format and ruff check
    python3 tasks.py types           pyright
    python3 tasks.py check [ARGS]    lint, types and test; with --no-tests only lint and types
    python3 tasks.py docs            build the site of the documentation, in ./out/site; warnings are errors;
                                     with --notebooks run the guide's notebooks instead, for some minutes
    python3 tasks.py reliability [ARGS]
                                     measure how files, training and downloads withstand damage and
                                     misuse, as a table; --quick takes minutes instead of hours

Everything is installed into a virtual environment: `.venv` here, or the folder that the environment
variable KERAS_CLASSIC_VENV names, or the virtual environment that is already active. With `--here`
it is the Python that runs this file. Packages are installed again only after a change of
pyproject.toml.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

# A Python that is too old must still print the message, so this file uses only the syntax of 3.6.
OLDEST = (3, 11)
ROOT = Path(__file__).resolve().parent
SOURCES = ["src/keras", "tests"]


def main(arguments):
    """Runs the task that `arguments` names; returns its exit status."""
    if sys.version_info < OLDEST:
        return complain(
            f"keras-classic needs Python {OLDEST[0]}.{OLDEST[1]} or newer; this is "
            f"{sys.version.split()[0]} at {sys.executable}. Run tasks.py with a newer one, "
            "for instance: python3.12 tasks.py test"
        )
    here = "--here" in arguments
    arguments = [argument for argument in arguments if argument != "--here"]
    name, rest = (arguments[0], arguments[1:]) if arguments else ("", [])
    if name not in TASKS:
        print(__doc__)
        return 0 if name in ("-h", "--help") else 2
    task, extras = TASKS[name]
    try:
        return task(installed(extras, here), rest)
    except Problem as problem:
        return complain(str(problem))
    except KeyboardInterrupt:
        return 130


def demo(python, arguments):
    """Trains the visual question answering example for a short while and draws its answers."""
    return run(python, "examples/visual_question_answering.py", "--fast", *arguments)


def test(python, arguments):
    """Runs pytest: on the files that `arguments` name, or else on the whole suite and all doctests."""
    chosen = [argument for argument in arguments if (ROOT / argument.split("::")[0]).exists()]
    # Two processes, since most of the time is spent compiling, which uses one core; a file stays in one.
    options = [] if chosen else ["-n2", "--dist=loadfile", *SOURCES]
    return run(python, "-m", "pytest", "--doctest-modules", *options, *arguments)


def coverage(python, _):
    """Runs the whole suite and measures its coverage; a part of the suite could not reach the floor."""
    return test(python, ["--cov", "--cov-report=term"])


def lint(python, _):
    """Checks the layout of the code and the rules of ruff."""
    layout = run(python, "-m", "ruff", "format", "--check", ".")
    return run(python, "-m", "ruff", "check", ".") or layout


def types(python, _):
    """Checks the types of the sources, and of a program that uses them."""
    return run(python, "-m", "pyright", "--pythonpath", python)


def check(python, arguments):
    """Runs every check, even after one has failed, and prints which ones failed."""
    steps = [("lint", lambda: lint(python, [])), ("types", lambda: types(python, []))]
    if "--no-tests" in arguments:
        arguments.remove("--no-tests")
    else:
        steps.append(("test", lambda: test(python, arguments)))
    failed = [name for name, step in steps if step() != 0]
    say("check: " + ("failed in " + ", ".join(failed) if failed else "all good"))
    return 1 if failed else 0


def docs(python, arguments):
    """Builds the site in both languages, where any warning is an error; or runs the guide's notebooks."""
    if "--notebooks" in arguments:
        return run(python, "tests/guide_notebooks.py", "--run")
    return run(python, "docs/site/build.py")


def reliability(python, arguments):
    """Measures the rows of the reliability table that `arguments` name, or else all, and prints it."""
    return run(python, "tests/reliability", *arguments)


TASKS = {
    "demo": (demo, {"examples"}),
    "test": (test, {"dev", "examples"}),
    "coverage": (coverage, {"dev", "examples"}),
    "lint": (lint, {"dev"}),
    "types": (types, {"dev"}),
    "check": (check, {"dev", "examples"}),
    "docs": (docs, {"docs"}),
    "reliability": (reliability, {"dev"}),
}


class Problem(Exception):
    """A problem that the user can fix; its text says how."""


def installed(extras, here):
    """Returns the path of a Python that has this project and its `extras` installed."""
    chosen = os.environ.get("KERAS_CLASSIC_VENV")
    if here or (not chosen and sys.prefix != sys.base_prefix):
        refuse_beside_keras()
        python, home = sys.executable, Path(sys.prefix)
    else:
        home = Path(chosen or ROOT / ".venv").resolve()
        python = str(home / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))
        if not Path(python).exists():
            make_environment(home)
    stamp = home / "keras-classic.stamp"
    present = stamped(stamp)
    if not extras <= present:
        install(python, extras | present)
        stamp.write_text("\n".join([fingerprint(), *sorted(extras | present)]))
    return python


def make_environment(home):
    if home.exists() and any(home.iterdir()):
        raise Problem(
            f"{home} has files but no Python, so it is not a virtual environment. Move it away, or set "
            "KERAS_CLASSIC_VENV to another folder."
        )
    say(f"creating a virtual environment in {home}")
    done = False
    try:
        done = run(sys.executable, "-m", "venv", home) == 0
    finally:
        if not done:  # the next run would take an incomplete environment for a complete one
            shutil.rmtree(home, ignore_errors=True)
    if not done:
        raise Problem(
            f"Python could not create the virtual environment {home} (its message is above). On Debian "
            "and Ubuntu, `apt install python3-venv` provides the missing part. Or create an environment "
            "in another way and run, with its Python: python tasks.py TASK --here"
        )


def install(python, extras):
    names = ",".join(sorted(extras))
    say(f"installing keras-classic[{names}]; the first time this takes a minute or two")
    started = time.monotonic()
    options = ["--disable-pip-version-check", "--no-input"]
    if run(python, "-m", "pip", "install", *options, "--editable", f"{ROOT}[{names}]") != 0:
        raise Problem(
            f"pip could not install keras-classic for {python} (its message is above). Fix what it "
            "names, often the connection to the package index, and run the same command again."
        )
    say(f"installed in {time.monotonic() - started:.0f} s")


def refuse_beside_keras():
    """Raises if Keras is installed, since both distributions provide the import name `keras`."""
    from importlib import metadata  # the older Pythons that must parse this file do not have it

    try:
        version = metadata.version("keras")
    except metadata.PackageNotFoundError:
        return
    raise Problem(
        f"The Python at {sys.executable} already has the distribution `keras` {version}, whose "
        "import name keras-classic takes over. Use another environment, or: pip uninstall keras"
    )


def stamped(stamp):
    """Returns the extras that `stamp` lists as installed from the current pyproject.toml."""
    lines = stamp.read_text().split("\n") if stamp.exists() else [""]
    return set(lines[1:]) if lines[0] == fingerprint() else set()


def fingerprint():
    content = (ROOT / "pyproject.toml").read_bytes()
    return hashlib.sha256(content + str(ROOT).encode()).hexdigest()


def run(*command):
    """Runs a command in the project's folder, without redirecting its output; returns its status."""
    sys.stdout.flush()
    return subprocess.call([str(part) for part in command], cwd=str(ROOT))


def say(text):
    print("[tasks] " + text, flush=True)


def complain(text):
    print("[tasks] " + text, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
