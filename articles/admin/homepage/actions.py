"""Button presses in the front page editor. They change the layout in the browser; nothing is stored."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from articles.admin.homepage.arrangement import Arrangement, build_arrangement
from articles.homepage import arranging
from articles.homepage.layout import Layout
from articles.models import Article
from truthlytics.web.types import Content

UNAVAILABLE = gettext_lazy("This article is no longer on the site. Choose another.")
NOT_POSSIBLE = gettext_lazy("This action is not possible with the current layout.")


@dataclass(frozen=True, slots=True)
class ActionResult:
    """Layout and status message after a button press.

    `held` is the article selected for placing. `focus` names the button to focus: the key of the slot, or the UUID of
    the row's section, and the direction it moved in.
    """

    layout: Layout
    message: str | Promise = ""
    status: int = 200
    held: Article | None = None
    focus: str = ""
    arrangement: Arrangement | None = None


def run_action(data: Content, post: Mapping[str, str]) -> ActionResult:
    """Apply the button `data["do"]` to the layout. A refused action returns the layout unchanged, with the reason."""
    layout, (name, *arguments) = data["layout"], data["do"].split(" ")
    if name in {"find", "look", "release"}:
        return ActionResult(layout, held=None if name == "release" else _placeable(data["held"]))
    if name == "hold":
        held = _placeable(arguments[0] if arguments else "")
        message = _("“%(held)s” is selected. Choose a slot.") % {"held": held} if held else UNAVAILABLE
        return ActionResult(layout, message, 200 if held else 422, held)
    operation = data["do"]
    if name == "newest" and arguments:
        operation = f"newest {arguments[0]} {post.get(f'newest-{arguments[0]}', '')}"
    if name == "put" and len(arguments) > 1:
        article = arguments[1]
        if article not in layout.placed_articles() and not _placeable(article):
            return ActionResult(layout, UNAVAILABLE, 422)
    try:
        layout = arranging.apply(layout, operation)
    except ValueError:
        return ActionResult(layout, NOT_POSSIBLE, 422)
    arrangement = build_arrangement(layout)
    return ActionResult(
        arrangement.layout,
        _message(name, arguments, arrangement),
        focus=_focus(name, arguments, arrangement),
        arrangement=arrangement,
    )


def _placeable(article: object) -> Article | None:
    try:
        return Article.objects.placeable().defer("body").filter(uuid=uuid.UUID(str(article))).first()
    except ValueError:
        return None


def _message(name: str, arguments: list[str], arrangement: Arrangement) -> str:
    if name in {"more", "fewer"}:
        count = len(arrangement.secondary)
        return ngettext("There is %(count)s secondary story.", "There are %(count)s secondary stories.", count) % {
            "count": count
        }
    if name == "show-record":
        return _("Readers see the record of the month.")
    if name == "hide-record":
        return _("The record of the month is hidden.")
    if name in {"show", "hide", "rise", "sink"}:
        rows = enumerate(arrangement.rows, start=1)
        position, row = next((n, row) for n, row in rows if str(row.section.uuid) == arguments[0])
        values = {"section": row.section, "position": position, "count": len(arrangement.rows)}
        if not row.shown:
            return _("%(section)s is row %(position)s of %(count)s. It is hidden.") % values
        return _("%(section)s is row %(position)s of %(count)s.") % values
    slot = next((slot for slot in arrangement.slots if slot.key == arguments[0]), None)
    if slot is None:
        return _("Done.")
    return f"{slot.label}, {slot.how}: {slot.version.headline if slot.version else _('empty')}."


def _focus(name: str, arguments: list[str], arrangement: Arrangement) -> str:
    """Return the button to focus: the same one if it still exists, so that it can be pressed repeatedly."""
    if name in {"rise", "sink"}:
        index = [str(row.section.uuid) for row in arrangement.rows].index(arguments[0])
        at_end = {"rise": index == 0, "sink": index == len(arrangement.rows) - 1}
        opposite = "sink" if name == "rise" else "rise"
        return f"{arguments[0]} {opposite if at_end[name] else name}"
    if name == "put" and len(arguments) > 2:
        keys = [slot.key for slot in arrangement.slots]
        slot = next((slot for slot in arrangement.slots if slot.key == arguments[0]), None)
        if slot is None or arguments[2] not in keys:
            return ""
        up = keys.index(arguments[0]) < keys.index(arguments[2])
        return f"{slot.key} {'up' if (up and slot.up) or not slot.down else 'down'}"
    if name in {"show-record", "hide-record"}:
        return "record"
    if name in {"more", "fewer"}:
        return "more" if arrangement.can_add_secondary else "fewer"
    return f"{arguments[0]} more"
