"""The base class of checks, and their findings."""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar

from articles.checks.manuscript import Manuscript


class Severity(IntEnum):
    """ESSENTIAL: the text cannot be published at all. BLOCKING: it must be fixed first. ADVICE: a suggestion.

    Only ESSENTIAL checks apply to imported articles that were public elsewhere.
    """

    ESSENTIAL = 3
    BLOCKING = 2
    ADVICE = 1


@dataclass(frozen=True, slots=True)
class Location:
    """A form field. In the body also a block number, and in the block a `quote` or the number of a `note`."""

    field: str
    block: int | None = None
    quote: str = ""
    note: int | None = None

    def __str__(self) -> str:
        """Return the form used in URLs: `section`, `body.3`, `body.3.n2` or `body.3.qthe quoted words`."""
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
    """`image` is the primary key of the image to edit, if the problem is not in the text.

    `failed`: the check itself failed, so that what it would have found is not known.
    """

    check: str
    severity: Severity
    message: str
    location: Location
    image: int | None = None
    failed: bool = False

    @property
    def blocking(self) -> bool:
        return self.severity > Severity.ADVICE and not self.failed

    @property
    def left_open(self) -> bool:
        """Whether a person has to say that the text is published without this check, which failed."""
        return self.severity > Severity.ADVICE and self.failed


class Check(ABC):
    """A check before publication. Subclasses explain in their docstring why it matters to readers."""

    severity: ClassVar[Severity]
    # True for checks that do not apply to dossiers and pages.
    articles_only: ClassVar[bool] = False

    @abstractmethod
    def run(self, manuscript: Manuscript) -> Iterator[Finding]:
        """Yield the findings in `manuscript` in the order of the text."""

    @classmethod
    def name(cls) -> str:
        return re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()

    def finding(self, message: str, location: Location, *, image: int | None = None) -> Finding:
        return Finding(self.name(), self.severity, message, location, image)


def truncate(text: str, max_length: int = 40) -> str:
    """Shorten `text` to whole words, with an ellipsis."""
    if len(text) <= max_length:
        return text
    start = text[:max_length]
    return f"{start.rsplit(' ', 1)[0] if ' ' in start else start}…"
