"""Times of a training step in float32 and in a mixed policy, in turns, on this machine.

    python benchmarks/precision.py [SECONDS]    a line for each policy; SECONDS in all (20)

The model is an MLP of 784-512-512-10 on batches of 128. The policies take turns, and the least of each one's
times counts: other work on the machine only adds. CPU time is that of all threads.
"""

import sys
import time

import numpy as np

from keras import backend as K
from keras.layers import Dense
from keras.models import Sequential

POLICIES = (None, "mixed_bfloat16", "mixed_float16")


def main(seconds):
    """Prints the table."""
    random = np.random.RandomState(0)
    x, y = random.rand(128, 784).astype("float32"), np.eye(10)[random.randint(0, 10, 128)]
    times = {policy: [] for policy in POLICIES}
    models = {policy: compiled(policy) for policy in POLICIES}
    for model in models.values():
        model.train_on_batch(x, y)
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        for policy, model in models.items():
            wall, cpu = time.perf_counter(), time.process_time()
            for _ in range(10):
                model.train_on_batch(x, y)
            times[policy].append([(time.perf_counter() - wall) / 10, (time.process_time() - cpu) / 10])
    print(f"{'policy':16s}{'wall ms':>9s}{'cpu ms':>9s}{'wall / float32':>16s}")
    for policy in POLICIES:
        wall, cpu = np.min(times[policy], axis=0)
        ratio = wall / np.min(times[None], axis=0)[0]
        print(f"{policy or 'float32':16s}{1e3 * wall:9.2f}{1e3 * cpu:9.2f}{ratio:16.2f}")


def compiled(policy):
    K.set_policy(policy)
    model = Sequential([Dense(512, activation="relu", input_dim=784), Dense(512, activation="relu")])
    model.add(Dense(10, activation="softmax"))
    model.compile("sgd", "categorical_crossentropy")
    return model


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 20)
