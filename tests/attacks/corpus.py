"""`Case`, a file of the corpus, and the function that writes the whole corpus."""

import os
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """A file of the corpus.

    Attributes:
        name: str, unique.
        family: str, such as "yaml".
        door: str, how it is loaded: "json", "yaml", "from_config" (a file of JSON, whose class is called),
            "model" (load_model), "weights" (load_weights), "state" (resume_from), "other" (convert.load),
            "arrays" (convert.load_arrays), "tar" or "pickle".
        content: text, bytes, or a function that writes the file, given its path.
        model: path of a JSON file with the model that the weights are for, or None for `SMALL`.
    """

    name: str
    family: str
    door: str
    content: str | bytes | Callable[[str], object]
    model: str | None = None

    def write(self, folder):
        """Writes the file; returns the plain data that a child process needs to load it."""
        suffix = {
            "tar": ".tar.gz",
            "pickle": ".pkl.gz",
            "model": ".h5",
            "weights": ".h5",
            "state": ".h5",
        }.get(self.door, "")
        path = os.path.join(folder, f"{self.family.replace(' ', '_')}_{self.name}{suffix}")
        if callable(self.content):
            self.content(path)
        else:
            content = self.content.encode() if isinstance(self.content, str) else self.content
            with open(path, "wb") as file:
                file.write(content)
        return {"name": f"{self.family}: {self.name}", "door": self.door, "path": path, "model": self.model}


def make_corpus(folder):
    """Writes all files.

    Args:
        folder: path of an empty folder. The corpus goes to `inside`; `outside` has files it must not touch.

    Returns:
        (attacks, good files), two lists of dicts for `watch`.
    """
    from attacks import (
        archives,
        configs,
        costs,
        good_files,
        hdf5_files,
        hdf5_structures,
        other_formats,
        states,
    )

    inside, outside = os.path.join(folder, "inside"), os.path.join(folder, "outside")
    os.mkdir(inside)
    os.mkdir(outside)
    hdf5_files.write_secret(os.path.join(outside, "secret.h5"))
    with open(os.path.join(outside, "secret"), "wb") as file:
        file.write(bytes(4096))
    attacks = [
        *configs.cases(outside),
        *costs.cases(),
        *hdf5_files.cases(outside),
        *hdf5_structures.cases(),
        *archives.cases(outside),
        *states.cases(),
        *other_formats.cases(outside),
    ]
    good = [*good_files.cases(), *states.good(), *other_formats.good()]
    made = [[case.write(inside) for case in cases] for cases in (attacks, good)]
    names = [entry["name"] for entry in made[0] + made[1]]
    assert len(set(names)) == len(names), "a name occurs twice"
    return made
