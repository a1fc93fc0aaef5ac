"""The newsroom's rooms for articles, the front page, media, sections, topics, authors, dossiers and pages."""

from . import articles, dossiers, front, media, names, pages, recordings

__all__ = ["articles", "dossiers", "front", "media", "names", "pages", "recordings"]
