"""The site has every page of docs/ and every public name. `python3 tasks.py docs` builds it, with Sphinx."""

import importlib
import inspect
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LANGUAGES = ("en", "zh")


@pytest.fixture(scope="module")
def site():
    """The modules of docs/site, which import each other by their plain names."""
    sys.path.insert(0, str(ROOT / "docs" / "site"))
    yield {name: importlib.import_module(name) for name in ("pages", "reference", "build")}
    sys.path.remove(str(ROOT / "docs" / "site"))
    for name in ("pages", "reference", "build"):  # plain names, which others may use
        del sys.modules[name]


def test_every_page_of_docs_is_in_one_site(site):
    pages = {name for language in LANGUAGES for name in site["build"].pages_in(language)}
    written = {path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.md")}
    assert written - pages == set()


def test_both_sites_have_the_same_pages_under_the_same_names(site):
    english, chinese = (site["build"].pages_in(language) for language in LANGUAGES)
    assert sorted(english.values()) == sorted(chinese.values())
    translated = {name for name in chinese if name.endswith(".zh.md")}
    assert translated == {path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.zh.md")}


@pytest.mark.parametrize(
    "link, page, made",
    [
        ("differences.md#files", "docs/guide.md", "differences.md#files"),
        ("../README.md", "docs/guide.md", "index.md"),
        ("../adding_an_op.md", "docs/decisions/0001-lists-and-keys-in-the-graph.md", "../adding_an_op.md"),
        ("guide.zh.md", "docs/guide.md", "site:zh/guide.html"),
        ("docs/images/answers.png", "README.md", "images/answers.png"),
        ("https://example.org/a.md", "docs/guide.md", "https://example.org/a.md"),
    ],
)
def test_links_lead_to_pages_of_the_site(site, link, page, made):
    build = site["build"]
    assert build._link(link, page, "en", build.pages_in("en")) == made


def test_other_files_are_linked_in_the_repository(site):
    build, repository = site["build"], site["pages"].REPOSITORY
    made = build._link("../tests/test_readme.py", "docs/guide.md", "en", build.pages_in("en"))
    assert made == f"{repository}/blob/main/tests/test_readme.py"
    with pytest.raises(FileNotFoundError, match="gone"):
        build._link("gone.md", "docs/guide.md", "en", build.pages_in("en"))


def test_links_of_a_page_without_translation_to_parts_of_one_go_to_the_other_language(site):
    build = site["build"]
    made = build._link("guide.md#mixed-precision", "docs/differences.md", "zh", build.pages_in("zh"))
    assert made == "part:../guide.html#mixed-precision"


def test_the_reference_has_every_public_name_with_a_docstring(site):
    """That it has every name of Keras 1.2.2 is checked where it is written."""
    reference = site["reference"]
    pages = reference.reference_pages("en")
    assert ".. autoclass:: keras.layers.Dense\n" in pages["layers.md"]
    names = [name for _, modules in site["pages"].REFERENCE.values() for name in modules.split()]
    bare = [
        f"{name}.{key}"
        for name in names
        for key, value in reference.public(importlib.import_module(name))
        if not inspect.getdoc(value)
    ]
    assert bare == []
