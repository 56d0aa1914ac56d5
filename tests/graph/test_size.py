"""Long graphs need no recursion, and unreferenced graphs are freed."""

import gc
import weakref

import numpy as np

from keras import _graph as graph
from keras import backend as K
from keras.layers import LSTM, Dense, Input
from keras.models import Model


def chain(length):
    x = y = K.placeholder((2,))
    for _ in range(length):
        y = y + 1
    return x, y


def test_chain_of_20000_nodes_is_evaluated():
    x, y = chain(20_000)
    assert len(graph.ancestors([y])) == 20_001 and graph.leaves([y]) == [x]
    assert graph.depends_on(y, [x]) == [True]
    np.testing.assert_array_equal(graph.values_of([y], {x: np.zeros(2)})[0], [20_000, 20_000])
    graph.verify([y])


def test_chain_of_2000_nodes_compiles_with_its_gradient():
    x, y = chain(2_000)
    value, slope = K.function([x], [y, *K.gradients(y, x)])([np.zeros(2)])
    np.testing.assert_array_equal([value, slope], [[2_000, 2_000], [1, 1]])


def freed(make):
    references = make()
    gc.collect()
    return [reference() is None for reference in references]


def test_function_is_freed_with_its_graph_and_variables():
    def make():
        w, x = K.variable(np.ones(3)), K.placeholder((3,))
        loss = K.sum(w * x)
        f = K.function([x], [loss], updates=[(w, w - K.gradients(loss, w)[0])])
        f([np.ones(3)])
        return [weakref.ref(thing) for thing in (f, w, x, loss.node)]

    assert all(freed(make))


def test_loop_is_freed():
    def make():
        x = K.placeholder((None, 3, 2))
        last, _, _ = K.rnn(lambda x_t, s: (s[0] + x_t, [s[0] + x_t]), x, [K.zeros_like(x[:, 0])])
        f = K.function([x], [last])
        f([np.ones((1, 3, 2))])
        return [weakref.ref(thing) for thing in (f, last, x)]

    assert all(freed(make))


def test_trained_model_is_freed_with_its_layers_and_weights():
    def make():
        x = Input((4, 3))
        model = Model(x, Dense(1)(LSTM(2)(x)))
        model.compile("adam", "mse")
        model.fit(np.ones((8, 4, 3)), np.ones((8, 1)), nb_epoch=1, verbose=0)
        model.predict(np.ones((8, 4, 3)))
        return [weakref.ref(thing) for thing in (model, model.layers[1], model.weights[0], model.optimizer)]

    assert all(freed(make))
