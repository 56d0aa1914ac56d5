"""Configs as JSON and YAML text, the forms in which `to_json`, `to_yaml` and model files hold them.

A config is plain data: None, bools, numbers, strings, and lists and dicts of them. Reading creates nothing
else, whatever the text asks for, and refuses text that would cost far more than its size.

PyYAML is imported when it is first needed.
"""

from .json_text import dump_json as dump_json
from .json_text import load_json as load_json
from .yaml_text import dump_yaml as dump_yaml
from .yaml_text import load_yaml as load_yaml
