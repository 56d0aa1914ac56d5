"""Records what TensorFlow and Theano compute for the expressions of compat_rows.py, in compat.npz.

Needs the original engines (TensorFlow 1.2, Theano 1.0, Python 3.6), not this project:

    python record_compat.py
"""

import os

import compat_rows
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))


def by_tensorflow():
    import tensorflow as tf

    given = compat_rows.arrays()
    names = {"tf": tf, "np": np}
    for name, array in given.items():
        unknown = [None] + list(array.shape[1:])
        variable = name in compat_rows.VARIABLES
        names[name] = tf.Variable(array) if variable else tf.placeholder(array.dtype, unknown)
    results = []
    with tf.Session() as session:
        for row in compat_rows.TENSORFLOW:
            try:
                tensor = eval(row, names)
            except Exception as error:
                raise RuntimeError(row) from error
            session.run(tf.global_variables_initializer())
            feed = {names[name]: array for name, array in given.items() if name not in compat_rows.VARIABLES}
            results.append(session.run(tensor, feed))
    return results


def by_theano():
    import theano
    import theano.tensor as T

    theano.config.floatX = "float32"
    theano.config.cxx = ""
    given = compat_rows.arrays()
    names = {"T": T, "theano": theano, "np": np}
    for name, array in given.items():
        kind = T.TensorType(str(array.dtype), (False,) * array.ndim)
        names[name] = theano.shared(array) if name in compat_rows.VARIABLES else kind(name)
    free = [name for name in given if name not in compat_rows.VARIABLES]
    results = []
    for row in compat_rows.THEANO:
        try:
            tensor = eval(row, names)
            compute = theano.function(
                [names[n] for n in free], tensor, on_unused_input="ignore", mode="FAST_COMPILE"
            )
            results.append(compute(*[given[name] for name in free]))
        except Exception as error:
            raise RuntimeError(row) from error
    return results


if __name__ == "__main__":
    recorded = {}
    for engine, rows, results in (
        ("tensorflow", compat_rows.TENSORFLOW, by_tensorflow()),
        ("theano", compat_rows.THEANO, by_theano()),
    ):
        assert len(set(rows)) == len(rows)
        recorded.update((f"{engine}: {row}", np.asarray(r)) for row, r in zip(rows, results))
    np.savez_compressed(
        os.path.join(HERE, "compat.npz"), **{key.replace("/", "|"): a for key, a in recorded.items()}
    )
    print(len(recorded), "answers")
