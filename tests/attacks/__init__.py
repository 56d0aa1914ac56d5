"""Files that try to do what a file must not, and files that must load all the same.

    from attacks.corpus import make_corpus
    attacks, good = make_corpus(folder)      # writes every file, nothing of them is in the repository

Each family has a module: `configs` (YAML, byte code, names, sizes), `hdf5_files` (links, storage elsewhere,
sizes, names), `archives` (tar, pickle) and `good_files`. To add an attack, add an entry to its family. What
a file tries is to make the file `outside/marker`, to read one in `outside/`, or to use up memory or time.
`watch` runs them; row A1 of the reliability table says what comes of it.
"""
