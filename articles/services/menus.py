"""Saving the menus: what was there before stays, and nobody writes over what they have not seen."""

from typing import Any

from django.db import IntegrityError, transaction

from articles.models import MenuEdition
from articles.presenters.menus import Content


class MenuConflict(Exception):
    """Somebody saved the menus in between; `edition` is theirs."""

    def __init__(self, edition: MenuEdition) -> None:
        super().__init__("The menus were saved in the meantime.")
        self.edition = edition


def save_menus(*, content: Content, seen: int, by: Any = None) -> MenuEdition:
    """Make `content` what readers see from now on. `seen` is the number of the edition that it began with (0: none).

    The same content again makes no new edition. Raises MenuConflict where there is a newer one with another content.
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
        # Two at once: the other was first.
        return save_menus(content=content, seen=seen, by=by)
