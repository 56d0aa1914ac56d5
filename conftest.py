"""The settings of every test and doctest; pytest reads this file before keras is imported.

It is in the root, not in tests/, because the doctests in src/keras need the same settings.
"""

import os
import signal
import sys
import tempfile

import hypothesis
import numpy as np
import pytest

# Scripts for the original Keras on Python 3.6, and a program that test_user_program.py runs.
collect_ignore_glob = ["tests/golden/*.py", "tests/typing/user_program.py"]

_home = tempfile.TemporaryDirectory(prefix="keras-classic-home-", ignore_cleanup_errors=True)


def pytest_configure(config):
    """Isolates the tests from the settings and the home folder of the person who runs them."""
    for name in [name for name in os.environ if name.startswith("KERAS_")]:
        del os.environ[name]
    os.environ["HOME"] = os.environ["USERPROFILE"] = _home.name
    os.environ["KERAS_HOME"] = os.path.join(_home.name, ".keras")
    os.environ["KERAS_CLASSIC_VERIFY"] = "1"  # every graph is checked before it runs
    # Tolerances are chosen for CPUs; set the variable to run the suite on another platform.
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    os.environ.setdefault("MPLBACKEND", "Agg")
    if hasattr(config, "cache"):  # false under `-p no:cacheprovider`
        os.environ["KERAS_COMPILE_CACHE"] = str(config.cache.mkdir("keras-compiled"))
        os.environ["MPLCONFIGDIR"] = str(config.cache.mkdir("matplotlib"))
    # Tests send Ctrl-C to themselves, which processes in the background of a shell ignore.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    hypothesis.settings.register_profile("keras-classic", deadline=None, derandomize=True)
    hypothesis.settings.load_profile("keras-classic")


def pytest_unconfigure():
    _home.cleanup()


@pytest.fixture(autouse=True)
def fresh_keras():
    """Starts each test with seed 0, and restores the settings, names and phase of Keras after it."""
    np.random.seed(0)
    yield
    K = sys.modules.get("keras.backend")
    if K is None:  # the test did not import keras
        return
    import jax  # not before the environment variables above are set

    K.clear_session()
    K.set_policy(None)
    K.set_floatx("float32")
    K.set_epsilon(1e-7)
    K.set_image_dim_ordering("th")
    if jax.config.jax_enable_x64:  # set by a test of float64
        jax.config.update("jax_enable_x64", False)
