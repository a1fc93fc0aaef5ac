"""The order of the sections: in the masthead, and of the rows of the front page while nobody arranged them."""

from collections.abc import Sequence

from django.db import transaction

from articles.models import Section


class OrderConflict(Exception):
    """Somebody made, removed or moved a section in the meantime; the message says so."""


@transaction.atomic
def order_sections(*, order: Sequence[int], seen: Sequence[int]) -> None:
    """Let the sections stand in `order` (their keys). `seen` is the order that the editor began with.

    Raises OrderConflict where another stands by now, or where `order` is not of the same sections.
    """
    locked = {section.pk: section for section in Section.objects.select_for_update().order_by("pk")}
    now = sorted(locked, key=lambda pk: (locked[pk].position, pk))
    if now != list(seen) or sorted(order) != sorted(now):
        raise OrderConflict("Somebody changed the sections in the meantime. Below is how they stand now.")
    for position, pk in enumerate(order):
        if locked[pk].position != position:
            locked[pk].position = position
            locked[pk].save(update_fields=["position"])
