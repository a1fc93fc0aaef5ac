"""Saving the menus as a new edition."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from articles.models import MenuEdition
from truthlytics.web.types import Content
from truthlytics.web.users import User


class MenuConflict(Exception):
    """Another user saved the menus in the meantime; `edition` is theirs."""

    def __init__(self, edition: MenuEdition) -> None:
        super().__init__(_("The menus were saved in the meantime."))
        self.edition = edition


def save_menus(*, content: Content, seen: int, by: User | None = None) -> MenuEdition:
    """Publish `content` as the menus. `seen` is the number of the edition that the user started from (0: none).

    The same content creates no new edition. Raises MenuConflict if there is a newer edition with other content.
    """
    newest = MenuEdition.objects.newest()
    if newest is not None and newest.content == content:
        return newest
    if newest is not None and newest.number != seen:
        raise MenuConflict(newest)
    try:
        with transaction.atomic():
            return MenuEdition.objects.create(
                number=(newest.number if newest else 0) + 1, content=content, created_by=by
            )
    except IntegrityError:
        # A concurrent save was first.
        return save_menus(content=content, seen=seen, by=by)
