"""Saving the draft of the front page, and publishing editions of it."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from articles.homepage.layout import Layout
from articles.models import HomepageDraft, HomepageEdition
from truthlytics.web.users import User


class EditionConflict(Exception):
    """Another user was faster, and nothing was done. The message says what they did."""


class DraftConflict(EditionConflict):
    """Another user saved the draft in the meantime; `draft` is theirs."""

    def __init__(self, draft: HomepageDraft) -> None:
        user = draft.saved_by or _("Another user")
        super().__init__(_("%(user)s saved another draft in the meantime.") % {"user": user})
        self.draft = draft


@transaction.atomic
def save_draft(*, layout: Layout, seen: int, by: User | None = None) -> HomepageDraft:
    """Save `layout` as the draft. `seen` is the version that the user started from.

    Raises DraftConflict if there is a newer version with a different layout.
    """
    draft = HomepageDraft.locked()
    content = layout.dumps()
    if draft.content == content:
        return draft
    if draft.version != seen:
        raise DraftConflict(draft)
    draft.content, draft.version = content, draft.version + 1
    draft.saved_at, draft.saved_by = timezone.now(), by
    draft.save()
    return draft


@transaction.atomic
def publish_draft(
    *, seen: int, last: int, by: User | None = None, at: datetime | None = None, note: str = ""
) -> HomepageEdition:
    """Publish the draft as an edition, served from `at` (UTC; None: now) until a later one is due.

    `seen` is the draft's version, and `last` the number of the newest edition, that the user saw. Raises DraftConflict
    or EditionConflict if there are newer ones.
    """
    draft = HomepageDraft.locked()
    if draft.version != seen:
        raise DraftConflict(draft)
    number = last_number()
    if number != last:
        raise EditionConflict(
            _("Edition %(number)s was published in the meantime. Check it before you publish another.")
            % {"number": number}
        )
    now = timezone.now()
    return HomepageEdition.objects.create(
        number=number + 1,
        public_from=at or now,
        created_at=now,
        created_by=by,
        note=" ".join(note.split())[:200],
        content=draft.content,
    )


def last_number() -> int:
    """Return the number of the newest edition, or 0."""
    return HomepageEdition.objects.order_by("-number").values_list("number", flat=True).first() or 0


@transaction.atomic
def unschedule_edition(*, edition: HomepageEdition) -> bool:
    """Unschedule `edition`. It stays in the list and never appears. False if it was not scheduled any more."""
    scheduled = HomepageEdition.objects.scheduled().filter(pk=edition.pk).select_for_update().first()
    if scheduled is None:
        return False
    scheduled.superseded_at = timezone.now()
    scheduled.save(update_fields=["superseded_at"])
    return True
