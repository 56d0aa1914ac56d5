"""Precision policies on all layers: products are narrow, results and gradients are close to float32."""

import itertools

import jax.extend
import jax.numpy as jnp
import numpy as np
import pytest
from catalog import LAYERS

from keras import backend as K
from keras._kernels import depthwise, few_terms
from keras.engine.precision import float32_outputs
from keras.layers import Input, Wrapper
from keras.models import Model, model_from_json
from keras.utils.generic_utils import custom_object_scope

NARROW = {"mixed_bfloat16": "bfloat16", "mixed_float16": "float16"}
#: Distance from float32 for numbers near 1: a few roundings to 8 and to 11 bits.
TOLERANCE = {None: 0, "mixed_bfloat16": 4e-2, "mixed_float16": 5e-3}

each_row = pytest.mark.parametrize("row", LAYERS, ids=str)


def inputs_of(row):
    return [Input(shape, dtype="int32" if row.ids else None) for shape in row.shapes]


def call(row, inputs, policy):
    K.set_policy(policy)
    layer = row.layer()
    output = layer(inputs if row.several else inputs[0])
    K.set_policy(None)
    return layer, output


def derivatives(row, inputs, layer, output, factors):
    """Returns the output in float32 and its gradients with respect to weights and inputs."""
    (output,) = float32_outputs(Model(inputs, output))
    sources = [*layer.trainable_weights, *([] if row.ids else inputs)]
    return [output, *(K.gradients(K.sum(output * factors), sources) if sources else [])]


@each_row
def test_results_and_gradients_are_close_to_float32(row):
    """One program has the layer in three precisions, with the same weights."""
    np.random.seed(0)
    inputs, made = inputs_of(row), {}
    for policy in TOLERANCE:
        made[policy] = call(row, inputs, policy)
        made[policy][0].set_weights(made[None][0].get_weights())
    factors = K.placeholder(K.int_shape(made[None][1]))
    wanted = {policy: derivatives(row, inputs, *pair, factors) for policy, pair in made.items()}
    samples = row.data()
    shape = [len(samples[0]), *K.int_shape(factors)[1:]]
    numbers = np.random.RandomState(1).choice([-1.0, 1.0], shape)
    values = iter(
        K.function([*inputs, factors], list(itertools.chain(*wanted.values())))([*samples, numbers])
    )
    exact, *others = ([next(values) for _ in wanted[policy]] for policy in TOLERANCE)
    for policy, found in zip(NARROW, others, strict=True):
        tolerance = TOLERANCE[policy]
        assert {weight.dtype for weight in made[policy][0].get_weights()} <= {np.dtype("float32")}
        np.testing.assert_allclose(found[0], exact[0], rtol=tolerance, atol=tolerance)
        assert {value.dtype for value in found} == {np.dtype("float32")}
        # As a whole and with room: a unit at the kink of a relu may fall on its other side.
        gradient, true = (np.concatenate([np.ravel(v) for v in [[], *vs[1:]]]) for vs in (found, exact))
        assert np.linalg.norm(gradient - true) <= 4 * tolerance * np.linalg.norm(true)


@each_row
def test_every_product_is_narrow_only_under_a_policy(row, monkeypatch):
    """Covers forward and backward pass; a policy of float32 does not change the program."""
    # Forms for float32 only, without a product to count.
    monkeypatch.setattr(few_terms, "MOST_TERMS", 0)
    monkeypatch.setattr(depthwise, "LARGEST_KERNEL", 0)
    if row.kwargs.get("mode") == "cos":
        pytest.skip("in float32 under any policy")
    programs = {}
    for policy in (None, "float32", "mixed_bfloat16"):
        np.random.seed(0)
        inputs = inputs_of(row)
        layer, output = call(row, inputs, policy)
        factors = K.placeholder(K.int_shape(output))
        function = K.function([*inputs, factors], derivatives(row, inputs, layer, output, factors))
        programs[policy] = traced(function, row)
    assert set(product_types(programs[None])) <= {"float32"}
    assert str(programs[None]) == str(programs["float32"])
    assert len(product_types(programs["mixed_bfloat16"])) == len(product_types(programs[None]))
    assert set(product_types(programs["mixed_bfloat16"])) <= {"bfloat16"}


def traced(function, row):
    """Returns the jaxpr of a program."""
    shapes = [tuple(4 if size is None else size for size in tensor.shape) for tensor in function.inputs]
    arrays = [jnp.zeros(shape, t.dtype) for shape, t in zip(shapes, function.inputs, strict=True)]
    trace = jax.make_jaxpr(function.program, static_argnums=4)
    return trace([], [variable.value for variable in function.read], arrays, np.uint32(0), 0).jaxpr


def product_types(jaxpr):
    """Returns the dtypes that products read, in program order."""
    found = []
    for equation in jaxpr.eqns:
        if equation.primitive.name in ("dot_general", "conv_general_dilated"):
            found += [str(variable.aval.dtype) for variable in equation.invars]
        for inner in jax.extend.core.jaxprs_in_params(equation.params):
            found += product_types(inner)
    return found


@each_row
def test_config_holds_the_explicit_policy(row):
    K.set_policy("mixed_bfloat16")
    config = row.layer().get_config()
    assert "policy" not in config and "policy" not in config.get("layer", {}).get("config", {})
    if issubclass(row.cls, Wrapper):
        with pytest.raises(TypeError, match="takes no policy; pass it to that layer"):
            inner = "cell" if "cell" in row.kwargs else "layer"
            row.cls(**{**row.kwargs, inner: row.layer().layer}, policy="mixed_float16")
        return
    K.set_policy(None)
    layer = row._replace(kwargs={**row.kwargs, "policy": "mixed_bfloat16"}).layer()
    assert layer.get_config()["policy"] == "mixed_bfloat16"
    inputs = inputs_of(row)
    model = Model(inputs, layer(inputs if row.several else inputs[0]))
    with custom_object_scope(row.outside):
        again = model_from_json(model.to_json())
    assert again.to_json() == model.to_json()
    assert again.layers[-1].compute_dtype == layer.compute_dtype
