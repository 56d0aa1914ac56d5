"""Builds the site of the documentation, in English and in Chinese, with Sphinx.

    python3 tasks.py docs         into ./out/site; any warning, such as a broken link, is an error

The pages are the Markdown files of the repository, which stay readable there; nothing is written twice. Each
language is a site of its own, with its own search: English at the root, Chinese in `zh`. A page without a
Chinese text is there in English. `pages.py` has the table of contents, `reference.py` writes the pages of the
API, `docstrings.py` prepares their texts, `conf.py` has Sphinx's settings.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import unquote

from pages import CHINESE_TITLES, CONTENTS, HOME, LANGUAGES, REPOSITORY
from reference import reference_pages

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
OUT = ROOT / "out" / "site"
_NOT_TEXT = re.compile(r"^[ \t]*```.*?^[ \t]*```[ \t]*$|`[^`\n]*`", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?<=\]\()([^()\s]+)(?=\))")


def main() -> int:
    """Builds both sites; returns the status of the first build that failed, or 0."""
    shutil.rmtree(OUT, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        for language in LANGUAGES:
            sources, out = Path(folder, language), OUT / LANGUAGES[language]
            write_sources(language, sources)
            sphinx = [sys.executable, "-m", "sphinx", "--fail-on-warning", "--keep-going", "-q"]
            status = subprocess.call(
                [*sphinx, "-c", str(HERE), "-d", str(sources / ".made"), str(sources), str(out)],
                env={**os.environ, "SITE_LANGUAGE": language},
            )
            if status:
                return status
    (OUT / ".nojekyll").touch()  # GitHub Pages would drop the folders that begin with "_"
    print(f"the site: {OUT / 'index.html'}")
    return 0


def write_sources(language: str, folder: Path) -> None:
    """Writes all that Sphinx reads for one language into a folder."""
    pages = pages_in(language)
    for source, page in pages.items():
        target = folder / page
        target.parent.mkdir(parents=True, exist_ok=True)
        text = with_links(source, language, pages)
        if language != "en" and not source.endswith(f".{language}.md"):
            text = re.sub(r"\A(# .*\n)", r"\1\n（本页只有英文。）\n", text)
        if page == "index.md":
            text += contents(language, pages)
        if inner := _inside(source):
            text += "\n\n" + _toctree([Path(each).name for each in inner])
        target.write_text(text, "utf-8")
    shutil.copytree(ROOT / "docs" / "images", folder / "images")
    for name, text in reference_pages(language).items():
        (folder / "api").mkdir(exist_ok=True)
        (folder / "api" / name).write_text(text, "utf-8")


def pages_in(language: str) -> dict[str, str]:
    """Returns {path in the repository: path in the site} of the pages in one language.

    Both languages have the same paths in their sites, so a page has the address of its translation.
    """
    found = {}
    listed = [name for _, names in CONTENTS for name in names if not name.startswith("api/")]
    for name in listed + [inner for each in listed for inner in _inside(each)]:
        translated = name.replace(".md", f".{language}.md")
        page = name.removeprefix("docs/")
        page = "index.md" if name == HOME else page if "/" in page else page.lower()
        found[translated if (ROOT / translated).exists() else name] = page.replace("README.md", "index.md")
    return found


def contents(language: str, pages: dict[str, str]) -> str:
    """Returns the hidden tables of contents that Sphinx draws beside every page."""
    number = list(LANGUAGES).index(language)
    paths = {re.sub(r"\.\w\w\.md$", ".md", source): page for source, page in pages.items()}
    blocks = []
    for titles, names in CONTENTS:
        entries = [paths.get(name, name) for name in names if name != HOME]
        if language == "zh":
            named = {paths.get(name): title for name, title in CHINESE_TITLES.items() if name in pages}
            entries = [f"{named[entry]} <{entry}>" if entry in named else entry for entry in entries]
        blocks.append(_toctree(entries, titles[number]))
    return "\n\n" + "\n".join(blocks)


def _toctree(entries: list[str], caption: str = "") -> str:
    return "\n".join(
        ["```{toctree}", ":hidden:", f":caption: {caption}" * bool(caption), "", *entries, "```", ""]
    )


def _inside(name: str) -> list[str]:
    """Returns the other pages in the folder of a README, which its page in the site has below it."""
    path = Path(name)
    if path.name != "README.md" or not name.startswith("docs/"):
        return []
    return sorted(f"{path.parent.as_posix()}/{each.name}" for each in (ROOT / path.parent).glob("[!R]*.md"))


def with_links(source: str, language: str, pages: dict[str, str]) -> str:
    """Returns the text of a page with its links as the site needs them.

    Raises:
        FileNotFoundError: a link leads to no file of the repository.
    """
    text = (ROOT / source).read_text("utf-8")
    parts, end = [], 0
    for match in _NOT_TEXT.finditer(text):
        parts += [_relinked(text[end : match.start()], source, language, pages), match[0]]
        end = match.end()
    return "".join([*parts, _relinked(text[end:], source, language, pages)])


def _relinked(text: str, source: str, language: str, pages: dict[str, str]) -> str:
    return _LINK.sub(lambda match: _link(match[1], source, language, pages), text)


def _link(link: str, source: str, language: str, pages: dict[str, str]) -> str:
    path, _, anchor = link.partition("#")
    if not path or ":" in path:
        return link
    target = Path(os.path.normpath(ROOT / Path(source).parent / unquote(path)))
    if not target.exists():
        raise FileNotFoundError(f"{source}: the link {link} leads to no file.")
    name, here, mark = target.relative_to(ROOT).as_posix(), pages[source], f"#{anchor}" if anchor else ""
    if name in pages:
        return os.path.relpath(pages[name], Path(here).parent).replace(os.sep, "/") + mark
    for other in LANGUAGES:  # a page that only another language's site has
        page = pages_in(other).get(name)
        if page is not None:
            up = "../" * (here.count("/") + (LANGUAGES[language] != ""))
            return (
                f"{'part' if anchor else 'site'}:{up}{LANGUAGES[other]}{page.replace('.md', '.html')}{mark}"
            )
    if target.suffix in (".png", ".svg"):
        return os.path.relpath(name.removeprefix("docs/"), Path(here).parent).replace(os.sep, "/")
    return f"{REPOSITORY}/{'tree' if target.is_dir() else 'blob'}/main/{name}{mark}"


if __name__ == "__main__":
    sys.exit(main())
