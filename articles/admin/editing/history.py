"""The history of an article or page: revisions and versions, compared and restored."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_safe

from articles.admin.base import BaseAdmin
from articles.admin.editing.access import get_changeable_item
from articles.admin.formatting import display_name
from articles.models import Correction, Revision, Version
from articles.models.base_version import BaseVersion
from articles.models.publishable import reader_number
from articles.revisions.fields import Comparison
from articles.services import revisions
from articles.services.item_types import Item
from articles.services.revisions import ArticleOrPage
from truthlytics.audit.log import AuditEntry
from truthlytics.web.ids import parse_id
from truthlytics.web.text import split_words, strip_control_characters
from truthlytics.web.users import user_of

REVISIONS_PER_PAGE = 100
MAX_ACTIVITY = 50
LARGEST_INTEGER = 2**31 - 1


@dataclass(frozen=True)
class HistoryEntry:
    """A line of the history. `key` is "s12" for the revision with id 12, "v3" for version number 3.

    `change` is the kind of change that readers see, if the editor was asked for one.
    """

    key: str
    title: str
    at: datetime
    by: str
    name: str = ""
    note: str = ""
    version: bool = False
    superseded: bool = False
    set_aside: bool = False
    change: Correction | None = None


@require_safe
def history_page(request: HttpRequest, pk: int, admin: BaseAdmin) -> HttpResponse:
    """List revisions and versions, newest first, and compare two of them."""
    item = admin.get_object(request, str(pk))
    if not admin.has_view_or_change_permission(request, item):
        raise Http404(f"There is no such {admin.opts.verbose_name}.")
    entries = history_entries(item, parse_id(request.GET.get("older")))
    old, new = _chosen(request, entries)
    more = sum(not entry.version for entry in entries) >= REVISIONS_PER_PAGE
    context = admin.view_context(
        request,
        title=pgettext("newsroom", "History"),
        original=item,
        entries=entries,
        old=old,
        new=new,
        comparison=comparison(item, old, new),
        older=entries[-1].key[1:] if more else None,
        may_change=admin.has_change_permission(request, item),
        activity=AuditEntry.objects.about(item)[:MAX_ACTIVITY],
    )
    return TemplateResponse(request, "admin/articles/article/history.html", context)


def history_entries(item: Any, older: int | None = None) -> list[HistoryEntry]:
    """Return the newest revisions, or those before the revision with id `older`, and the versions of that time."""
    stored = item.revisions.select_related("created_by").defer("content").order_by("-pk")
    if older is not None:
        stored = stored.filter(pk__lt=older)
    entries = [_revision_entry(revision) for revision in stored[:REVISIONS_PER_PAGE]]
    columns: tuple[str, ...] = split_words(
        "number created_at note superseded_at content_digest created_by__display_name"
    )
    versions = item.versions.select_related("created_by")
    if item.versions.model is Version:
        columns += ("correction__kind", "correction__superseded_by__kind")
        versions = versions.select_related("correction__superseded_by")
    versions = versions.only(*columns, item.versions.field.name)
    until = entries[0].at if older is not None and entries else None
    since = entries[-1].at if len(entries) == REVISIONS_PER_PAGE else None
    for version in versions:
        if (until is None or version.created_at <= until) and (since is None or version.created_at >= since):
            entries.append(_version_entry(item, version))

    # Versions have no microseconds. Within a second, the revision was first, then versions by number.
    def order(entry: HistoryEntry) -> tuple[Any, ...]:
        return entry.at.replace(microsecond=0), entry.version, entry.at, int(entry.key[1:])

    return sorted(entries, key=order, reverse=True)


def _revision_entry(revision: Revision) -> HistoryEntry:
    by = display_name(revision.created_by) if revision.created_by else _("Before the first save")
    key, title = f"s{revision.pk}", _title(None, revision)
    return HistoryEntry(key, title, revision.created_at, by, revision.name, set_aside=revision.set_aside)


def _version_entry(item: Item, version: BaseVersion) -> HistoryEntry:
    superseded = version.superseded_at is not None
    return HistoryEntry(
        f"v{version.number}", _title(item, version), version.created_at, display_name(version.created_by),
        note=version.note, version=True, superseded=superseded, change=getattr(version, "correction", None),
    )  # fmt: skip


def _title(item: Any, stored: Any) -> str:
    if not isinstance(stored, Revision):
        return (
            _("Scheduled version")
            if stored.superseded_at
            else _("Version %(reader_number)s") % {"reader_number": reader_number(item.versions, stored.number)}
        )
    return _("Set aside") if stored.set_aside else _("Revision %(number)s") % {"number": stored.number}


def _chosen(request: HttpRequest, entries: list[HistoryEntry]) -> tuple[HistoryEntry | None, HistoryEntry | None]:
    """Return the two entries to compare: those in the query, or the newest and the one before it."""
    by_key = {entry.key: entry for entry in entries}
    regular = [entry for entry in entries if not entry.set_aside]
    new = by_key.get(request.GET.get("to", "")) or next(iter(regular or entries), None)
    before = [entry for entry in regular if new is not None and entry.at <= new.at and entry.key != new.key]
    old = by_key.get(request.GET.get("from", "")) or next(iter(before), None)
    return old, new


def get_stored(item: Any, key: str) -> Any:
    """Return the revision or version with this key. Raises Http404 if there is none or its content was redacted."""
    number = parse_id(key[1:])
    stored: Any = None
    if key[:1] == "s" and number is not None:
        stored = item.revisions.filter(pk=number).first()
    elif key[:1] == "v" and number is not None:
        columns = ("number", "content", "created_at", "created_by", "note", "superseded_at")
        stored = item.versions.filter(number=min(number, LARGEST_INTEGER)).only(*columns).first()
    if stored is None or stored.content is None:
        raise Http404("There is no such revision.")
    return stored


def comparison(item: Item, old: HistoryEntry | None, new: HistoryEntry | None) -> Comparison | None:
    if old is None or new is None:
        return None
    try:
        before, after = get_stored(item, old.key), get_stored(item, new.key)
    except Http404:
        return None
    return revisions.compare_in_library(revisions.fields_of(before), revisions.fields_of(after))


@require_http_methods(["GET", "HEAD", "POST"])
def revision_page(request: HttpRequest, pk: int, key: str, admin: BaseAdmin) -> HttpResponse:
    """Show one revision or version; name the revision, or restore either to the draft."""
    item = get_changeable_item(admin, request, pk)
    stored = get_stored(item, key)
    naming = "name" in request.POST and isinstance(stored, Revision)
    if request.method == "POST":
        message = _rename(stored, request.POST["name"]) if naming else _restore(admin, request, item, stored)
        admin.message_user(request, message, messages.SUCCESS)
        view = "history" if "name" in request.POST else "change"
        return redirect(f"admin:articles_{admin.opts.model_name}_{view}", item.pk)
    entry = _revision_entry(stored) if isinstance(stored, Revision) else _version_entry(item, stored)
    context = admin.view_context(
        request,
        title=entry.title,
        original=item,
        entry=entry,
        comparison=revisions.compare_in_library(revisions.current_fields(item), revisions.fields_of(stored)),
    )
    return TemplateResponse(request, "admin/articles/article/revision.html", context)


def _rename(revision: Revision, name: str) -> str:
    revision.name = " ".join(strip_control_characters(name).split())[:80]
    revision.save(update_fields=["name"])
    return (
        _("Named “%(name)s”. It will not be deleted.") % {"name": revision.name}
        if revision.name
        else _("Name removed.")
    )


def _restore(admin: BaseAdmin, request: HttpRequest, item: ArticleOrPage, stored: Revision | BaseVersion) -> str:
    fields = revisions.fields_of(stored)
    fields.pop("slug", None)  # a changed URL takes effect at once, so it is only changed in the editor
    revisions.write(item=item, fields=fields, by=user_of(request))
    title = _title(item, stored)
    admin.log_change(request, item, _("%(title)s restored to the draft.") % {"title": title})
    return _("%(title)s restored to the draft. The previous draft is in the history.") % {"title": title}
