"""The newsroom's rooms for articles, the front page, pictures, recordings, sections, topics, authors and dossiers."""

from . import articles, dossiers, front, media, names, recordings

__all__ = ["articles", "dossiers", "front", "media", "names", "recordings"]
