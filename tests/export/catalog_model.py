"""All rows of the catalog as one model, so that each format is compiled and compared once."""

from catalog import LAYERS

from keras.layers import Input
from keras.models import Model


def catalog_model(loose):
    """Returns (model, list of its input arrays).

    Args:
        loose: whether sizes are unknown where a row says that they may be.
    """
    inputs, outputs, data = [], [], []
    for row in LAYERS:
        shapes = row.loose if loose and row.loose else row.shapes
        own = [Input(shape, dtype="int32" if row.ids else None) for shape in shapes]
        outputs.append(row.layer()(own if row.several else own[0]))
        inputs += own
        data += row.data()
    return Model(inputs, outputs), data
