"""Unsaved words: one private slot a person and text, and who else has it open.

`written` is an article or a page.
"""

from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.http import QueryDict
from django.utils import timezone

from articles.models import Topic
from articles.models.revisions import AnyAutosave, AnySave
from articles.services import revisions
from truthlytics.web.text import without_controls

LARGEST = 2 * 1024 * 1024


class AutosaveConflict(Exception):
    """Another page of the same person has other words in the slot; `slot` is what they are."""

    def __init__(self, slot: AnyAutosave) -> None:
        super().__init__("Another page of yours has unsaved words here.")
        self.slot = slot


def words_of(form: QueryDict) -> str:
    """The fields of the desk's form as one string, without tokens, buttons and what no database keeps."""
    kept = QueryDict(mutable=True)
    for name, values in form.lists():
        if name != "csrfmiddlewaretoken" and not name.startswith("_"):
            kept.setlist(without_controls(name), [without_controls(value) for value in values])
    return kept.urlencode()


def fields_of(slot: AnyAutosave) -> QueryDict:
    """The form's fields as they were typed; of a topic that was merged since, the one that it became."""
    fields = QueryDict(slot.words, mutable=True)
    if chosen := fields.getlist("topics"):
        fields.setlist("topics", Topic.objects.survivors(chosen))
    return fields


def begin(*, kind: Any, key: UUID, person: Any, headline: str) -> Any:
    """The row in which the words of a new article (or page: `kind` is the model) are kept, made at its first autosave:
    one for a `key`, whoever asks twice.

    Raises the kind's DoesNotExist where the key is somebody else's.
    """
    defaults = {"created_by": person, "headline": _line(kind, headline), "slug": kind.begun_slug(key)}
    written, made = kind.objects.get_or_create(uuid=key, defaults=defaults)
    if not made and written.created_by_id != person.pk:
        raise kind.DoesNotExist(f"The key {key} is another person's.")
    return written


def _line(kind: Any, headline: str) -> str:
    longest = kind._meta.get_field("headline").max_length
    return " ".join(without_controls(headline).split())[:longest]


def autosave(
    *,
    written: Any,
    person: Any,
    words: str,
    edition: int,
    tab: str,
    sequence: int | None = None,
    take: bool = False,
    restored: tuple[str, int] | None = None,
) -> AnyAutosave:
    """Keep `words` in the person's slot; the newest `sequence` of a page wins, however late an older one arrives.

    Raises AutosaveConflict where another page of theirs has other words there; with `take` those are put aside, never written over.
    Raises the kind's DoesNotExist where somebody has deleted it meanwhile.
    `restored` names the tab and sequence of words that this page brought back, and goes on with.
    """
    try:
        with transaction.atomic():
            slot = written.autosaves.select_for_update().filter(person=person).first()
            if slot is None:
                slot = written.autosaves.model(**{written.autosaves.model.of: written, "person": person})
            elif slot.tab != tab and slot.words != words and (slot.tab, slot.sequence) != restored:
                if not take:
                    raise AutosaveConflict(slot)
                set_aside(slot=slot)
            elif slot.tab == tab and sequence is not None and sequence <= slot.sequence:
                return slot  # type: ignore[no-any-return]
            slot.words, slot.edition, slot.tab = words, edition, tab
            slot.sequence = slot.sequence + 1 if sequence is None else sequence
            slot.saved_at = timezone.now()
            slot.save()
            if written.begun_only:
                # Nobody saved it yet; the lists know it by what it is called so far.
                headline = _line(type(written), fields_of(slot).get("headline", ""))
                type(written).objects.filter(pk=written.pk).update(headline=headline)
            kept: AnyAutosave = slot
            return kept
    except IntegrityError:
        if not type(written).objects.filter(pk=written.pk).exists():
            raise type(written).DoesNotExist("It was deleted in the meantime.") from None
        # Two first autosaves at once: now there is a slot to go into.
        return autosave(
            written=written, person=person, words=words, edition=edition, tab=tab, sequence=sequence, take=take,
            restored=restored,
        )  # fmt: skip


def set_aside(*, slot: AnyAutosave) -> AnySave:
    """The slot's words into the history, as a text that nobody saved."""
    text = revisions.text_of_form(slot.written, fields_of(slot))
    return revisions.put_aside(written=slot.written, text=text, by=slot.person, edition=slot.edition)


def clear(*, written: Any, person: Any, tab: str) -> None:
    """What this page held is saved. Words of another page stay."""
    written.autosaves.filter(person=person, tab=tab).delete()


def here(*, written: Any, person: Any) -> list[str]:
    """Say that `person` has `written` open; returns the names of the others who do."""
    now = timezone.now()
    written.presences.update_or_create(person=person, defaults={"seen_at": now})
    others = written.presences.here(now).exclude(person=person).select_related("person")
    return [str(getattr(other.person, "display_name", "")) or str(other.person) for other in others.order_by("pk")]
