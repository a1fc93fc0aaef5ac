"""The newsroom's rooms for articles, pictures, sections, topics authors and dossiers."""

from . import articles, dossiers, media, names

__all__ = ["articles", "dossiers", "media", "names"]
