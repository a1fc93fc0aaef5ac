"""The newsroom's rooms for articles, the front page, pictures, sections, topics, authors and dossiers."""

from . import articles, dossiers, front, media, names

__all__ = ["articles", "dossiers", "front", "media", "names"]
