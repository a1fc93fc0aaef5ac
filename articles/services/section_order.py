"""The order of the sections in the masthead, and of the automatic rows of the front page."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from articles.models import Section


class OrderConflict(Exception):
    """Another user added, deleted or moved a section in the meantime. The message explains this."""


@transaction.atomic
def order_sections(*, order: Sequence[int], seen: Sequence[int]) -> None:
    """Put the sections in `order` (primary keys). `seen` is the order that the user started from.

    Raises OrderConflict if the order or the set of sections has changed.
    """
    locked = {section.pk: section for section in Section.objects.select_for_update().order_by("pk")}
    current = sorted(locked, key=lambda pk: (locked[pk].position, pk))
    if current != list(seen) or sorted(order) != sorted(current):
        raise OrderConflict(_("Another user changed the sections in the meantime. This is the current order."))
    for position, pk in enumerate(order):
        if locked[pk].position != position:
            locked[pk].position = position
            locked[pk].save(update_fields=["position"])
