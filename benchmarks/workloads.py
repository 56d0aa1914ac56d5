"""What is trained: the models of the functional API guide, as sizes and random data.

Only NumPy, and a Python as old as 3.6: the original Keras runs this file, too.
"""

import numpy as np

#: Workload -> its sizes. `batches` is how many make an epoch: enough to hide what an epoch costs.
WORKLOADS = {
    "mlp": {"batch": 32, "batches": 400, "depth": 2, "width": 64},
    "headline": {"batch": 32, "batches": 20, "steps": 100},
    "tweets": {"batch": 32, "batches": 8, "steps": 140},
    "inception": {"batch": 4, "batches": 1, "side": 256},
    "shared_vision": {"batch": 32, "batches": 10},
    "vqa": {"batch": 2, "batches": 1, "steps": 100, "side": 224},
    "video_qa": {"batch": 4, "batches": 2, "steps": 100, "frames": 8, "side": 64},
}
#: Large models, of which only the time to the first step is compared.
LARGE = {
    "vgg16": {"batch": 2, "batches": 1, "side": 224},
    "resnet50": {"batch": 2, "batches": 1, "side": 224},
}
ANSWERS = 1000


def sizes_of(name, **changed):
    """The sizes of a workload, some of them changed.

    Raises:
        KeyError: if the workload is unknown or has no such size.
    """
    sizes = dict({**WORKLOADS, **LARGE}[name])
    for key, value in changed.items():
        sizes[key] = type(sizes[key])(value)
    return sizes


def data_of(name, sizes, channels_last=False):
    """Random inputs and targets of one epoch.

    Returns:
        (inputs, targets): lists of arrays (samples, ...), float32 but for words, which are int32.
    """
    random = np.random.RandomState(0)
    samples = sizes["batch"] * sizes["batches"]

    def numbers(*shape):
        return random.standard_normal((samples,) + shape).astype("float32")

    def images(channels, side, frames=()):
        shape = (side, side, channels) if channels_last else (channels, side, side)
        return numbers(*(frames + shape))

    def words(vocabulary):
        return random.randint(1, vocabulary, (samples, sizes["steps"])).astype("int32")

    def yes_or_no():
        return random.randint(0, 2, (samples, 1)).astype("float32")

    def classes(count):
        return np.eye(count, dtype="float32")[random.randint(0, count, samples)]

    makers = {
        "mlp": lambda: ([numbers(784)], [classes(10)]),
        "headline": lambda: ([words(10000), numbers(5)], [yes_or_no(), yes_or_no()]),
        "tweets": lambda: ([numbers(sizes["steps"], 256), numbers(sizes["steps"], 256)], [yes_or_no()]),
        "inception": lambda: ([images(3, sizes["side"])], [classes(10)]),
        "shared_vision": lambda: ([images(1, 27), images(1, 27)], [yes_or_no()]),
        "vqa": lambda: ([images(3, sizes["side"]), words(10000)], [classes(ANSWERS)]),
        "video_qa": lambda: (
            [images(3, sizes["side"], (sizes["frames"],)), words(10000)],
            [classes(ANSWERS)],
        ),
    }
    makers |= dict.fromkeys(LARGE, lambda: ([images(3, sizes["side"])], [classes(ANSWERS)]))
    return makers[name]()
