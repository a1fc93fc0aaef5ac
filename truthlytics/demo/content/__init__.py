"""The demo's words: one file a piece, the publication, and the conversation."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def read(name: str) -> dict[str, Any]:
    return tomllib.loads((HERE / name).read_text(encoding="utf-8"))


@cache
def demo_note() -> str:
    """The sentence in the footer that says what is invented."""
    return str(read("publication.toml")["footer_note"])
