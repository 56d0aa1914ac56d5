"""The models of the wide set in PyTorch, built from their graphs: one rule for each class of layers.

Tensors are channels last between layers, as in the other peers; PyTorch's layers see them through a view.
What `torch.nn` has no fast form for is left out, to PyTorch's advantage: masks, the dropout of recurrent
states, and the hard sigmoid of gates.
"""

import torch
import torch.nn.functional as F
from torch import nn

ACTIVATIONS = {
    "linear": lambda x: x,
    "relu": F.relu,
    "sigmoid": torch.sigmoid,
    "softmax": lambda x: F.softmax(x, -1),
    "tanh": torch.tanh,
}


def channels_first(x):
    return x.movedim(-1, 1)


def channels_last(x):
    return x.movedim(1, -1)


# --- layers with weights --------------------------------------------------------------------------


class Convolution(nn.Module):
    def __init__(self, config, inputs, outputs):
        super().__init__()
        dims = len(inputs) - 2
        names = {
            1: ["filter_length"],
            2: ["nb_row", "nb_col"],
            3: ["kernel_dim1", "kernel_dim2", "kernel_dim3"],
        }
        size = [config[name] for name in names[dims]]
        strides = each(config.get("subsample") or config.get("subsample_length", 1), dims)
        dilation = each(config.get("atrous_rate", 1), dims)
        same = config["border_mode"] == "same"
        padding = "same" if same and set(strides) == {1} else 0
        self.around = ()
        if same and padding == 0:
            axes = zip(inputs[1:-1], outputs[1:-1], size, strides, strict=True)
            missing = [max((count - 1) * step + k - length, 0) for length, count, k, step in axes]
            self.around = [part for zeros in missing[::-1] for part in (zeros // 2, zeros - zeros // 2)]
        layer = {1: nn.Conv1d, 2: nn.Conv2d, 3: nn.Conv3d}[dims]
        options = {"padding": padding, "dilation": dilation, "bias": config["bias"]}
        self.layer = layer(inputs[-1], outputs[-1], size, strides, **options)
        self.activation = ACTIVATIONS[config["activation"]]

    def forward(self, x):
        x = channels_first(x)
        return self.activation(channels_last(self.layer(F.pad(x, self.around) if self.around else x)))


class Separable(nn.Module):
    def __init__(self, config, inputs, outputs):
        super().__init__()
        size, middle = (config["nb_row"], config["nb_col"]), inputs[-1] * config["depth_multiplier"]
        padding = "same" if config["border_mode"] == "same" else 0
        self.depthwise = nn.Conv2d(inputs[-1], middle, size, padding=padding, groups=inputs[-1], bias=False)
        self.pointwise = nn.Conv2d(middle, outputs[-1], 1, bias=config["bias"])
        self.activation = ACTIVATIONS[config["activation"]]

    def forward(self, x):
        return self.activation(channels_last(self.pointwise(self.depthwise(channels_first(x)))))


class Transposed(nn.Module):
    def __init__(self, config, inputs, outputs):
        super().__init__()
        size, strides = (config["nb_row"], config["nb_col"]), config["subsample"]
        axes = zip(inputs[1:-1], outputs[1:-1], size, strides, strict=True)
        surplus = [(length - 1) * step + k - count for length, count, k, step in axes]
        padding = [(number + 1) // 2 for number in surplus]
        more = [2 * cut - number for cut, number in zip(padding, surplus, strict=True)]
        self.layer = nn.ConvTranspose2d(
            inputs[-1], outputs[-1], size, strides, padding, more, bias=config["bias"]
        )
        self.activation = ACTIVATIONS[config["activation"]]

    def forward(self, x):
        return self.activation(channels_last(self.layer(channels_first(x))))


class Normalization(nn.Module):
    def __init__(self, config, inputs, outputs):
        super().__init__()
        layer = {2: nn.BatchNorm1d, 3: nn.BatchNorm1d, 4: nn.BatchNorm2d, 5: nn.BatchNorm3d}[len(inputs)]
        self.layer = layer(inputs[-1], eps=config["epsilon"], momentum=1 - config["momentum"])

    def forward(self, x):
        return channels_last(self.layer(channels_first(x)))


class Product(nn.Module):
    def __init__(self, config, inputs, outputs):
        super().__init__()
        self.layer = nn.Linear(inputs[-1], outputs[-1])
        self.activation = ACTIVATIONS[config["activation"]]

    def forward(self, x):
        return self.activation(self.layer(x))


class Recurrent(nn.Module):
    def __init__(self, layer, config, inputs, both_ways=False):
        super().__init__()
        options = {"nonlinearity": config["activation"]} if layer is nn.RNN else {}
        units = config["output_dim"]
        self.layer = layer(inputs[-1], units, batch_first=True, bidirectional=both_ways, **options)
        self.dropout, self.sequences, self.units = config["dropout_W"], config["return_sequences"], units

    def forward(self, x):
        if self.dropout:
            x = x * F.dropout(torch.ones_like(x[:, :1]), self.dropout, self.training)
        states, _ = self.layer(x)
        if self.sequences:
            return states
        return torch.cat([states[:, -1, : self.units], states[:, 0, self.units :]], -1)


class ConvolutionalLstm(nn.Module):
    def __init__(self, config, inputs, outputs):
        super().__init__()
        self.filters, size = config["nb_filter"], (config["nb_row"], config["nb_col"])
        self.sequences = config["return_sequences"]
        self.inputs = nn.Conv2d(inputs[-1], 4 * self.filters, size, padding="same")
        self.states = nn.Conv2d(self.filters, 4 * self.filters, size, padding="same", bias=False)

    def forward(self, x):
        gates = self.inputs(channels_first(x.flatten(0, 1))).unflatten(0, x.shape[:2])
        state = memory = torch.zeros_like(gates[:, 0, : self.filters])
        results = []
        for step in range(x.shape[1]):
            i, f, c, o = (gates[:, step] + self.states(state)).chunk(4, 1)
            memory = F.hardsigmoid(f) * memory + F.hardsigmoid(i) * torch.tanh(c)
            state = F.hardsigmoid(o) * torch.tanh(memory)
            results.append(channels_last(state))
        return torch.stack(results, 1) if self.sequences else results[-1]


class Distributed(nn.Module):
    def __init__(self, config, inputs, outputs):
        super().__init__()
        inner = config["layer"]
        shapes = (None, *inputs[2:]), (None, *outputs[2:])
        self.layer = MODULES[inner["class_name"]](inner["config"], *shapes)

    def forward(self, x):
        return self.layer(x.flatten(0, 1)).unflatten(0, x.shape[:2])


RECURRENT = {"LSTM": nn.LSTM, "GRU": nn.GRU, "SimpleRNN": nn.RNN}
MODULES = {
    **dict.fromkeys(["Convolution1D", "AtrousConvolution1D", "Convolution2D", "Convolution3D"], Convolution),
    **{name: lambda c, i, o, layer=layer: Recurrent(layer, c, i) for name, layer in RECURRENT.items()},
    "BatchNormalization": Normalization,
    "Bidirectional": lambda c, i, o: Recurrent(
        RECURRENT[c["layer"]["class_name"]], c["layer"]["config"], i, both_ways=True
    ),
    "ConvLSTM2D": ConvolutionalLstm,
    "Deconvolution2D": Transposed,
    "Dense": Product,
    "Embedding": lambda c, i, o: nn.Embedding(c["input_dim"], c["output_dim"]),
    "SeparableConvolution2D": Separable,
    "TimeDistributed": Distributed,
}


# --- layers without weights -----------------------------------------------------------------------


def pool(function, size, strides=None):
    return lambda x, training: channels_last(function(channels_first(x), tuple(size), tuple(strides or size)))


def zeros_around(config):
    top, bottom, left, right = (
        config["padding"] if len(config["padding"]) == 4 else each_side(config["padding"])
    )
    return lambda x, training: F.pad(x, (0, 0, left, right, top, bottom))


def each_side(padding):
    rows, columns = padding
    return rows, rows, columns, columns


def merged(config):
    mode = config["mode"]
    if mode == "dot":
        return lambda a, b, training: a @ b.transpose(1, 2)
    if mode == "concat":
        return lambda *parts, training: torch.cat(parts, config["concat_axis"])
    operation = {"sum": torch.add, "mul": torch.mul}[mode]
    return lambda a, b, training: operation(a, b)


FUNCTIONS = {
    "Activation": lambda c, shape: lambda x, training: ACTIVATIONS[c["activation"]](x),
    "AveragePooling2D": lambda c, shape: pool(F.avg_pool2d, c["pool_size"], c["strides"]),
    "Dropout": lambda c, shape: lambda x, training: F.dropout(x, c["p"], training),
    "Flatten": lambda c, shape: lambda x, training: x.flatten(1),
    "GlobalAveragePooling1D": lambda c, shape: lambda x, training: x.mean(1),
    "GlobalAveragePooling2D": lambda c, shape: lambda x, training: x.mean((1, 2)),
    "GlobalMaxPooling1D": lambda c, shape: lambda x, training: x.amax(1),
    "MaxPooling1D": lambda c, shape: pool(F.max_pool1d, [c["pool_length"]]),
    "MaxPooling2D": lambda c, shape: pool(F.max_pool2d, c["pool_size"], c["strides"]),
    "MaxPooling3D": lambda c, shape: pool(F.max_pool3d, c["pool_size"], c["strides"]),
    "Merge": lambda c, shape: merged(c),
    "Permute": lambda c, shape: lambda x, training: x.permute(0, *c["dims"]),
    "RepeatVector": lambda c, shape: lambda x, training: x[:, None].expand(-1, c["n"], -1),
    "Reshape": lambda c, shape: lambda x, training: x.reshape(-1, *shape[1:]),
    "UpSampling2D": lambda c, shape: (
        lambda x, training: channels_last(F.interpolate(channels_first(x), scale_factor=2.0, mode="nearest"))
    ),
    "ZeroPadding2D": lambda c, shape: zeros_around(c),
}


def each(number, dims):
    return tuple(number) if isinstance(number, list | tuple) else (number,) * dims


# --- models ---------------------------------------------------------------------------------------


class Graph(nn.Module):
    """A model from what `models.graph_of` returns."""

    def __init__(self, graph):
        super().__init__()
        self.graph, self.parts, self.functions = graph, nn.ModuleDict(), {}
        for call in graph["calls"]:
            kind, name, config = call["layer"], call["name"], call["config"]
            if kind in FUNCTIONS:
                self.functions[call["result"]] = FUNCTIONS[kind](config, call["shape"])
            elif name not in self.parts:
                self.parts[name] = MODULES[kind](config, call["input_shape"], call["shape"])

    def forward(self, *inputs):
        values = dict(zip(self.graph["inputs"], inputs, strict=True))
        for call in self.graph["calls"]:
            given, result = [values[name] for name in call["inputs"]], call["result"]
            if result in self.functions:
                values[result] = self.functions[result](*given, training=self.training)
            else:
                values[result] = self.parts[call["name"]](*given)
        (output,) = (values[name] for name in self.graph["outputs"])
        return output


def trainer(graph, x, y, data, compiled):
    """(train one epoch in a new order, predict the first rows)."""
    model = Graph(graph)
    run = torch.compile(model) if compiled else model
    optimizer = torch.optim.RMSprop(model.parameters(), lr=0.001, alpha=0.9)
    x = [torch.from_numpy(array.astype("int64") if array.dtype == "int32" else array) for array in x]
    (targets,) = map(torch.from_numpy, y)
    loss_of = binary_crossentropy if graph["loss"] == "binary_crossentropy" else categorical_crossentropy

    def fit():
        model.train()
        for rows in torch.randperm(len(targets)).split(int(data["batch"])):
            loss = loss_of(run(*[array[rows] for array in x]), targets[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        return loss.item()

    def predict(rows):
        model.eval()
        with torch.inference_mode():
            return run(*[array[:rows] for array in x]).numpy()

    return fit, predict


def binary_crossentropy(outputs, targets):
    return F.binary_cross_entropy(outputs.clamp(1e-7, 1 - 1e-7), targets)


def categorical_crossentropy(outputs, targets):
    return -(targets * outputs.clamp(1e-7, 1).log()).sum(-1).mean()
