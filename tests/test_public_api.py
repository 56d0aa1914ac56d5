"""Everything that Keras 1.2.2 let users import exists, is of the same kind and has the same arguments.

golden/surface.json is the record of the original. golden/not_yet.txt lists the missing names, one
`module.name` a line; a line that ends in `# reason` is left out on purpose. After building
one of them, update the list with:

    python tests/test_public_api.py --update
"""

import ast
import importlib
import inspect
import json
import sys
from pathlib import Path

import pytest

GOLDEN = Path(__file__).parent / "golden"
NOT_YET = GOLDEN / "not_yet.txt"
SURFACE = json.loads((GOLDEN / "surface.json").read_text("utf-8"))
NAMES = [(module, name) for module, names in SURFACE.items() for name in names]
REEXPORTS = json.loads((GOLDEN / "reexports.json").read_text("utf-8"))
MISSING = object()


def find(module, name):
    """Returns `name` of our `module`, or MISSING; errors of the import are not caught."""
    try:
        return getattr(importlib.import_module(module), name, MISSING)
    except ModuleNotFoundError as error:
        if f"{module}.".startswith(f"{error.name}."):
            return MISSING
        raise


def read_not_yet():
    """Returns the rows of the list of missing names: {module.name: reason or ""}."""
    lines = NOT_YET.read_text("utf-8").splitlines() if NOT_YET.exists() else []
    rows = [line.partition("#") for line in lines]
    return {name.strip(): reason.strip() for name, _, reason in rows if name.strip()}


def parameters(signature):
    """Returns ({parameter: default or Parameter.empty}, has *args, has **kwargs) of a recorded text.

    >>> parameters("(x, alpha=0.0, **kwargs)")
    ({'x': <class 'inspect._empty'>, 'alpha': 0.0}, False, True)
    """
    arguments = ast.parse(f"def f{signature}: pass").body[0].args
    names = [argument.arg for argument in arguments.args]
    defaults = [ast.literal_eval(node) for node in arguments.defaults]
    empty = [inspect.Parameter.empty] * (len(names) - len(defaults))
    pairs = dict(zip(names, empty + defaults, strict=True))
    return pairs, arguments.vararg is not None, arguments.kwarg is not None


def same_default(ours, recorded):
    """Compares two defaults; None or () may replace an empty list or dict that calls would share.

    >>> same_default(None, []), same_default((1, 2), [1, 2]), same_default(1, True)
    (True, True, False)
    """
    if isinstance(recorded, (list, dict)) and not recorded:
        return ours is None or (isinstance(ours, (tuple, list, dict)) and not ours)
    if isinstance(recorded, list) and isinstance(ours, (tuple, list)):
        return list(ours) == recorded
    return ours == recorded and isinstance(ours, bool) == isinstance(recorded, bool)


def differences(function, recorded, skip=0):
    """Describes how the signature of `function`, less its first `skip` parameters, differs."""
    ours = list(inspect.signature(function).parameters.values())[skip:]
    kinds = {parameter.kind for parameter in ours}
    named = [p for p in ours if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    wanted, args, kwargs = parameters(recorded)
    first, more = named[: len(wanted)], named[len(wanted) :]
    if [p.name for p in first if p.kind is p.POSITIONAL_OR_KEYWORD] != list(wanted):
        return f"parameters {[p.name for p in first]}, recorded {recorded}"
    for p in first:
        if not same_default(p.default, wanted[p.name]):
            return f"default of {p.name!r} is {p.default!r}, recorded {recorded}"
    needed = [p.name for p in more if p.default is p.empty]
    if needed:
        return f"more parameters without a default, {needed}, recorded {recorded}"
    if args and inspect.Parameter.VAR_POSITIONAL not in kinds:
        return f"takes no *args, recorded {recorded}"
    if kwargs and inspect.Parameter.VAR_KEYWORD not in kinds and not more:
        return f"takes no **kwargs, recorded {recorded}"
    return None


def class_differences(ours, record):
    """Yields the differences of a class from its record: bases, __init__, methods, properties."""
    for base in record["bases"]:
        theirs = find(*base.rsplit(".", 1))
        if theirs is not MISSING and not issubclass(ours, theirs):
            yield f"is no {base}"
    yield differences(ours.__init__, record["init"], skip=1)
    for name, recorded in record["methods"].items():
        member = inspect.getattr_static(ours, name, MISSING)
        if member is MISSING:
            yield f"has no {name}"
        elif recorded != "property":
            skip = 0 if isinstance(member, staticmethod) else 1
            function = getattr(member, "__func__", member)
            said = differences(function, recorded, skip) if callable(function) else "no method"
            yield said and f"{name}: {said}"


BUILT = [row for row in NAMES if ".".join(row) not in read_not_yet()]


@pytest.mark.parametrize("module, name", BUILT, ids=[".".join(row) for row in BUILT])
def test_name_agrees_with_the_record(module, name):
    record, ours = SURFACE[module][name], find(module, name)
    assert ours is not MISSING, f"{module}.{name} is lost"
    if record["kind"] == "value":
        assert repr(ours) == record["value"]
        return
    assert callable(ours) and inspect.isclass(ours) == (record["kind"] == "class")
    if "from" in record:
        origin = find(record["from"], name)
        assert origin is MISSING or ours is origin, f"is not {record['from']}.{name}"
    elif record["kind"] == "function":
        said = differences(ours, record["sig"])
        assert said is None, f"{module}.{name}: {said}"
    else:
        said = [f"{module}.{name} {text}" for text in class_differences(ours, record) if text]
        assert not said, "\n" + "\n".join(said)


def missing():
    return {".".join(row) for row in NAMES if find(*row) is MISSING}


def test_list_of_missing_names_is_exact():
    listed, absent = read_not_yet().keys(), missing()
    mend = "python tests/test_public_api.py --update"
    assert not absent - listed, f"lost, or to be listed by `{mend}`: {sorted(absent - listed)}"
    assert not listed - absent, f"built; take off the list by `{mend}`: {sorted(listed - absent)}"


@pytest.mark.parametrize("module", REEXPORTS)
def test_reexported_names_can_be_imported(module):
    for name, home in REEXPORTS[module].items():
        found = find(module, name)
        assert found is not MISSING, f"from {module} import {name}"
        wanted = sys.modules[home] if inspect.ismodule(found) else find(home, name)
        assert found is wanted, f"{module}.{name}"


def update():
    """Rewrites the list of missing names in the order of the record; reasons are kept."""
    reasons, absent = read_not_yet(), missing()
    rows = [".".join(row) for row in NAMES if ".".join(row) in absent]
    lines = [f"{row}  # {reasons[row]}" if reasons.get(row) else row for row in rows]
    NOT_YET.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    print(f"{len(NAMES) - len(rows)} of {len(NAMES)} names are built; wrote {NOT_YET}")


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1] / "src"))
    if sys.argv[1:] != ["--update"]:
        sys.exit(__doc__)
    update()
