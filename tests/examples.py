"""Examples of code in the documentation."""

import re
import textwrap

from truthlytics.env import BASE_DIR


def blocks(page, start):
    """Return the blocks of code of a page of docs that begin with `start`."""
    text = (BASE_DIR / "docs" / page).read_text(encoding="utf-8")
    found = re.findall(r"(?:^    .*\n(?:\n(?=    ))?)+", text, re.MULTILINE)
    return [block for block in map(textwrap.dedent, found) if block.startswith(start)]
