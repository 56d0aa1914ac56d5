"""Records expressions.json and expressions.npz: what functions of K answer, and their gradients.

Needs the original (Keras 1.2.2 on TensorFlow 1.2, Python 3.6), not this project:

    KERAS_BACKEND=tensorflow python record_expressions.py

The form is that of backend.json; besides, `grad_of` names the variables whose gradients (of the sum of
the expression times `ID/cotangent`) are at `ID/grad_NAME`. An expression that the original cannot compute
is printed and left out.
"""

import re

import numpy as np
from original import write

from keras import backend as K


def inputs():
    random = np.random.RandomState(7)

    def normal(*shape):
        return random.standard_normal(shape).astype("float32")

    x, y = normal(3, 4), normal(3, 4)
    y[0] = x[0]  # ties
    p = np.exp(normal(3, 4))
    p /= p.sum(1, keepdims=True)
    grid = (np.round(normal(3, 4) * 2) / 2).astype("float32")  # many kinks, zeros and halves
    return {
        "x": x,
        "y": y,
        "g": grid,
        "m": normal(4, 5),
        "r": normal(4),
        "t": normal(2, 3, 4),
        "u": normal(2, 4, 3),
        "w": normal(2, 3, 4),
        "q": normal(2, 3, 4, 2),
        "k": normal(2, 5, 4, 3),
        "im": normal(2, 5, 6, 3),
        "ch": normal(2, 3, 5, 6),
        "v": normal(2, 4, 5, 4, 2),
        "p": p.astype("float32"),
        "i": np.array([2, 0, 3]),
        "ii": np.array([[2, 0], [1, 3], [0, 0]]),
        "b": (normal(3, 4) > 0).astype("float32"),
        "f2": normal(3, 2, 3, 4),
        "f3": normal(2, 3, 2, 2, 3),
        "f1": normal(3, 4, 5),
    }


def elements(add):
    for name in ("abs", "square", "exp", "sin", "cos", "round", "sign", "tanh", "sigmoid", "relu"):
        add(f"K.{name}(g)")
    add("K.log(p)")
    for name in ("hard_sigmoid", "softplus", "softsign", "elu"):
        add(f"K.{name}(g * 3)")
    for value in ("30.", "-100."):
        for name in ("sigmoid", "softplus", "hard_sigmoid", "elu", "tanh"):
            add(f"K.{name}(x * 0 + {value})")
    for options in (
        "alpha=.3",
        "max_value=.5",
        "alpha=.3, max_value=.5",
        "alpha=-.2",
        "0.1, 1",
        "max_value=0",
    ):
        add(f"K.relu(g, {options})")
    add("K.relu(g, K.variable(np.array([.1, .2, .3, .4])))")
    for shape in ("x", "t", "q"):
        add(f"K.softmax({shape})")
    add("K.softmax(x * 100)")
    add("K.elu(g, alpha=0)")
    for name in ("sum", "mean", "max", "min", "prod", "var", "std"):
        for arguments in (
            ("t", "axis=1"),
            ("t", "axis=-1"),
            ("t", "axis=[0, 2]"),
            ("t", "axis=(0, -1)"),
            ("t", "axis=[1]"),
            ("t", "axis=[1, 2], keepdims=True"),
            ("t", "axis=None, keepdims=True"),
            ("t", "axis=0, keepdims=True"),
            ("t", "axis=[]"),
            ("g", "axis=1"),
            ("g", ""),
        ):
            add("K.{}({})".format(name, ", ".join(a for a in arguments if a)))
    for name in ("any", "all"):
        for options in ("", ", axis=0", ", axis=-1, keepdims=True", ", axis=[0, 1]", ", axis=(0, 1)"):
            add(f"K.{name}(b{options})")
        add(f"K.{name}(g)")
        add(f"K.{name}(K.greater(g, 0), axis=1)")
    for name in ("argmax", "argmin"):
        for options in ("", ", axis=0", ", axis=-2", ", axis=1"):
            add(f"K.{name}(g{options})")
        add(f"K.{name}(t)")
        add(f"K.{name}(t, 1)")
    add("K.sum(K.variable(ii, dtype='int32'), axis=0)")
    add("K.sum(K.cast(K.greater(g, 0), 'float32'))")
    add("K.mean(K.greater(g, 0))")
    add("K.mean(K.greater(g, 0), axis=0)")
    add("K.var(K.greater(g, 0), axis=0)")
    add("K.std(K.greater(g, 0), axis=0)")
    for name in (
        "equal",
        "not_equal",
        "greater",
        "greater_equal",
        "lesser",
        "lesser_equal",
        "maximum",
        "minimum",
    ):
        add(f"K.{name}(x, y)")
        add(f"K.{name}(g, 0.)")
        add(f"K.{name}(g, r)")
        add(f"K.{name}(t, r)")
        add(f"K.{name}(g, g)")
    add("K.maximum(0., g)")
    add("K.minimum(K.variable(ii, dtype='int32'), 1)")
    for bounds in ("-.5, .5", "0, 1", "0., 0.", ".5, -.5", "-1, np.inf", "None, .5", "-.5, None"):
        add(f"K.clip(g, {bounds})")
    for power in ("2", "3", ".5", "-1", "0", "2."):
        add(f"K.pow(p, {power})")
    add("K.pow(g, 2)")
    add("K.pow(p, x)")
    for arguments in (
        "5",
        "2, 5",
        "0, 10, 3",
        "5, 0, -1",
        "-3",
        "0",
        "start=1, stop=4, dtype='float32'",
        "5, dtype='int64'",
        "0., 1., .25",
        "1.5",
        "0, 1, .3, dtype='float32'",
        "3, 1",
    ):
        add(f"K.arange({arguments})")


def products(add):
    for one, other in ("xm", "tm", "tu", "xr", "tr", "mm"):
        add(f"K.dot({one}, {other})")
    add("K.dot(t, K.transpose(m[:, :4]))")
    add("K.dot(q, K.permute_dimensions(q, (0, 1, 3, 2)))")
    add("K.dot(r, r)")
    add("K.dot(r, m)")
    add("K.dot(t, K.expand_dims(r))")
    for axes in ("", ", axes=1", ", axes=[1, 1]", ", axes=0", ", axes=(1, 0)", ", axes=-1", ", axes=(0, 1)"):
        add(f"K.batch_dot(x, y{axes})")
    for axes in (
        "",
        ", axes=1",
        ", axes=2",
        ", axes=(1, 1)",
        ", axes=(2, 2)",
        ", axes=(1, 2)",
        ", axes=(2, 1)",
        ", axes=[2, 1]",
        ", axes=(-2, -2)",
    ):
        add(f"K.batch_dot(t, u{axes})")
        add(f"K.batch_dot(t, w{axes})")
    for axes in (
        "",
        ", axes=1",
        ", axes=(1, 1)",
        ", axes=(2, 1)",
        ", axes=[2, 1]",
        ", axes=(1, 2)",
        ", axes=2",
    ):
        add(f"K.batch_dot(t, t[:, 0, :]{axes})")
        add(f"K.batch_dot(t, t[:, :, 0]{axes})")
        add(f"K.batch_dot(t[:, 0, :], u{axes})")
        add(f"K.batch_dot(t[:, :, 0], t{axes})")
    for axes in (
        "",
        ", axes=(3, 2)",
        ", axes=(2, 2)",
        ", axes=(3, 3)",
        ", axes=(2, 3)",
        ", axes=(1, 1)",
        ", axes=[3, 2]",
    ):
        add(f"K.batch_dot(q, q{axes})")
        add(f"K.batch_dot(q, K.permute_dimensions(q, (0, 1, 3, 2)){axes})")
    for axes in (", axes=(3, 1)", ", axes=(2, 1)", "", ", axes=(1, 1)", ", axes=(3, 2)"):
        add(f"K.batch_dot(q, t{axes})")
        add(f"K.batch_dot(q, t[:, 0, :]{axes})")
        add(f"K.batch_dot(t, q{axes})")
    for name in "xtr":
        add(f"K.transpose({name})")


def shapes(add):
    for shape in ("(4, 3)", "(-1,)", "(2, -1, 2)", "[12]", "(1, 12)", "-1"):
        add(f"K.reshape(x, {shape})")
    add("K.reshape(t, (-1, K.int_shape(t)[-1]))")
    add("K.reshape(t, K.shape(u))")
    for dim in ("-1", "0", "1", "2", "-2"):
        add(f"K.expand_dims(x, {dim})")
    add("K.expand_dims(x)")
    add("K.squeeze(K.expand_dims(x, 1), 1)")
    add("K.squeeze(K.expand_dims(x, -1), -1)")
    for axis in ("-1", "0", "1"):
        add(f"K.concatenate([x, y], axis={axis})")
    add("K.concatenate([t, w], 2)")
    add("K.concatenate([x])")
    add("K.stack([x, y, x])")
    add("K.repeat(x, 2)")
    for arguments in ("2, 0", "3, 1", "2, -1", "1, 0"):
        add(f"K.repeat_elements(x, {arguments})")
    add("K.repeat_elements(t, 3, 2)")
    for n in ("[2, 3]", "(1, 2)", "2", "[1, 1]"):
        add(f"K.tile(x, {n})")
    add("K.tile(r, 3)")
    add("K.tile(r, [3])")
    for axes in ("0", "1", "-1", "[0, 1]", "(0, 1)", "[1]", "[]"):
        add(f"K.reverse(x, {axes})")
    add("K.reverse(t, (0, 2))")
    add("K.permute_dimensions(t, [2, 0, 1])")
    add("K.permute_dimensions(x, (1, 0))")
    add("K.batch_flatten(q)")
    add("K.batch_flatten(x)")
    add("K.flatten(q)")
    for name in "ixt":
        add(f"K.shape({name})")
    add("K.gather(x, K.variable(ii % 3, dtype='int32'))")
    add("K.gather(t, K.variable(i % 2, dtype='int32'))")
    add("K.gather(r, K.variable(i, dtype='int32'))")
    add("K.gather(x, 1)")
    add("K.gather(x, [0, 2])")
    add("K.one_hot(K.variable(ii, dtype='int32'), 4)")
    add("K.one_hot(K.variable(ii, dtype='int32'), 2)")
    add("K.one_hot(K.variable(i - 1, dtype='int32'), 3)")
    add("K.one_hot(K.cast(K.variable(i), 'int64'), 5)")
    for arguments in ("0", "1", "padding=3"):
        add(f"K.temporal_padding(t, {arguments})")
    add("K.temporal_padding(t)")
    add("K.asymmetric_temporal_padding(t, 0, 2)")
    add("K.asymmetric_temporal_padding(t)")
    for name, ordering in (("im", "tf"), ("ch", "th")):
        add(f"K.spatial_2d_padding({name}, (2, 0), dim_ordering='{ordering}')")
        add(f"K.spatial_2d_padding({name}, dim_ordering='{ordering}')")
        add(f"K.asymmetric_spatial_2d_padding({name}, 0, 1, 2, 0, dim_ordering='{ordering}')")
        add(f"K.resize_images({name}, 2, 1, '{ordering}')")
        add(f"K.resize_images({name}, 3, 2, dim_ordering='{ordering}')")
    for ordering in ("tf", "th"):
        add(f"K.spatial_3d_padding(v, (1, 0, 2), dim_ordering='{ordering}')")
        add(f"K.resize_volumes(v, 2, 1, 3, '{ordering}')")


def convolutions(add):
    kernels = {"tf": "K.variable(f2_[:, :, :3, :])"}
    kernels["th"] = "K.variable(f2_[:, :, :3, :].transpose(3, 2, 0, 1))"
    back = {"tf": "K.variable(f2_[:, :, :3, :3])"}
    back["th"] = "K.variable(f2_[:, :, :3, :3].transpose(2, 3, 0, 1))"
    volumes = {"tf": ("v", "K.variable(f3_)")}
    volumes["th"] = (
        "K.permute_dimensions(K.variable(v_), (0, 4, 1, 2, 3))",
        "K.variable(f3_.transpose(4, 3, 0, 1, 2))",
    )
    depth = "K.variable(f2_[:, :, :, :3].transpose(0, 1, 3, 2))"
    point = "K.variable(f3_[0, :1, :1, 0].reshape(1, 1, 1, 3) * np.ones((1, 1, 6, 1)))"
    for border in ("valid", "same"):
        for x, ordering in (("im", "tf"), ("ch", "th")):
            kernel, options = kernels[ordering], f"border_mode='{border}', dim_ordering='{ordering}'"
            for strides in ("(1, 1)", "(2, 2)", "(2, 1)", "(1, 3)"):
                add(f"K.conv2d({x}, {kernel}, strides={strides}, {options})")
            add(f"K.conv2d({x}, {kernel}, {options}, filter_dilation=(2, 2))")
            for rate in (1, 2):
                add(f"K.atrous_conv2d({x}, {kernel}, rate={rate}, {options})")
            for pool, strides in (
                ("(2, 2)", "(2, 2)"),
                ("(3, 2)", "(1, 1)"),
                ("(1, 4)", "(1, 3)"),
                ("(3, 2)", "(3, 2)"),
            ):
                for mode in ("max", "avg"):
                    add(f"K.pool2d({x}, {pool}, strides={strides}, {options}, pool_mode='{mode}')")
        for stride in (1, 2, 3):
            add(f"K.conv1d(t, K.variable(f1_), stride={stride}, border_mode='{border}')")
            add(f"K.conv1d(K.variable(t_), K.variable(f1_[:2]), stride={stride}, border_mode='{border}')")
        for strides in ("(1, 1, 1)", "(2, 1, 2)", "(2, 2, 2)"):
            for ordering, (x, kernel) in sorted(volumes.items()):
                options = f"strides={strides}, border_mode='{border}', dim_ordering='{ordering}'"
                add(f"K.conv3d({x}, {kernel}, {options})")
                size = "(2, 2, 3)" if ordering == "tf" else "(2, 2, 1)"
                for mode in ("max", "avg"):
                    add(f"K.pool3d(v, {size}, {options}, pool_mode='{mode}')")
        for strides in ("(1, 1)", "(2, 2)"):
            options = f"strides={strides}, border_mode='{border}', dim_ordering='tf'"
            add(f"K.separable_conv2d(im, {depth}, {point}, {options})")
    for border, rows, cols, strides in (
        ("valid", 7, 7, "(1, 1)"),
        ("same", 10, 12, "(2, 2)"),
        ("valid", 11, 12, "(2, 2)"),
        ("same", 9, 11, "(2, 2)"),
    ):
        options = f"strides={strides}, border_mode='{border}'"
        add(f"K.deconv2d(im, {back['tf']}, (2, {rows}, {cols}, 3), {options}, dim_ordering='tf')")
        add(f"K.deconv2d(ch, {back['th']}, (2, 3, {rows}, {cols}), {options}, dim_ordering='th')")


def losses(add):
    for axes, shape in (("[0]", "(4,)"), ("[0, 1]", "(4,)"), ("[0, 2]", "(3,)"), ("[1, 2]", "(2,)")):
        tensor = "x" if axes == "[0]" else "t"
        scale = f"K.ones({shape}) * 1.5, K.ones({shape}) * .3"
        for part in (0, 1, 2):
            add(f"K.normalize_batch_in_training({tensor}, {scale}, {axes})[{part}]")
        add(f"K.normalize_batch_in_training({tensor}, {scale}, {axes}, epsilon=.1)[0]")
    add("K.normalize_batch_in_training(im, K.ones((3,)), K.zeros((3,)), [0, 1, 2])[0]")
    add("K.normalize_batch_in_training(ch, K.ones((3,)), K.zeros((3,)), [0, 2, 3])[0]")
    add("K.batch_normalization(x, r * .1, K.square(r), r * .3, K.square(r) + 1, epsilon=.01)")
    add("K.batch_normalization(t, r * .1, K.square(r), r * .3, K.square(r) + 1)")
    for tensor, axes in (("x", ("0", "1", "-1")), ("t", ("0", "1", "2", "-1", "[1, 2]", "None"))):
        for axis in axes:
            add(f"K.l2_normalize({tensor}, axis={axis})")
    add("K.l2_normalize(x * 0, 1)")
    add("K.in_top_k(g, K.variable(i, dtype='int32'), 1)")
    add("K.in_top_k(g, K.variable(i, dtype='int32'), 2)")
    add("K.in_top_k(g, K.variable(i, dtype='int32'), 3)")
    add("K.in_top_k(g, K.variable(i, dtype='int32'), 9)")
    add("K.in_top_k(x * 0, K.variable(i, dtype='int32'), 1)")
    add("K.in_top_k(g, K.argmax(x), 2)")
    for output, target in (("p", "b"), ("b", "b"), ("b", "1 - b"), ("p", "p"), ("x", "b")):
        add(f"K.binary_crossentropy({output}, {target})")
        add(f"K.binary_crossentropy({output}, {target}, from_logits=True)")
        add(f"K.categorical_crossentropy({output}, {target})")
    add("K.categorical_crossentropy(K.softmax(t), K.softmax(w))")
    add("K.categorical_crossentropy(t, K.softmax(w), from_logits=True)")
    add("K.categorical_crossentropy(q, K.softmax(q))")
    add("K.categorical_crossentropy(b * 2, p)")
    add("K.binary_crossentropy(x * 40, b, True)")
    add("K.sparse_categorical_crossentropy(p, K.variable(i.reshape(3, 1)))")
    add("K.sparse_categorical_crossentropy(p, K.variable(i), from_logits=True)")
    add("K.sparse_categorical_crossentropy(b, K.variable(i))")
    add("K.sparse_categorical_crossentropy(K.softmax(t), K.variable(ii.reshape(2, 3, 1)))")
    add("K.sparse_categorical_crossentropy(K.softmax(t), K.variable(ii.reshape(2, 3)))")
    add("K.sparse_categorical_crossentropy(t, K.variable(ii.reshape(2, 3)), from_logits=True)")


def control(add):
    for condition in ("K.variable(0.) > 0", "K.variable(1.) > 0", "K.greater(K.sum(x), 100)"):
        add(f"K.switch({condition}, x, y)")
        add(f"K.switch({condition}, lambda: x, lambda: y)")
    add("K.switch(K.variable(1, dtype='int32'), x, y)")
    add("K.switch(K.greater(x, 0), x, y)")
    for phase in (0, 1):
        add(f"(K.set_learning_phase({phase}), K.in_train_phase(x, y))[1]")
        add(f"(K.set_learning_phase({phase}), K.in_test_phase(x, y))[1]")
        add(f"(K.set_learning_phase({phase}), K.in_train_phase(lambda: x, y))[1]")
    add("K.map_fn(lambda e: e * 2, t)")
    add("K.map_fn(lambda e: K.sum(e[0] * e[1]), [x, y], dtype='float32')")
    add("K.map_fn(lambda e: K.cast(K.sum(e), 'int32'), x, dtype='int32')")
    for name in ("foldl", "foldr"):
        add(f"K.{name}(lambda acc, e: acc * .5 + e, x)")
        add(f"K.{name}(lambda acc, e: acc - K.sum(e), x, initializer=K.variable(1.))")
        add(f"K.{name}(lambda acc, e: acc - e * acc, x, K.ones((4,)))")
    step = "lambda a, s: (a + s[0] * .5, [a * 2 + s[0] * .5])"
    constants = "lambda a, s: (a * s[1] + s[0] * .5, [K.tanh(a * s[1] + s[0])])"
    two = "lambda a, s: (a + s[1], [a * .5 + s[0], K.tanh(s[0] + s[1])])"
    mask = "K.variable(np.array([[1., 1, 0], [0, 0, 1]])) > 0"
    for backwards in ("", ", go_backwards=True"):
        for unroll in ("", ", unroll=True, input_length=3"):
            for masked in ("", ", mask=" + mask, f", mask=K.expand_dims({mask})"):
                for part in ("[0]", "[1]", "[2][0]"):
                    options = backwards + unroll + masked
                    add(f"K.rnn({step}, t, [K.zeros((2, 4))]{options}){part}")
                    if part != "[0]":
                        add(f"K.rnn({constants}, t, [K.ones((2, 4))], constants=[r]{options}){part}")
                        add(f"K.rnn({two}, t, [K.ones((2, 4)), K.zeros((2, 4))]{options}){part}")
    add("K.rnn(lambda a, s: (K.sum(a), []), t, [])[1]")
    add("K.rnn(lambda a, s: (a * 2, []), t, [])[1]")
    add("K.rnn(lambda a, s: (a * 2, []), t, [], unroll=True, input_length=3)[1]")
    add("K.rnn(lambda a, s: (a[:, 0] + s[0], [a[:, 0] + s[0]]), q, [K.zeros((2, 2))])[0]")


def kinds(add):
    for dtype in ("int32", "bool", "float64", "uint8", "float16"):
        add(f"K.cast(g, '{dtype}')")
    add("K.cast(K.greater(g, 0), 'float32')")
    add("K.ones_like(i)")
    for name in ("zeros", "ones"):
        add(f"K.{name}((2, 3))")
        add(f"K.{name}((2,), dtype='int32')")
        add(f"K.{name}_like(t)")
    add("K.eye(3)")
    add("K.eye(2, dtype='int32')")
    add("K.variable(ii)")
    add("K.variable([[1, 2], [3, 4]], dtype='int32')")
    add("K.variable(True)")
    add("K.count_params(x)")
    for expression in (
        "K.sum(K.abs(X))",
        "K.sum(K.max(X, axis=1))",
        "K.max(X)",
        "K.sum(K.sqrt(K.square(X)))",
        "K.prod(X)",
        "K.sum(K.pow(X, 3))",
        "K.sum(K.clip(X, -.5, .5))",
        "K.std(X)",
        "K.var(X)",
        "K.sum(K.l2_normalize(X, 1))",
        "K.sum(K.softmax(X) * X)",
        "K.sum(K.gather(X, [0, 0, 2]))",
        "K.sum(K.round(X) * X)",
    ):
        add(f"K.gradients({expression}, [X])[0]")
    add("K.gradients(K.sum(K.gradients(K.sum(K.tanh(X) ** 3), [X])[0]), [X])[0]")
    add("K.dropout(x, 0.)")
    add("K.is_sparse(x)")


def operators(add):
    for expression in (
        "x + y",
        "x - y",
        "x * y",
        "x / y",
        "-x",
        "abs(x)",
        "x ** 2",
        "1 - x",
        "2 / p",
        "2. ** x",
        "x + r",
        "t + r",
        "x % 2",
        "x // 1",
        "g > 0",
        "g >= 0",
        "g < 0",
        "g <= r",
        "x[0]",
        "x[-1]",
        "x[:, 1]",
        "x[1:, :2]",
        "x[:, -1]",
        "x[..., 0]",
        "x[:, None]",
        "t[:, 1, :]",
        "t[:, ::2]",
        "t[:, ::-1]",
        "t[0, 1, 2]",
        "x[::2]",
        "t[..., -1]",
    ):
        add(expression)
    label, length = "np.array([[1, 0, 2], [2, 1, 1]])", "np.array([[8], [7]])"
    y_pred = "K.softmax(K.variable(np.tile(t_, (1, 3, 1))))"
    add(f"K.ctc_batch_cost({label}, {y_pred}, np.array([[9], [4]]), np.array([[3], [2]]))")
    add(f"K.ctc_batch_cost({label}, {y_pred}, {length}, np.array([[1], [3]]))")
    lengths = f"K.variable({length}), K.variable(np.array([[2], [2]]))"
    add(f"K.ctc_batch_cost(K.variable({label}), {y_pred}, {lengths})")


def expressions():
    found = []
    for part in (elements, products, shapes, convolutions, losses, control, kinds, operators):
        part(found.append)
    return found


def name_space(kind, arrays):
    """The names of an expression: the arrays, or variables of them; with `_`, arrays always."""
    names = {"K": K, "np": np, "X": K.variable(arrays["x"])}
    names.update({name + "_": value for name, value in arrays.items()})
    names.update({n: K.variable(v) if kind == "variables" else v for n, v in arrays.items()})
    return names


def answer(expression, kind, arrays):
    """(value, {name: gradient}, cotangent or None)"""
    names = name_space(kind, arrays)
    result = eval(expression, names)
    if isinstance(result, (bool, int, float, np.ndarray, np.generic)):
        return np.asarray(result), {}, None
    value = K.eval(result)
    if kind != "variables" or value.dtype != np.float32 or "gradients" in expression:
        return value, {}, None
    cotangent = np.random.RandomState(value.size).standard_normal(value.shape).astype("float32")
    used = [n for n in arrays if re.search(rf"\b{n}\b", expression) and arrays[n].dtype == np.float32]
    found = K.gradients(K.sum(result * cotangent), [names[n] for n in used])
    found = {n: K.eval(K.tf.convert_to_tensor(g)) for n, g in zip(used, found) if g is not None}
    return value, found, cotangent


def main():
    arrays, entries = inputs(), []
    stored = {f"in_{name}": value for name, value in arrays.items()}
    for index, expression in enumerate(expressions()):
        uses_inputs = re.search(r"\b({})\b".format("|".join(arrays)), expression)
        # Plain arrays in place of variables: now and then.
        for kind in ("variables",) if index % 5 or not uses_inputs else ("variables", "arrays"):
            K.clear_session()
            try:
                value, gradients, cotangent = answer(expression, kind, arrays)
            except Exception as error:
                reason = str(error).split("\n")[0][:150]
                print("left out:", kind, expression, "|", type(error).__name__, reason)
                continue
            number = len(entries)
            entry = {"expression": expression, "names": kind, "id": number, "grad_of": sorted(gradients)}
            entries.append(entry)
            stored[str(number)] = value
            if gradients:
                stored[f"{number}/cotangent"] = cotangent
            stored.update({f"{number}/grad_{name}": g for name, g in gradients.items()})
    write("expressions", entries, stored)


if __name__ == "__main__":
    main()
