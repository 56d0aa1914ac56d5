"""Small files that ask for much time, memory or many files: JSON, YAML, configs, archives, pickles."""

import copy
import gzip
import json
import struct
import tarfile

from attacks.archives import archive, member
from attacks.configs import INPUT, layer, model, model_file
from attacks.corpus import Case


def cases():
    for name, text in _json().items():
        yield Case(f"{name}.json", "costs", "json", text)
    for name, text in _yaml().items():
        yield Case(f"{name}.yaml", "costs", "yaml", text)
    for name, config in _calls().items():
        yield Case(f"{name}.json", "calls", "json", json.dumps(config))
        yield Case(f"{name}_without_a_file", "calls", "from_config", json.dumps(config))
    yield Case("gru_with_a_file", "calls", "model", model_file(_calls()["gru"]))
    for name, content in _archives().items():
        yield Case(name, "archive costs", "tar", content)
    for name, content in _pickles().items():
        yield Case(name, "pickle costs", "pickle", gzip.compress(content, 1))


def _json():
    many = 120_000
    return {
        "equal_keys": "{" + ",".join(['"a": 0'] * many) + "}",
        "equal_keys_at_the_end": "{" + ",".join(f'"{i}": 0' for i in [*range(many), many - 1]) + "}",
        "empty_lists": '{"a": [' + "[]," * 2**22 + "0]}",
        "empty_objects": '{"a": [' + "{}," * 2**21 + "0]}",
        "small_objects": '{"a": [' + '{"":0},' * 2**20 + "0]}",
        "objects_in_objects": '{"a": [' + '{"":{}},' * 2**20 + "0]}",
        "names": '{"a": [' + '"\N{CJK UNIFIED IDEOGRAPH-6A21}",' * 2**21 + "0]}",
        "number": '{"a": ' + "9" * 10**6 + "}",
        "numbers": '{"a": [' + ("9" * 4_200 + ",") * 100 + "0]}",
        "number_of_hexadecimal_length": '{"a": -' + "1" * 2**16 + "}",
        "deep_lists": '{"a": ' + "[" * 10**5,
        "deep_objects": '{"a":' * 10**5,
        "strings_of_brackets": '{"a": "' + "[{" * 10**6,
        "escapes": '{"a": "' + "\\" * (10**6 + 1) + '"',
        "unfinished": '{"a": [' + "1," * 10**6,
    }


def _yaml():
    huge = ", ".join(f"{k * (2**61 - 1)}: 1" for k in range(1, 5_000))
    shared = "a: &a [" + "x, " * 999 + "x]\n"
    twice = "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 40))
    return {
        "ones": "a: [" + "1," * 150_000 + "1]",
        "ones_in_lines": "a:\n" + "- 1\n" * 150_000,
        "empty_mappings": "a: [" + "{}," * 100_000 + "1]",
        "pairs_in_lists": "a: [" + "a:," * 100_000 + "1]",
        "lists_at_the_bottom": "a: " + "[" * 60 + ("[" * 3 + "]" * 3 + ",") * 60_000 + "]" * 60,
        "names_of_values": "a: [" + ",".join(f"&a{i} 1" for i in range(80_000)) + "]",
        "keys_with_one_hash": "a: {" + huge + "}",
        "equal_keys": "a: {" + ", ".join(["b: 1"] * 100_000) + "}",
        "aliases": "a: &a 1\nb: [" + "*a," * 200_000 + "]",
        "aliases_of_a_list": shared + "b: [" + "*a, " * 5_000 + "1]",
        "doubling": twice,
        "comments": "#\n" * 5_000_000,
        "blank_lines": "\n" * 10_000_000,
        "spaces": " " * 20_000_000,
        "long_text": "a: " + "x " * 5_000_000,
        "long_literal": "a: |\n" + " x\n" * 3_000_000,
        "escapes": 'a: "' + "\\n" * 5_000_000 + '"',
        "number": "a: 0x" + "f" * 10**6,
        "octal_number": "a: 0" + "7" * 10**5,
        "directives": "".join(f"%TAG !{i}! x:\n" for i in range(80_000)) + "--- {a: 1}",
        "questions": "? " * 10**6,
        "minuses": "- " * 10**6,
        "tags": "a: [" + "!!str 1," * 150_000 + "1]",
    }


def _calls():
    """Returns dict name -> config whose layers cost much to call."""
    repeat = layer("r", "RepeatVector", n=2)

    def called(times, name, class_name, before=(repeat,), source="r", **config):
        entry = layer("c", class_name, **config)
        return model(*before, {**entry, "inbound_nodes": [[[source, 0, 0]]] * times})

    def wrapped(class_name, inner, **config):
        return {"class_name": inner, "config": {"name": "i", **config}}

    chain = [
        repeat,
        *(
            layer(f"l{i}", "SimpleRNN", [f"l{i - 1}" if i else "r"], output_dim=2, return_sequences=True)
            for i in range(1_000)
        ),
    ]
    noise = [
        layer(f"n{i}", "GaussianNoise", [f"n{i - 1}" if i else "x"], sigma=i + 0.5) for i in range(5_000)
    ]
    stateful = {**INPUT, "batch_input_shape": [4 * 10**7, 4]}
    big = model(repeat, layer("s", "LSTM", ["r"], output_dim=4, stateful=True))
    big["config"]["layers"][0]["config"] = stateful
    inner = model(repeat, layer("g", "GRU", ["r"], output_dim=4))
    doubling = inner
    for _ in range(8):
        doubling = {**doubling, "name": "m", "inbound_nodes": [[["x", 0, 0]], [["m", 1, 0]]]}
        doubling = copy.deepcopy(model(doubling))
        doubling["config"]["output_layers"] = [["m", 2, 0]]
    gru = wrapped("x", "GRU", output_dim=2, return_sequences=True)
    shape = {"op": "shape", "args": [{"input": 0}], "kwargs": {}, "seed": None}

    def step(op, *args):
        return model(layer("s", "Operation", op=op, args=list(args), kwargs={}, seed=None))

    rows = step("stack", {"input": 0})
    rows["config"]["layers"][0]["config"] = {**INPUT, "batch_input_shape": [10**9, 4]}
    many_shapes = [
        {
            **rows["config"]["layers"][0],
            "name": f"x{i}",
            "config": {**INPUT, "name": f"x{i}", "batch_input_shape": [None, None, i]},
        }
        for i in range(2, 1_500)
    ]
    names = [shape["name"] for shape in many_shapes]
    mixed = [{"input": i} for i in range(len(names))]
    unlike = step("add", mixed, 1)
    unlike["config"]["layers"] = [*many_shapes, unlike["config"]["layers"][1]]
    unlike["config"]["layers"][-1]["inbound_nodes"] = [[[name, 0, 0] for name in names]]
    unlike["config"]["input_layers"] = [[name, 0, 0] for name in names]
    return {
        "rows_in_place_of_a_list": rows,
        "rows_in_place_of_axes": step(
            "permute_dimensions",
            {"input": 0},
            {
                "call": {
                    "op": "repeat_elements",
                    "args": [{"call": shape}, 10**5, 0],
                    "kwargs": {},
                    "seed": None,
                }
            },
        ),
        "axes": step("permute_dimensions", {"input": 0}, {"tuple": list(range(150_000))}),
        "inputs_of_a_failing_step": step("switch", [{"input": 0}] * 3_000, 3),
        "shapes_of_a_failing_step": unlike,
        "dtype_of_fields": step("cast", {"input": 0}, {"dtype": "," * 1_000}),
        "axis_of_letters": step("mean", {"input": 0}, "valid"),
        "gru": called(500, "c", "GRU", output_dim=3),
        "simple_rnn": called(2_000, "c", "SimpleRNN", output_dim=3),
        "bidirectional": called(500, "c", "Bidirectional", layer=gru, merge_mode="sum"),
        "conv_lstm": model(
            layer("shape", "Reshape", target_shape=[1, 1, 2, 2]),
            {
                **layer("c", "ConvLSTM2D", nb_filter=1, nb_row=1, nb_col=1, dim_ordering="th"),
                "inbound_nodes": [[["shape", 0, 0]]] * 300,
            },
        ),
        "chain_of_rnn": model(*chain),
        "chain_of_noise": model(*noise),
        "states": big,
        "models_in_models": doubling,
        "inputs_of_a_merge": model(layer("a", "Merge", ["x"] * 150_000, mode="sum", mode_type="raw")),
        "constant": step("repeat_elements", [1.0], 10**9, 0),
        "joined_constants": step("stack", [{"input": 0}, *[{"input": 0}] * 60_000]),
        "calls_without_a_graph": called(99_000, "c", "Activation", activation="relu"),
    }


def _header(kind, data):
    return member("pax", data, kind)


def _archives():
    folders = [
        member(f"{i}/" + "/".join("abcdefghij"[i % 10] * 1 for i in range(60)) + "/", b"")
        for i in range(2_000)
    ]
    long_path = "./" * 200_000 + "x"
    return {
        "empty_records": archive(*[_header(tarfile.XHDTYPE, b"3 \n" * 340_000)] * 4, member("x")),
        "global_records": archive(*[_header(tarfile.XGLTYPE, b"3 \n" * 340_000)] * 4, member("x")),
        "records_of_no_length": archive(_header(tarfile.XHDTYPE, b"0 \n" * 1000), member("x")),
        "records_without_end": archive(_header(tarfile.XHDTYPE, b"9" * 10**6), member("x")),
        "records_beyond_the_header": archive(_header(tarfile.XHDTYPE, b"99999999 path=x\n"), member("x")),
        "folders_in_folders": archive(*folders),
        "folders": archive(*(member(f"{i}/", b"") for i in range(40_000))),
        "files": archive(*(member(f"{i}", b"") for i in range(40_000))),
        "files_in_folders": archive(*(member(f"{i}/{i}", b"") for i in range(20_000))),
        "dots_in_a_path": archive(
            *[member("././@LongLink", long_path.encode() + b"\0", b"L"), member("x")] * 8
        ),
        "headers_of_names": archive(*[member("././@LongLink", b"x\0", b"L")] * 400_000),
        "long_header": archive(member("././@LongLink", b"x" * (2 << 20), b"L"), member("x")),
        "sparse_record": archive(_header(tarfile.XHDTYPE, b"22 GNU.sparse.major=1\n"), member("x")),
        "old_sparse": archive(member("x", b"", b"S", size=2**40)),
        "gzip_in_gzip": gzip.compress(archive(member("x"))),
        "zeros_after_the_end": gzip.compress(member("x") + bytes(200 << 20)),
        "members_of_gzip": b"".join(gzip.compress(bytes(20 << 20), 9) for _ in range(8)),
    }


def _pickles():
    def nested(opcode, levels=40):
        """Tuples of the tuple before, twice."""
        return b")" + b"".join(b"q%c" % i + b"h%c" % i + opcode for i in range(levels))

    twice = b"]q\x00" + b"".join(b"0](h%ch%ceq%c" % (i, i, i + 1) for i in range(40))
    array = b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R"
    lists = b"]q\x00" + b"".join(b"(h%ch%ch%cl" % (i, i, i) + b"q%c" % (i + 1) for i in range(30))
    dtype = b"cnumpy\ndtype\n(U\x02u1K\x00K\x01tR"
    return {
        "key_of_nested_tuples": b"\x80\x02}" + nested(b"\x86") + b"K\x01s.",
        "key_of_deep_tuples": b"\x80\x02}" + b")" + b"\x85" * 10**5 + b"K\x01s.",
        "set_of_nested_tuples": b"\x80\x04\x8f(" + nested(b"\x86") + b"\x90.",
        "frozen_set": b"\x80\x04(" + nested(b"\x86") + b"\x91.",
        "sets": b"\x80\x04" + b"\x8f" * 10**6 + b".",
        "keys_with_one_hash": b"}("
        + b"".join(b"\x8a\x0a" + (k * (2**61 - 1)).to_bytes(10, "little") + b"K\x01" for k in range(1, 5000))
        + b"u.",
        "place_in_the_memo": b"Nr" + struct.pack("<I", 2**28) + b"0]" + b"]" * 3 + b"e.",
        "recalled_before_stored": b"j" + struct.pack("<I", 2**28) + b".",
        "lists": b"]" * 3_000_000 + b".",
        "dicts": b"(" + b"}" * 2_000_000 + b"l.",
        "marks": b"(" * 3_000_000 + b".",
        "nones": b"(" + b"N" * 2_000_000 + b"l.",
        "doubling_lists": b"\x80\x02" + twice + b".",
        "cycle": b"]q\x00h\x00a.",
        "cycle_of_two": b"]q\x00]q\x01h\x00ah\x01a.",
        "type_of_nested_lists": b"\x80\x02" + array + b"(K\x01K\x01\x85" + lists + b"\x89U\x01atb.",
        "code_of_nested_lists": b"\x80\x02"
        + array
        + b"(K\x01K\x01\x85cnumpy\ndtype\n("
        + lists
        + b"K\x00K\x01tR\x89U\x01atb.",
        "shape_of_large_numbers": b"\x80\x02"
        + array
        + b"(K\x01("
        + (b"\x8b\xff\xff\x00\x00" + b"\x7f" * 65535) * 30
        + b"t"
        + dtype
        + b"\x89U\x01atb.",
        "copies_of_an_array": b"\x80\x02T"
        + struct.pack("<I", 10**7)
        + bytes(10**7)
        + b"q\x00("
        + (array + b"(K\x01J\x80\x96\x98\x00\x85" + dtype + b"\x89h\x00tb") * 60
        + b"l.",
        "long_number": b"L" + b"9" * 10**6 + b"L\n.",
        "long_int": b"I" + b"9" * 10**6 + b"\n.",
        "length_of_a_string": b"\x80\x04\x8e" + struct.pack("<Q", 2**62) + b"x.",
        "length_of_a_bytearray": b"\x80\x05\x96" + struct.pack("<Q", 2**36) + b"x.",
        "zeros": b"\x80\x04\x8e" + struct.pack("<Q", 300 << 20) + bytes(300 << 20) + b".",
        "ints": b"(" + b"K\x01" * 40_000_000 + b"l.",
        "appended_ints": b"](" + b"l0](lI1\na" + b"I1\na" * 20_000_000 + b".",
        "out_of_band": b"\x80\x05\x97.",
    }
