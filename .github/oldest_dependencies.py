"""Prints the lower end of each range in pyproject.toml as a constraints file for pip.

python .github/oldest_dependencies.py > oldest.txt
PIP_CONSTRAINT=oldest.txt python tasks.py test
"""

import re
import tomllib
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1] / "pyproject.toml"


def oldest(requirements: list[str]) -> dict[str, str]:
    """Returns {name: lowest version} of the requirements that have a lower bound.

    >>> oldest(["jax>=0.10.2,<0.13", "pyright[nodejs]==1.1.414", "easy-vqa"])
    {'jax': '0.10.2', 'pyright': '1.1.414'}
    """
    matches = [re.match(r"([\w.-]+)(?:\[.*\])?[^,]*?[>=]=([\w.]+)", text) for text in requirements]
    return {match[1]: match[2] for match in matches if match}


if __name__ == "__main__":
    project = tomllib.loads(PROJECT.read_text("utf-8"))["project"]
    requirements = list(project["dependencies"])
    for extra in project["optional-dependencies"].values():
        requirements += extra
    for name, version in sorted(oldest(requirements).items()):
        print(f"{name}=={version}")
