"""The one door to this project; it needs nothing but Python and pip.

    python3 tasks.py demo            answer questions about pictures; the pictures go to ./out/
    python3 tasks.py test [ARGS]     run the whole test suite, doctests included (ARGS go to pytest)
    python3 tasks.py check [ARGS]    ruff format, ruff check, pyright, then the same tests;
                                     with --no-tests only the first three
    python3 tasks.py reliability [ARGS]
                                     measure how files, training and downloads stand up to damage
                                     and misuse, as a table; --quick takes minutes in place of hours

Everything is installed into a virtual environment: `.venv` here, or the folder that the environment
variable KERAS_CLASSIC_VENV names, or the virtual environment that is already active. With `--here`
it is the Python that runs this file, whatever that is. What is installed is installed again only
after pyproject.toml has changed.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

# The message must also reach a Python that is too old, so this file keeps to what 3.6 can parse.
OLDEST = (3, 11)
ROOT = Path(__file__).resolve().parent
SOURCES = ["src/keras", "tests"]


def main(arguments):
    """Run the task that `arguments` names; return its exit status."""
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
    """Train the visual question answering example for a short while and draw its answers."""
    return run(python, "examples/visual_question_answering.py", "--fast", *arguments)


def test(python, arguments):
    """Run pytest: the files that `arguments` name, or else the whole suite and all doctests."""
    chosen = [argument for argument in arguments if (ROOT / argument.split("::")[0]).exists()]
    # Two processes, as most of the time goes into compiling, which uses one core; a file stays in one.
    options = [] if chosen else ["-n2", "--dist=loadfile", *SOURCES]
    return run(python, "-m", "pytest", "--doctest-modules", *options, *arguments)


def check(python, arguments):
    """Run every check, also after one has failed, and say at the end which ones failed."""
    steps = [
        ("ruff format", lambda: run(python, "-m", "ruff", "format", "--check", ".")),
        ("ruff check", lambda: run(python, "-m", "ruff", "check", ".")),
        ("pyright", lambda: run(python, "-m", "pyright", "--pythonpath", python)),
    ]
    if "--no-tests" in arguments:
        arguments.remove("--no-tests")
    else:
        steps.append(("pytest", lambda: test(python, arguments)))
    failed = [name for name, step in steps if step() != 0]
    say("check: " + ("failed in " + ", ".join(failed) if failed else "all good"))
    return 1 if failed else 0


def reliability(python, arguments):
    """Measure the rows of the reliability table that `arguments` name, or else all, and print it."""
    return run(python, "tests/reliability", *arguments)


TASKS = {
    "demo": (demo, {"examples"}),
    "test": (test, {"dev", "examples"}),
    "check": (check, {"dev", "examples"}),
    "reliability": (reliability, {"dev"}),
}


class Problem(Exception):
    """Something that the user has to mend; its text says how."""


def installed(extras, here):
    """Return the path of a Python that has this project and its `extras` installed."""
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
            f"{home} has files but no Python, so it is no virtual environment. Move it away, or let "
            "KERAS_CLASSIC_VENV name another folder."
        )
    say(f"making a virtual environment in {home}")
    done = False
    try:
        done = run(sys.executable, "-m", "venv", home) == 0
    finally:
        if not done:  # a half-made environment would look like a finished one to the next run
            shutil.rmtree(home, ignore_errors=True)
    if not done:
        raise Problem(
            f"Python could not make the virtual environment {home} (its own words are above). On "
            "Debian and Ubuntu the missing part comes with `apt install python3-venv`. Or make an "
            "environment in your own way and run, with its Python: python tasks.py TASK --here"
        )


def install(python, extras):
    names = ",".join(sorted(extras))
    say(f"installing keras-classic[{names}]; the first time this takes a minute or two")
    started = time.monotonic()
    options = ["--disable-pip-version-check", "--no-input"]
    if run(python, "-m", "pip", "install", *options, "--editable", f"{ROOT}[{names}]") != 0:
        raise Problem(
            f"pip could not install keras-classic for {python} (its own words are above). Mend "
            "what it names, mostly the way to the package index, and run the same command again."
        )
    say(f"installed in {time.monotonic() - started:.0f} s")


def refuse_beside_keras():
    """Both distributions own the import name `keras`: the later one would overwrite the other."""
    from importlib import metadata  # newer than the Pythons that must be able to read this file

    try:
        version = metadata.version("keras")
    except metadata.PackageNotFoundError:
        return
    raise Problem(
        f"The Python at {sys.executable} already has the distribution `keras` {version}, whose "
        "import name keras-classic takes over. Use another environment, or: pip uninstall keras"
    )


def stamped(stamp):
    """Return the extras that are installed from today's pyproject.toml, by the words of `stamp`."""
    lines = stamp.read_text().split("\n") if stamp.exists() else [""]
    return set(lines[1:]) if lines[0] == fingerprint() else set()


def fingerprint():
    content = (ROOT / "pyproject.toml").read_bytes()
    return hashlib.sha256(content + str(ROOT).encode()).hexdigest()


def run(*command):
    """Run a command in the project's folder, its output straight to ours; return its status."""
    sys.stdout.flush()
    return subprocess.call([str(part) for part in command], cwd=str(ROOT))


def say(text):
    print("[tasks] " + text, flush=True)


def complain(text):
    print("[tasks] " + text, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
