"""The newsroom's rooms for all that articles are made of."""

from . import articles, documents, dossiers, front, media, menus, names, pages, recordings

__all__ = ["articles", "documents", "dossiers", "front", "media", "menus", "names", "pages", "recordings"]
