"""The notebooks of the guides have the guides' text and code, and no outputs.

They are run by `python3 tasks.py docs --notebooks`, not here: a kernel of its own would take the time of
the guides' tests again, and needs packages that nothing else needs.
"""

import pytest
from guide_notebooks import GUIDES, notebook_of, path_of, written


@pytest.mark.parametrize("guide", GUIDES)
def test_notebook_is_that_of_the_guide(guide):
    assert path_of(guide).read_text("utf-8") == written(notebook_of(guide)), (
        "the guide has changed: python tests/guide_notebooks.py"
    )
