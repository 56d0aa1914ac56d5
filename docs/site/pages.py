"""The table of contents of the site: captions in each language, and pages as paths in the repository."""

REPOSITORY = "https://github.com/keras-classic/keras-classic"
HOME = "README.md"

#: Languages, and where their sites are in the built folder.
LANGUAGES = {"en": "", "zh": "zh/"}

#: (captions in the order of `LANGUAGES`, pages)
CONTENTS: list[tuple[tuple[str, str], list[str]]] = [
    (
        ("Begin", "入门"),
        [HOME, "docs/guide.md", "docs/old_files.md", "docs/serving.md", "examples/README.md"],
    ),
    (
        ("Ways to work", "使用方法"),
        ["docs/resume.md", "docs/distributed.md", "docs/files.md", "docs/compat.md"],
    ),
    (
        ("Compared with Keras 1 and 2", "与 Keras 1、2 对照"),
        ["docs/differences.md", "docs/spellings.md", "docs/compatibility.md"],
    ),
    (("Reference", "API 参考"), ["api/index.md"]),
    (("Safety", "安全与可靠性"), ["SECURITY.md", "docs/reliability.md"]),
    (
        ("Inside", "内部结构"),
        [
            "docs/architecture.md",
            "docs/decisions/README.md",
            "docs/notebooks/README.md",
            "docs/adding_a_layer.md",
            "docs/adding_an_op.md",
            "CONTRIBUTING.md",
            "CHANGELOG.md",
        ],
    ),
]

#: Titles in the Chinese table of contents for pages that are there in English only.
CHINESE_TITLES = {
    "examples/README.md": "示例",
    "docs/resume.md": "恢复训练",
    "docs/distributed.md": "多个设备与进程",
    "docs/files.md": "文件格式",
    "docs/compat.md": "直接调用 TensorFlow 或 Theano 的程序",
    "docs/differences.md": "与 Keras 1.2.2 的不同",
    "docs/spellings.md": "Keras 2 的名字",
    "docs/compatibility.md": "原版的测试与示例",
    "SECURITY.md": "文件安全",
    "docs/reliability.md": "可靠性的测量",
    "docs/architecture.md": "结构",
    "docs/decisions/README.md": "设计决定",
    "docs/notebooks/README.md": "测量笔记",
    "docs/adding_a_layer.md": "添加一个层",
    "docs/adding_an_op.md": "添加一个运算",
    "CONTRIBUTING.md": "参与开发",
    "CHANGELOG.md": "更新记录",
}

#: Pages of the API reference: titles and modules. A name that several modules have is described on the first.
REFERENCE: dict[str, tuple[dict[str, str], str]] = {
    "models": ({"en": "Models", "zh": "模型"}, "keras.models"),
    "layers": ({"en": "Layers", "zh": "层"}, "keras.layers"),
    "optimizers": ({"en": "Optimizers", "zh": "优化器"}, "keras.optimizers"),
    "losses": ({"en": "Losses (objectives)", "zh": "损失函数"}, "keras.objectives"),
    "metrics": ({"en": "Metrics", "zh": "评价指标"}, "keras.metrics"),
    "callbacks": ({"en": "Callbacks", "zh": "回调函数"}, "keras.callbacks"),
    "parts": (
        {"en": "Activations, weights at the start, penalties", "zh": "激活函数、初始化、正则化与约束"},
        "keras.activations keras.initializations keras.initializers keras.regularizers keras.constraints",
    ),
    "backend": ({"en": "Backend: K", "zh": "后端函数 K"}, "keras.backend"),
    "preprocessing": (
        {"en": "Preprocessing", "zh": "数据预处理"},
        "keras.preprocessing.image keras.preprocessing.sequence keras.preprocessing.text",
    ),
    "datasets": (
        {"en": "Data sets", "zh": "数据集"},
        "keras.datasets.mnist keras.datasets.cifar10 keras.datasets.cifar100 keras.datasets.cifar "
        "keras.datasets.imdb keras.datasets.reuters",
    ),
    "applications": (
        {"en": "Applications", "zh": "预训练模型"},
        "keras.applications.vgg16 keras.applications.vgg19 keras.applications.resnet50 "
        "keras.applications.inception_v3 keras.applications.xception keras.applications.music_tagger_crnn "
        "keras.applications.imagenet_utils keras.applications.audio_conv_utils",
    ),
    "training": (
        {"en": "Ways to train, several devices", "zh": "更多训练方式与多设备"},
        "keras.training keras.distributed",
    ),
    "files": ({"en": "Export and conversion", "zh": "导出与转换"}, "keras.export keras.convert"),
    "plots": ({"en": "Pictures", "zh": "画图"}, "keras.plots keras.utils.visualize_util"),
    "wrappers": ({"en": "scikit-learn", "zh": "scikit-learn 接口"}, "keras.wrappers.scikit_learn"),
    "utils": (
        {"en": "Utilities", "zh": "工具函数"},
        "keras.utils.np_utils keras.utils.data_utils keras.utils.io_utils keras.utils.layer_utils "
        "keras.utils.generic_utils keras.utils.test_utils keras.utils.conv_utils keras.utils keras.compat",
    ),
    "engine": (
        {"en": "Engine: layers and nodes", "zh": "引擎：层与节点"},
        "keras.engine.topology keras.engine.training keras.engine",
    ),
}
