"""The newsroom's rooms for articles, pictures, sections, topics and authors."""

from . import articles, media, names

__all__ = ["articles", "media", "names"]
