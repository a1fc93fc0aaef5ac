"""The front page's draft and its editions."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from articles.homepage.layout import Layout
from articles.models import HomepageDraft, HomepageEdition


class EditionConflict(Exception):
    """Somebody else was first; nothing was done. The sentence says who did what."""


class DraftConflict(EditionConflict):
    """`draft` is how it stands now."""

    def __init__(self, draft: HomepageDraft) -> None:
        super().__init__(f"{draft.saved_by or 'Somebody'} saved another draft in the meantime.")
        self.draft = draft


@transaction.atomic
def save_draft(*, layout: Layout, seen: int, by: Any = None) -> HomepageDraft:
    """Make `layout` the draft, where version `seen` still stands.

    Raises DraftConflict otherwise, unless what stands says the same; so nobody writes over what they have not seen.
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
    *, seen: int, last: int, by: Any = None, at: datetime | None = None, note: str = ""
) -> HomepageEdition:
    """Make an edition of the draft, served from `at` (UTC; None: at once) until one with a later time is due.

    Raises DraftConflict where the draft is not version `seen` any more, and EditionConflict where `last` is not the number of
    the last edition: of two who publish at once the second is told.
    """
    draft = HomepageDraft.locked()
    if draft.version != seen:
        raise DraftConflict(draft)
    number = last_number()
    if number != last:
        raise EditionConflict(f"Edition {number} was made in the meantime. Look again before you publish another.")
    now = timezone.now()
    return HomepageEdition.objects.create(
        number=number + 1, public_from=at or now, created_at=now, created_by=by, note=" ".join(note.split())[:200],
        content=draft.content,
    )  # fmt: skip


def last_number() -> int:
    """The number of the last edition made, 0 where there is none."""
    return HomepageEdition.objects.order_by("-number").values_list("number", flat=True).first() or 0


@transaction.atomic
def unschedule_edition(*, edition: HomepageEdition) -> bool:
    """Let a waiting `edition` never appear; it stays in the list. True where this call did it, before its time."""
    waiting = HomepageEdition.objects.scheduled().filter(pk=edition.pk).select_for_update().first()
    if waiting is None:
        return False
    waiting.superseded_at = timezone.now()
    waiting.save(update_fields=["superseded_at"])
    return True
