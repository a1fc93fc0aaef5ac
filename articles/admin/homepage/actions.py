"""One press of a button at the front page: what it makes of the page in the browser, and what is said of it."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from articles.admin.homepage.arrangement import Arrangement, arrangement
from articles.homepage import arranging
from articles.homepage.layout import Layout
from articles.models import Article

GONE = "This piece is off the site meanwhile. Choose another."


@dataclass(frozen=True, slots=True)
class Handled:
    """`focus` is the key of the place (or the uuid of the row's section) that was moved, and the way it went."""

    layout: Layout
    said: str = ""
    status: int = 200
    held: Article | None = None
    focus: str = ""
    made: Arrangement | None = None


def handle(data: Mapping[str, Any], post: Mapping[str, str]) -> Handled:
    """What the form says after its button: nothing is stored. Refused, it stays as it was, with the reason."""
    layout, (name, *words) = data["layout"], data["do"].split(" ")
    if name in {"find", "look", "release"}:
        return Handled(layout, held=None if name == "release" else _placeable(data["held"]))
    if name == "hold":
        held = _placeable(words[0] if words else "")
        said = f"“{held}” is in your hand. Choose its place." if held else GONE
        return Handled(layout, said, 200 if held else 422, held)
    deed = data["do"]
    if name == "newest" and words:
        deed = f"newest {words[0]} {post.get(f'newest-{words[0]}', '')}"
    if name == "put" and len(words) > 1 and words[1] not in layout.named() and not _placeable(words[1]):
        return Handled(layout, GONE, 422)
    try:
        layout = arranging.do(layout, deed)
    except ValueError:
        return Handled(layout, "This cannot be done with the page as it stands.", 422)
    made = arrangement(layout)
    return Handled(made.layout, _said(name, words, made), focus=_focus(name, words, made), made=made)


def _placeable(article: Any) -> Article | None:
    try:
        return Article.objects.placeable().defer("body").filter(uuid=uuid.UUID(str(article))).first()
    except ValueError:
        return None


def _said(name: str, words: list[str], made: Arrangement) -> str:
    if name in {"more", "fewer"}:
        return f"The lead has {len(made.seconds)} pieces below it."
    if name in {"show", "hide", "rise", "sink"}:
        at, row = next((at, row) for at, row in enumerate(made.rows, start=1) if str(row.section.uuid) == words[0])
        state = "" if row.shown else " It is hidden."
        return f"{row.section} is row {at} of {len(made.rows)}.{state}"
    slot = next((slot for slot in made.slots if slot.key == words[0]), None)
    if slot is None:
        return "Done."
    return f"{slot.label}, {slot.how}: {slot.version.headline if slot.version else 'empty'}."


def _focus(name: str, words: list[str], made: Arrangement) -> str:
    """The button that is to have the focus: the same again where there is one, so that a key can be pressed twice."""
    if name in {"rise", "sink"}:
        at = [str(row.section.uuid) for row in made.rows].index(words[0])
        ends = {"rise": at == 0, "sink": at == len(made.rows) - 1}
        other = "sink" if name == "rise" else "rise"
        return f"{words[0]} {other if ends[name] else name}"
    if name == "put" and len(words) > 2:
        keys = [slot.key for slot in made.slots]
        slot = next((slot for slot in made.slots if slot.key == words[0]), None)
        if slot is None or words[2] not in keys:
            return ""
        up = keys.index(words[0]) < keys.index(words[2])
        return f"{slot.key} {'up' if (up and slot.up) or not slot.down else 'down'}"
    if name in {"more", "fewer"}:
        return "more" if made.may_have_more else "fewer"
    return f"{words[0]} more"
