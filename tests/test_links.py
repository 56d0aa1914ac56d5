"""Every relative link in a Markdown file leads to a file, and every anchor to a heading."""

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("docs", "benchmarks", "examples", "tests", "src", ".github")
PAGES = sorted([*ROOT.glob("*.md"), *(page for name in FOLDERS for page in (ROOT / name).rglob("*.md"))])

_FENCED = re.compile(r"^[ \t]*```.*?^[ \t]*```[ \t]*$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`\n]*`")
_LINK = re.compile(r"\]\(([^()\s]+)\)")
_HEADING = re.compile(r"^#{1,6} +(.*?) *$", re.MULTILINE)


def anchors(page: Path) -> set[str]:
    """Returns the anchors that GitHub gives to the headings of a page."""
    found: set[str] = set()
    for heading in _HEADING.findall(_FENCED.sub("", page.read_text("utf-8"))):
        text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        slug = re.sub(r"[^\w\- ]", "", text).replace(" ", "-")
        count = 1
        while (name := slug if count == 1 else f"{slug}-{count - 1}") in found:
            count += 1
        found.add(name)
    return found


def broken_links(page: Path) -> list[str]:
    """Returns the relative links of a page that lead nowhere."""
    text = _CODE.sub("", _FENCED.sub("", page.read_text("utf-8")))
    broken = []
    for link in _LINK.findall(text):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = unquote(link).partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
            broken.append(link)
    return broken


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_relative_links_and_anchors_exist(page):
    assert broken_links(page) == []


def test_a_missing_file_and_a_missing_heading_are_found(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# One `two`, three\n\n[a](gone.md) [b](#four) [c](#one-two-three) [d](https://x.org)\n")
    assert broken_links(page) == ["gone.md", "#four"]


def test_links_in_code_are_not_read(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# One\n\n`[a](gone.md)`\n\n```\n[a](gone.md)\n```\n")
    assert broken_links(page) == []
