"""Autosave: each user's unsaved changes to an article or page, and who else has it open."""

from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from articles.models import Autosave, Revision, Topic
from articles.services import revisions
from articles.services.revisions import ArticleOrPage
from truthlytics.web.ids import parse_id
from truthlytics.web.text import strip_control_characters
from truthlytics.web.users import User

MAX_SIZE = 2 * 1024 * 1024
MAX_BYLINES = 50


class AutosaveConflict(Exception):
    """Another tab of the same user has other unsaved changes; `autosave` holds them."""

    def __init__(self, autosave: Autosave) -> None:
        super().__init__(_("You have other unsaved changes in another tab."))
        self.autosave = autosave


def serialise(form: QueryDict) -> str:
    """Return the editor's form fields as one string, without tokens, buttons and control characters."""
    fields = QueryDict(mutable=True)
    for name, values in form.lists():
        if name != "csrfmiddlewaretoken" and not name.startswith("_"):
            fields.setlist(strip_control_characters(name), [strip_control_characters(value) for value in values])
    return fields.urlencode()


def form_of(autosave: Autosave) -> QueryDict:
    """Return the form fields. Topics merged since are replaced by those they were merged into."""
    form = QueryDict(autosave.form_data, mutable=True)
    if chosen := form.getlist("topics"):
        form.setlist("topics", Topic.objects.survivors(chosen))
    return form


def author_ids(form: QueryDict) -> list[int]:
    """Return the authors in the byline rows of the form, in the order of the rows."""
    rows = (form.get(f"bylines-{number}-author", "") for number in range(MAX_BYLINES))
    return [pk for row in rows if (pk := parse_id(row)) is not None]


def only_text(item: ArticleOrPage) -> Autosave | None:
    """Return the newest autosave of an item that was never saved, which is all there is of it; else None.

    Everyone who can open the item may read it.
    """
    if not item.is_placeholder:
        return None
    return item.autosaves.select_related("user").order_by("-saved_at", "-pk").first()


def create_item(*, model: Any, key: UUID, user: User, headline: str) -> Any:
    """Create the row of a new article or page at its first autosave. One per `key`, however often this is called.

    Raises the model's DoesNotExist if the key belongs to another user.
    """
    defaults = {"created_by": user, "headline": _headline(model, headline), "slug": model.placeholder_slug(key)}
    item, created = model.objects.get_or_create(uuid=key, defaults=defaults)
    if not created and item.created_by_id != user.pk:
        raise model.DoesNotExist(f"The key {key} belongs to another user.")
    return item


def _headline(model: Any, headline: str) -> str:
    max_length = model._meta.get_field("headline").max_length
    return " ".join(strip_control_characters(headline).split())[:max_length]


def store(
    *,
    item: ArticleOrPage,
    user: User,
    form_data: str,
    based_on: int,
    tab: str,
    sequence: int | None = None,
    take: bool = False,
    restored: tuple[str, int] | None = None,
) -> Autosave:
    """Store the user's unsaved changes. The newest `sequence` of a tab wins, in any order of requests.

    `based_on` is the number of the revision the changes started from. `restored` is the tab and sequence of an
    autosave that this tab has restored and continues. Raises AutosaveConflict if another tab has other changes; with
    `take` those are set aside in the history instead. Raises the model's DoesNotExist if the item was deleted.
    """
    try:
        with transaction.atomic():
            stored = item.autosaves.select_for_update().filter(user=user).first()
            if stored is None:
                stored = Autosave(**{str(item._meta.model_name): item}, user=user)
            elif stored.tab != tab and stored.form_data != form_data and (stored.tab, stored.sequence) != restored:
                if not take:
                    raise AutosaveConflict(stored)
                set_aside(stored)
            elif stored.tab == tab and sequence is not None and sequence <= stored.sequence:
                return stored
            stored.form_data, stored.based_on, stored.tab = form_data, based_on, tab
            stored.sequence = stored.sequence + 1 if sequence is None else sequence
            stored.saved_at = timezone.now()
            stored.save()
            if item.is_placeholder:
                # Lists show an item that was never saved by its current headline.
                headline = _headline(type(item), form_of(stored).get("headline", ""))
                type(item).objects.filter(pk=item.pk).update(headline=headline)
            return stored
    except IntegrityError:
        if not type(item).objects.filter(pk=item.pk).exists():
            raise type(item).DoesNotExist(_("It was deleted in the meantime.")) from None
        # Two first autosaves at once: now there is a row to update.
        return store(
            item=item, user=user, form_data=form_data, based_on=based_on, tab=tab, sequence=sequence, take=take,
            restored=restored,
        )  # fmt: skip


def set_aside(stored: Autosave) -> Revision:
    """Keep the unsaved changes in the history, as a revision that was set aside."""
    fields = revisions.fields_from_form(stored.item, form_of(stored))
    return revisions.set_aside(item=stored.item, fields=fields, by=stored.user, number=stored.based_on)


def clear(*, item: ArticleOrPage, user: User, tab: str) -> None:
    """Delete the unsaved changes of this tab, because they were saved. Those of another tab stay."""
    item.autosaves.filter(user=user, tab=tab).delete()


def record_presence(*, item: ArticleOrPage, user: User) -> list[str]:
    """Record that `user` has `item` open. Return the names of the other users who have."""
    now = timezone.now()
    item.presences.update_or_create(user=user, defaults={"seen_at": now})
    others = item.presences.active(now).exclude(user=user).select_related("user")
    return [str(getattr(other.user, "display_name", "")) or str(other.user) for other in others.order_by("pk")]
