"""Unsaved words: one private slot a person and article, and who else has the article open."""

from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.http import QueryDict
from django.utils import timezone

from articles.models import Article, Autosave, Presence, Save
from truthlytics.web.text import without_controls

from . import drafts

LARGEST = 2 * 1024 * 1024


class Held(Exception):
    """Another page of the same person has other words in the slot; `slot` is what they are."""

    def __init__(self, slot: Autosave) -> None:
        super().__init__("Another page of yours has unsaved words here.")
        self.slot = slot


def words_of(form: QueryDict) -> str:
    """The fields of the desk's form as one string, without tokens, buttons and what no database keeps."""
    kept = QueryDict(mutable=True)
    for name, values in form.lists():
        if name != "csrfmiddlewaretoken" and not name.startswith("_"):
            kept.setlist(without_controls(name), [without_controls(value) for value in values])
    return kept.urlencode()


def fields_of(slot: Autosave) -> QueryDict:
    return QueryDict(slot.words)


def begin(*, key: UUID, person: Any, headline: str) -> Article:
    """The row in which a new article's words are kept, made at its first autosave: one for a `key`, whoever asks twice.

    Raises Article.DoesNotExist where the key is somebody else's.
    """
    defaults = {"created_by": person, "headline": _line(headline), "slug": Article.begun_slug(key)}
    article, made = Article.objects.get_or_create(uuid=key, defaults=defaults)
    if not made and article.created_by_id != person.pk:
        raise Article.DoesNotExist(f"The key {key} is another person's.")
    return article


def _line(headline: str) -> str:
    return " ".join(without_controls(headline).split())[:200]


def autosave(
    *,
    article: Article,
    person: Any,
    words: str,
    edition: int,
    tab: str,
    sequence: int | None = None,
    take: bool = False,
    restored: tuple[str, int] | None = None,
) -> Autosave:
    """Keep `words` in the person's slot; the newest `sequence` of a page wins, however late an older one arrives.

    Raises Held where another page of theirs has other words there; with `take` those are put aside, never written over.
    `restored` names the tab and sequence of words that this page brought back, and goes on with.
    """
    try:
        with transaction.atomic():
            slot = Autosave.objects.select_for_update().filter(article=article, person=person).first()
            if slot is None:
                slot = Autosave(article=article, person=person)
            elif slot.tab != tab and slot.words != words and (slot.tab, slot.sequence) != restored:
                if not take:
                    raise Held(slot)
                set_aside(slot=slot)
            elif slot.tab == tab and sequence is not None and sequence <= slot.sequence:
                return slot
            slot.words, slot.edition, slot.tab = words, edition, tab
            slot.sequence = slot.sequence + 1 if sequence is None else sequence
            slot.saved_at = timezone.now()
            slot.save()
            if article.begun_only:
                # Nobody saved it yet; the lists know it by what it is called so far.
                headline = _line(fields_of(slot).get("headline", ""))
                Article.objects.filter(pk=article.pk).update(headline=headline)
            return slot
    except IntegrityError:
        # Two first autosaves at once: now there is a slot to go into.
        return autosave(
            article=article, person=person, words=words, edition=edition, tab=tab, sequence=sequence, take=take,
            restored=restored,
        )  # fmt: skip


def set_aside(*, slot: Autosave) -> Save:
    """The slot's words into the history, as a text that nobody saved."""
    text = drafts.text_of_form(slot.article, fields_of(slot))
    return drafts.put_aside(article=slot.article, text=text, by=slot.person, edition=slot.edition)


def clear(*, article: Article, person: Any, tab: str) -> None:
    """What this page held is saved. Words of another page stay."""
    Autosave.objects.filter(article=article, person=person, tab=tab).delete()


def here(*, article: Article, person: Any) -> list[str]:
    """Say that `person` has `article` open; returns the names of the others who do."""
    now = timezone.now()
    Presence.objects.update_or_create(article=article, person=person, defaults={"seen_at": now})
    others = Presence.objects.here(now).filter(article=article).exclude(person=person).select_related("person")
    return [str(getattr(other.person, "display_name", "")) or str(other.person) for other in others.order_by("pk")]
