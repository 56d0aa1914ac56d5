"""`LambdaCallback`, driven by hand.

"1.2.2" marks an answer of Keras 1.2.2 to the same calls.
"""

import pytest
from callback_driver import fit

from keras.callbacks import LambdaCallback

pytestmark = pytest.mark.usefixtures("fake_backend")


def test_lambda_callback_keeps_extra_attributes():  # 1.2.2
    assert LambdaCallback(colour="red").colour == "red"


def test_lambda_callback_without_functions_does_nothing():
    fit([LambdaCallback()], [10])
