from .article import article
from .lists import author, front, latest, section, topic
from .media import media

__all__ = ["article", "author", "front", "latest", "media", "section", "topic"]
