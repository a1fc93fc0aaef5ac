"""What a check is, and what it finds."""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar

from articles.checks.manuscript import Manuscript


class Weight(IntEnum):
    """ESSENTIAL: no page can be made of the text. BLOCKING: no editor lets it out like this. ADVICE: look at it."""

    ESSENTIAL = 3
    BLOCKING = 2
    ADVICE = 1


@dataclass(frozen=True, slots=True)
class Place:
    """A field of the form; in the text also a block by its number, and in it the words `quote` or a `note`."""

    field: str
    block: int | None = None
    quote: str = ""
    note: int | None = None

    def __str__(self) -> str:
        """As it stands in an address: `section`, `body.3`, `body.3.n2`, `body.3.the words`."""
        parts = [self.field]
        if self.block is not None:
            parts.append(str(self.block))
            if self.note is not None:
                parts.append(f"n{self.note}")
            elif self.quote:
                parts.append(f"q{self.quote}")
        return ".".join(parts)


@dataclass(frozen=True, slots=True)
class Finding:
    """`sentence` says what is the matter. `picture` is the row to be mended, where it is not the text."""

    check: str
    weight: Weight
    sentence: str
    place: Place
    picture: int | None = None

    @property
    def blocking(self) -> bool:
        return self.weight > Weight.ADVICE


class Check(ABC):
    """One thing that is looked at before publication. The docstring of each says why it matters."""

    weight: ClassVar[Weight]
    # What only an article can lack: a dossier and a page have a title, and stand in no list of a section.
    of_articles: ClassVar[bool] = False

    @abstractmethod
    def look(self, manuscript: Manuscript) -> Iterator[Finding]:
        """What there is to be found in `manuscript`, in its order."""

    @classmethod
    def name(cls) -> str:
        return re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()

    def found(self, sentence: str, place: Place, *, picture: int | None = None) -> Finding:
        return Finding(self.name(), self.weight, sentence, place, picture)


def shortened(text: str, longest: int = 40) -> str:
    """The beginning of `text`, whole words, with an ellipsis where it goes on."""
    if len(text) <= longest:
        return text
    cut = text[:longest]
    return f"{cut.rsplit(' ', 1)[0] if ' ' in cut else cut}…"
