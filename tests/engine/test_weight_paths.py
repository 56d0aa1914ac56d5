"""The places of weights in trees: models inside models are levels, shared weights have one place."""

from keras.engine.weight_paths import free_path, weight_paths
from keras.layers import Dense, Input, TimeDistributed
from keras.models import Model


def test_models_inside_are_levels_and_shared_layers_have_one_place():
    shared = Dense(3, name="shared", bias=False)
    x = Input(shape=(3,))
    inner = Model(input=x, output=shared(x), name="inner")
    steps = Input(shape=(2, 3))
    distributed = TimeDistributed(Dense(2, name="dense", bias=False), name="steps")
    y = Input(shape=(3,))
    model = Model(input=[y, steps], output=[shared(inner(y)), distributed(steps)])
    assert set(weight_paths(model).values()) == {("inner", "shared", "shared_W"), ("steps", "dense_W")}


def test_a_taken_path_gets_a_number():
    taken = set()
    assert [free_path(("a", "W"), taken) for _ in range(3)] == [("a", "W"), ("a", "W_2"), ("a", "W_3")]
