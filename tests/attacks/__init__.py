"""Malicious files, which must be refused, and harmless ones, which must load.

    from attacks.corpus import make_corpus
    attacks, good = make_corpus(folder)      # writes the files; none is in the repository

Each family has a module: `configs` (YAML, byte code, names, sizes), `hdf5_files` (links, storage elsewhere,
sizes, names), `archives` (tar, pickle) and `good_files`. To add an attack, add an entry to its family. An
attack tries to create the file `outside/marker`, to read a file in `outside/`, or to exhaust memory or time.
`watch` loads the files; row A1 of the reliability table reports the results.
"""
