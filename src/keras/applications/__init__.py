"""Well-known models with the names, layers and weight files of Keras 1.2.2."""

from .inception_v3 import InceptionV3 as InceptionV3
from .resnet50 import ResNet50 as ResNet50
from .vgg16 import VGG16 as VGG16
from .vgg19 import VGG19 as VGG19
from .xception import Xception as Xception
