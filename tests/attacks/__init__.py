"""Attack files, which must be refused, and good files, which must load.

    from attacks.corpus import make_corpus
    attacks, good = make_corpus(folder)      # writes all files; none is in the repository

Each family has a module: `configs` (YAML, byte code, names, sizes), `costs` (time, memory and files that are
out of proportion), `hdf5_files` (links, storage elsewhere, sizes, names), `archives` (tar, pickle), `states`
(of trainings), `other_formats` (of `_inspect` and `convert`) and `good_files`. To add an attack, add an entry
to its family. An attack tries to create the file `outside/marker`, to read a file in `outside/`, or to
exhaust memory or time.
`watch` loads the files; row A1 of the reliability table has the result.
"""
