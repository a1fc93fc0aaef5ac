"""Expiry: the time from which an article, dossier or page is no longer on the site."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from articles.services.item_types import Item
from articles.services.publishing import lock, set_withdrawn


class ExpiryError(Exception):
    """The item cannot expire at that time. The message is a sentence for its editor."""


class ExpiryConflict(Exception):
    """Another user changed the expiry in the meantime. The message explains this."""


@transaction.atomic
def schedule_expiry(*, item: Item, at: datetime, note: str = "", seen: datetime | None = None) -> None:
    """Withdraw `item` at `at` (UTC, in the future); its URL then shows `note`. No job has to run. Refreshes `item`.

    `seen` is the expiry that the editor knew of. Raises ExpiryConflict, and ExpiryError for an item that is not
    public then or has a version scheduled for later.
    """
    locked, now = lock(item), timezone.now()
    if locked.withdrawn_at != seen:
        raise ExpiryConflict(_("The removal was changed in the meantime. Check it before you save yours."))
    if at <= now:
        raise ExpiryError(_("This time is in the past."))
    last = locked.last_public_from()
    if last is None or locked.state(now) == "withdrawn":
        raise ExpiryError(_("This is not on the site, so it cannot be removed."))
    if last >= at:
        raise ExpiryError(
            _("A version is scheduled for later than that. Choose a later removal, or unschedule it first.")
        )
    set_withdrawn(item, locked, at, note)


@transaction.atomic
def cancel_expiry(*, item: Item) -> bool:
    """Cancel an expiry that lies ahead. Return whether there was one; a withdrawn item stays withdrawn."""
    locked = lock(item)
    if locked.withdrawn_at is None or locked.withdrawn_at <= timezone.now():
        return False
    set_withdrawn(item, locked, None, "")
    return True


@transaction.atomic
def change_note(*, item: Item, note: str) -> None:
    """Change the note at the URL of an item that is withdrawn or will expire."""
    locked = lock(item)
    if locked.withdrawn_at is not None:
        set_withdrawn(item, locked, locked.withdrawn_at, note)
