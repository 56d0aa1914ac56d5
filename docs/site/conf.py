"""Sphinx's settings for one language of the site, which `build.py` names in SITE_LANGUAGE."""

import os
import re
import sys
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.locale import get_translation
from sphinx.search import SearchLanguage

sys.path.insert(0, str(Path(__file__).resolve().parent))
from docstrings import as_rst, left_out, signature_of
from pages import REPOSITORY

_LANGUAGE = os.environ.get("SITE_LANGUAGE", "en")

project = "keras-classic"
author = "the keras-classic authors"
project_copyright = author
language = {"en": "en", "zh": "zh_CN"}[_LANGUAGE]
html_title = "keras-classic"
html_theme = "furo"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
templates_path = ["templates"]
html_static_path = ["static"]
html_css_files = ["site.css"]
html_search_language = _LANGUAGE
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "source_repository": REPOSITORY,
    "footer_icons": [],
    "top_of_page_buttons": [],
}
html_sidebars = {
    "**": [
        "sidebar/brand.html",
        "language.html",
        "sidebar/search.html",
        "sidebar/scroll-start.html",
        "sidebar/navigation.html",
        "sidebar/scroll-end.html",
    ]
}

myst_heading_anchors = 4
# Links between the sites of the languages, which `build.py` writes; Sphinx would look for them in one site.
myst_url_schemes = {
    **dict.fromkeys(["http", "https", "mailto"]),
    "site": {"url": "{{path}}"},
    "part": {"url": "{{path}}#{{fragment}}"},
}
default_role = "code"  # docstrings write `x` for code
add_module_names = False
toc_object_entries_show_parents = "hide"
python_maximum_signature_line_length = 90
python_use_unqualified_type_names = True
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_inherit_docstrings = False
autodoc_member_order = "bysource"
napoleon_numpy_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True  # attributes may also be properties


class _Chinese(SearchLanguage):
    """Search in Chinese by single characters and pairs, so neither side needs a dictionary of words."""

    lang = "zh"
    language_name = "Chinese"
    js_splitter_code = """
function splitQuery(query) {
  const words = [];
  for (const part of query.match(/[\\u4e00-\\u9fff]+|[\\p{L}\\p{N}_]+/gu) || []) {
    for (const run of part.match(/[\\u4e00-\\u9fff]+|[^\\u4e00-\\u9fff]+/g)) {
      if (!/[\\u4e00-\\u9fff]/.test(run) || run.length < 3) words.push(run);
      else for (let i = 0; i + 1 < run.length; i++) words.push(run.slice(i, i + 2));
    }
  }
  return words;
}
"""

    def split(self, input: str) -> list[str]:
        found = []
        for run in re.findall(r"[\u4e00-\u9fff]+|[^\W\u4e00-\u9fff]+", input):
            found.append(run)
            if "\u4e00" <= run[0] <= "\u9fff":
                found += [*run, *(run[i : i + 2] for i in range(len(run) - 1))]
        return found

    def stem(self, word: str) -> str:
        return word.lower()


#: What furo does not translate.
_WORDS = {
    "On this page": "本页内容",
    "Back to top": "回到顶部",
    "Skip to content": "跳到正文",
    "Toggle Light / Dark / Auto color theme": "切换浅色、深色或自动",
    "Toggle site navigation sidebar": "打开或关闭目录",
    "Toggle table of contents sidebar": "打开或关闭本页内容",
}


def _in_chinese(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    usual = context.get("_", get_translation("sphinx"))
    context["_"] = lambda text: _WORDS.get(text) or usual(text)


def setup(app: Sphinx) -> None:
    """Adds the search in Chinese, and the docstrings and signatures as Sphinx reads them."""
    app.add_search_language(_Chinese)
    if _LANGUAGE == "zh":
        app.connect("html-page-context", _in_chinese)
    app.connect("autodoc-process-docstring", as_rst, priority=100)
    app.connect("autodoc-process-signature", signature_of)
    app.connect("autodoc-skip-member", left_out)
