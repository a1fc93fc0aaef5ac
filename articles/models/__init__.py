from .sections import Section, Topic

__all__ = ["Section", "Topic"]
