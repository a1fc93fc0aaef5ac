"""Every save and every version of an article (or page) in one place; any two compared, any of them taken back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods, require_safe

from articles.admin.formatting import display_name
from articles.models import PageVersion, Version
from articles.models.revisions import AnySave
from articles.revisions.fields import Comparison, compare
from articles.services import revisions
from truthlytics.audit.log import AuditEntry
from truthlytics.web.ids import parse_id
from truthlytics.web.text import strip_control_characters

ON_A_PAGE = 100
DEEDS = 50


@dataclass(frozen=True)
class Entry:
    """A line of the history: `key` is "s12" for a save, "v3" for a version."""

    key: str
    title: str
    at: datetime
    by: str
    name: str = ""
    note: str = ""
    version: bool = False
    aside: bool = False
    readable: bool = True


@require_safe
def page(request: HttpRequest, pk: int, admin: Any) -> HttpResponse:
    """Saves and versions, newest first, and the way from one to another."""
    article = admin.get_object(request, str(pk))
    if not admin.has_view_or_change_permission(request, article):
        raise Http404(f"There is no such {admin.opts.verbose_name}.")
    older = parse_id(request.GET.get("older"))
    found = entries(article, older)
    old, new = _asked(request, found)
    context = admin.admin_site.each_context(request) | {
        "title": "History",
        "opts": admin.opts,
        "original": article,
        "entries": found,
        "old": old,
        "new": new,
        "comparison": comparison(article, old, new),
        "older": found[-1].key[1:] if sum(not entry.version for entry in found) >= ON_A_PAGE else None,
        "may_change": admin.has_change_permission(request, article),
        "deeds": AuditEntry.objects.about(article)[:DEEDS],
    }
    return TemplateResponse(request, "admin/articles/article/history.html", context)


def entries(article: Any, older: int | None = None) -> list[Entry]:
    """The newest saves, or those before the save `older`, among the versions of that time."""
    saves = article.saves.select_related("made_by").defer("content").order_by("-pk")
    if older is not None:
        saves = saves.filter(pk__lt=older)
    lines = [_of_save(save) for save in saves[:ON_A_PAGE]]
    named = ("number", "made_at", "note", "superseded_at", "content_digest", "made_by__display_name")
    versions = article.versions.select_related("made_by").only(*named, article.versions.field.name)
    until = lines[0].at if older is not None and lines else None
    since = lines[-1].at if len(lines) == ON_A_PAGE else None
    for version in versions:
        if (until is None or version.made_at <= until) and (since is None or version.made_at >= since):
            lines.append(_of_version(version))

    # A version says its second only: of two at one moment the save came first, and of two versions the lower number.
    def when(line: Entry) -> tuple[Any, ...]:
        return line.at.replace(microsecond=0), line.version, line.at, int(line.key[1:])

    return sorted(lines, key=when, reverse=True)


def _of_save(save: AnySave) -> Entry:
    title = "Put aside" if save.aside else f"Save {save.edition}"
    by = display_name(save.made_by) if save.made_by else "As it was found"
    return Entry(f"s{save.pk}", title, save.made_at, by, save.name, aside=save.aside)


def _of_version(version: Version | PageVersion) -> Entry:
    note = version.note or ("It never appeared." if version.superseded_at else "")
    title = f"Version {version.number}"
    return Entry(f"v{version.number}", title, version.made_at, display_name(version.made_by), note=note, version=True)


def _asked(request: HttpRequest, found: list[Entry]) -> tuple[Entry | None, Entry | None]:
    """The two that were chosen; else the newest and what it came after."""
    by_key = {entry.key: entry for entry in found}
    plain = [entry for entry in found if not entry.aside]
    new = by_key.get(request.GET.get("to", "")) or next(iter(plain or found), None)
    before = [entry for entry in plain if new is not None and entry.at <= new.at and entry.key != new.key]
    old = by_key.get(request.GET.get("from", "")) or next(iter(before), None)
    return old, new


def kept(article: Any, key: str) -> AnySave | Version | PageVersion:
    """The save or version with this key. 404 where there is none, or where its content was taken out by law."""
    number = parse_id(key[1:])
    found: AnySave | Version | PageVersion | None = None
    if key[:1] == "s" and number is not None:
        found = article.saves.filter(pk=number).first()
    elif key[:1] == "v" and number is not None:
        columns = ("number", "content", "made_at", "made_by", "note", "superseded_at")
        found = article.versions.filter(number=min(number, 2**31 - 1)).only(*columns).first()
    if found is None or found.content is None:
        raise Http404("There is no such text.")
    return found


def comparison(article: Any, old: Entry | None, new: Entry | None) -> Comparison | None:
    if old is None or new is None:
        return None
    try:
        return compare(revisions.text_of(kept(article, old.key)), revisions.text_of(kept(article, new.key)))
    except Http404:
        return None


@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, pk: int, key: str, admin: Any) -> HttpResponse:
    """One text of the history, to be named (a save) or taken back into the draft."""
    article = admin.get_object(request, str(pk))
    if not admin.has_change_permission(request, article):
        raise Http404(f"There is no such {admin.opts.verbose_name}.")
    found = kept(article, key)
    if request.method == "POST":
        if "name" in request.POST and isinstance(found, AnySave):
            found.name = " ".join(strip_control_characters(request.POST["name"]).split())[:80]
            found.save(update_fields=["name"])
            said = f"It is called “{found.name}” and is never pruned." if found.name else "It has no name any more."
        else:
            said = _take_back(admin, request, article, found)
        admin.message_user(request, said, messages.SUCCESS)
        back = "history" if "name" in request.POST else "change"
        return redirect(f"admin:articles_{admin.opts.model_name}_{back}", article.pk)
    entry = _of_save(found) if isinstance(found, AnySave) else _of_version(found)
    context = admin.admin_site.each_context(request) | {
        "title": entry.title,
        "opts": admin.opts,
        "original": article,
        "entry": entry,
        "comparison": compare(revisions.text_now(article), revisions.text_of(found)),
    }
    return TemplateResponse(request, "admin/articles/article/revision.html", context)


def _take_back(admin: Any, request: HttpRequest, article: Any, found: AnySave | Version | PageVersion) -> str:
    text = revisions.text_of(found)
    text.pop("slug", None)  # an address takes effect at once: it is changed on the desk
    revisions.put(written=article, text=text, by=request.user)
    name = f"Version {found.number}" if isinstance(found, Version | PageVersion) else f"Save {found.edition}"
    admin.log_change(request, article, f"{name} taken back into the draft.")
    return f"{name} is the draft again. What stood there before is in the history."
