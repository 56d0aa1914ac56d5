"""The same models in plain PyTorch, with the loop that its users write; eager, or `torch.compile`d.

Data lie in memory as tensors and are gathered by index: the cheapest way PyTorch has.
"""

import itertools

import torch
import workloads
from torch import nn
from torch.nn import functional as F


class Last(nn.Module):
    """An LSTM's last output."""

    def __init__(self, features, units):
        super().__init__()
        self.lstm = nn.LSTM(features, units, batch_first=True)

    def forward(self, x):
        return self.lstm(x)[0][:, -1]


class Mlp(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        widths = [784] + [sizes["width"]] * sizes["depth"]
        layers = [nn.Sequential(nn.Linear(a, b), nn.ReLU()) for a, b in itertools.pairwise(widths)]
        self.stack = nn.Sequential(*layers, nn.Linear(widths[-1], 10))

    def forward(self, x):
        return [self.stack(x)]


class Headline(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.words = nn.Sequential(nn.Embedding(10000, 512), Last(512, 32))
        self.aside = nn.Linear(32, 1)
        layers = [nn.Sequential(nn.Linear(a, 64), nn.ReLU()) for a in (37, 64, 64)]
        self.main = nn.Sequential(*layers, nn.Linear(64, 1))

    def forward(self, words, numbers):
        x = self.words(words)
        return [self.main(torch.cat([x, numbers], 1)), self.aside(x)]


class Tweets(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.shared = Last(256, 64)
        self.out = nn.Linear(128, 1)

    def forward(self, a, b):
        return [self.out(torch.cat([self.shared(a), self.shared(b)], 1))]


class Inception(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.one = nn.Sequential(*conv(3, 64, 1), *conv(64, 64, 3))
        self.two = nn.Sequential(*conv(3, 64, 1), *conv(64, 64, 5))
        self.three = nn.Sequential(nn.MaxPool2d(3, stride=1, padding=1), *conv(3, 64, 1))
        self.out = nn.Linear(192, 10)

    def forward(self, x):
        x = torch.cat([self.one(x), self.two(x), self.three(x)], 1)
        return [self.out(x.mean((2, 3)))]


class SharedVision(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.vision = nn.Sequential(nn.Conv2d(1, 64, 3), nn.Conv2d(64, 64, 3), nn.MaxPool2d(2), nn.Flatten())
        self.out = nn.Linear(2 * 64 * 11 * 11, 1)

    def forward(self, a, b):
        return [self.out(torch.cat([self.vision(a), self.vision(b)], 1))]


class Vqa(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.vision = vision_model()
        self.question = nn.Sequential(nn.Embedding(10000, 256), Last(256, 256))
        self.out = nn.Linear(256 + features_of(sizes), workloads.ANSWERS)

    def forward(self, image, question):
        return [self.out(torch.cat([self.question(question), self.vision(image)], 1))]


class VideoQa(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.vision = vision_model()
        self.frames = Last(features_of(sizes), 256)
        self.question = nn.Sequential(nn.Embedding(10000, 256), Last(256, 256))
        self.out = nn.Linear(512, workloads.ANSWERS)

    def forward(self, video, question):
        frames = self.vision(video.flatten(0, 1)).unflatten(0, video.shape[:2])
        return [self.out(torch.cat([self.frames(frames), self.question(question)], 1))]


class Vgg16(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        layers, channels = [], 3
        for filters, count in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
            for _ in range(count):
                layers += conv(channels, filters, 3)
                channels = filters
            layers.append(nn.MaxPool2d(2))
        head = [nn.Linear(512 * 7 * 7, 4096), nn.ReLU(), nn.Linear(4096, 4096), nn.ReLU()]
        self.all = nn.Sequential(*layers, nn.Flatten(), *head, nn.Linear(4096, workloads.ANSWERS))

    def forward(self, x):
        return [self.all(x)]


class Bottleneck(nn.Module):
    def __init__(self, channels, filters, stride):
        super().__init__()
        self.main = nn.Sequential(
            nn.Conv2d(channels, filters, 1, stride),
            *(nn.BatchNorm2d(filters), nn.ReLU(), nn.Conv2d(filters, filters, 3, padding=1)),
            *(nn.BatchNorm2d(filters), nn.ReLU(), nn.Conv2d(filters, 4 * filters, 1)),
            nn.BatchNorm2d(4 * filters),
        )
        shortcut = [nn.Conv2d(channels, 4 * filters, 1, stride), nn.BatchNorm2d(4 * filters)]
        self.shortcut = nn.Sequential(*shortcut * (channels != 4 * filters))

    def forward(self, x):
        return F.relu(self.main(x) + self.shortcut(x))


class ResNet50(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        stem = [nn.Conv2d(3, 64, 7, 2, 3), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(3, 2)]
        blocks, channels = [], 64
        for number, (filters, count) in enumerate(((64, 3), (128, 4), (256, 6), (512, 3))):
            for block in range(count):
                blocks.append(Bottleneck(channels, filters, 2 if number and not block else 1))
                channels = 4 * filters
        self.all = nn.Sequential(*stem, *blocks, nn.AvgPool2d(7), nn.Flatten(), nn.Linear(2048, 1000))

    def forward(self, x):
        return [self.all(x)]


def conv(channels, filters, side, padding="same"):
    return nn.Conv2d(channels, filters, side, padding=padding), nn.ReLU()


def vision_model():
    layers, channels = [], 3
    for filters, count in ((64, 2), (128, 2), (256, 3)):
        for number in range(count):
            layers += conv(channels, filters, 3, "valid" if number else "same")
            channels = filters
        layers.append(nn.MaxPool2d(2))
    return nn.Sequential(*layers, nn.Flatten())


def features_of(sizes):
    side = sizes["side"]
    for count in (2, 2, 3):
        side = (side - 2 * (count - 1)) // 2
    return 256 * side * side


MODELS = {
    "mlp": Mlp,
    "headline": Headline,
    "tweets": Tweets,
    "inception": Inception,
    "shared_vision": SharedVision,
    "vqa": Vqa,
    "video_qa": VideoQa,
    "vgg16": Vgg16,
    "resnet50": ResNet50,
}


class Trainer:
    def __init__(self, peer, workload, sizes):
        torch.manual_seed(0)
        self.model = MODELS[workload](sizes)
        self.run = torch.compile(self.model) if peer == "torch-compiled" else self.model
        self.optimizer = torch.optim.RMSprop(self.model.parameters(), lr=0.001, alpha=0.9)
        x, y = workloads.data_of(workload, sizes)
        self.x, self.y = [[torch.from_numpy(array) for array in arrays] for arrays in (x, y)]
        self.x = [array.long() if array.dtype == torch.int32 else array for array in self.x]
        self.batch = sizes["batch"]
        self.weights = [1.0, 0.2]
        self.parameters = sum(parameter.numel() for parameter in self.model.parameters())

    def epoch(self):
        order = torch.randperm(len(self.y[0]))
        for chosen in order.split(self.batch):
            outputs = self.run(*[array[chosen] for array in self.x])
            loss = sum(
                weight * self.loss(output, target[chosen])
                for weight, output, target in zip(self.weights, outputs, self.y, strict=False)
            )
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
        return loss.item()

    def loss(self, output, target):
        if target.shape[1] == 1:
            return F.binary_cross_entropy_with_logits(output, target)
        return F.cross_entropy(output, target)

    def predict(self, rows):
        with torch.inference_mode():
            return [output.numpy() for output in self.run(*[array[:rows] for array in self.x])]


trainer = Trainer
