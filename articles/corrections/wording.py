"""The words of a version that readers see."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from articles.models.articles import EXTRA_LINES
from articles.revisions.blocks import blocks, picture_block
from truthlytics.web.types import Content


@dataclass(frozen=True, slots=True)
class Wording:
    """Images count with their captions and credits; links, alt texts, sizes, section and access do not count."""

    headline: str
    standfirst: str
    names: tuple[str, ...]
    lines: tuple[str, ...]

    @property
    def passages(self) -> tuple[str, ...]:
        """The standfirst and the lines of the text."""
        return (self.standfirst, *self.lines) if self.standfirst else self.lines


def wording(content: Content | str) -> Wording:
    """Return the words in the content of an article's version, as a dict or as the stored JSON."""
    if isinstance(content, str):
        content = json.loads(content)
    assert not isinstance(content, str)  # noqa: S101 (for the type checker)
    pictures, lead = content.get("pictures", {}), content.get("lead")
    lines = [line.text for line in blocks(content["body"], pictures) if line.tag != "hr"]
    if lead and (details := pictures.get(lead["uuid"])):
        lines.insert(0, picture_block(details, lead["caption"]).text)
    lines += [content[name] for name in EXTRA_LINES if name in content]
    lines += content.get("how_we_know", {}).values()
    return Wording(
        headline=content["headline"],
        standfirst=" ".join(content["standfirst"].split()),
        names=tuple(byline["name"] for byline in content["bylines"]),
        lines=tuple(lines),
    )


def words_differ(old: Mapping[str, object] | str | None, new: Mapping[str, object] | str) -> bool:
    """Return whether readers see other words in `new`. Nothing is known of redacted content (None)."""
    return old is None or (old != new and wording(old) != wording(new))
