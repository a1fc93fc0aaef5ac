"""Content of the demo: one file per article, the publication and the comments."""

import tomllib
from functools import cache
from pathlib import Path

from truthlytics.web.types import JsonObject

HERE = Path(__file__).parent


def read(name: str) -> JsonObject:
    return tomllib.loads((HERE / name).read_text(encoding="utf-8"))


@cache
def demo_note() -> str:
    """Return the footer note that says which content is fictional."""
    return str(read("publication.toml")["footer_note"])
