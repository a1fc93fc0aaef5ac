"""What the checks find in a text: the one place that decides what can be published."""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from django.conf import settings
from django.core.files.storage import storages
from django.db.models import F, QuerySet
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone

from articles.checks import Finding, Leads, Manuscript, Shown, Weight, look_at
from articles.models import Article, Author, Document, Dossier, Image, Page, Redirect, Section, Series, Topic
from articles.revisions.fields import Typed

LISTS: dict[str, Callable[[], QuerySet[Any]]] = {
    "articles:section": Section.objects.all,
    "articles:topic": Topic.objects.all,
    "articles:author": Author.objects.all,
    "articles:series": Series.objects.all,
    "articles:document": lambda: Document.objects.annotate(slug=F("sha256")),
}
# What may be a draft.
WRITTEN: dict[str, Any] = {"articles:article": Article, "articles:dossier": Dossier, "articles:page": Page}
# Readers' accounts, carts and the like answer; what only staff may open does not.
NEWSROOM = "admin"


def findings_in(
    text: Typed, *, address: str, least: Weight = Weight.ADVICE, known: Iterable[Image] = ()
) -> list[Finding]:
    """What there is to be found in `text`, which stands or will stand at `address`; what blocks comes first.

    Two queries for pictures that are not `known`, two for each kind of text and one for each kind of list that it links
    to, one for old addresses; none where it names none.
    """
    bare = Manuscript(text)
    if least == Weight.ESSENTIAL:
        return look_at(bare, least=least)
    named = {uuid for _, uuid in bare.figures} | ({text["lead"]} if text["lead"] else set())
    hrefs = {link.href for link in bare.links} if least == Weight.ADVICE else set()
    return look_at(Manuscript(text, pictures_of(named, known), leads_of(hrefs, address)), least=least)


def hindering(text: Typed, *, address: str) -> list[str]:
    """What hinders publication of `text`, as sentences; empty where nothing does."""
    return [finding.sentence for finding in findings_in(text, address=address, least=Weight.BLOCKING)]


# --- pictures ---------------------------------------------------------------------------------------
def pictures_of(uuids: set[str], known: Iterable[Image] = ()) -> dict[str, Shown]:
    images = [image for image in known if str(image.uuid) in uuids]
    if others := uuids - {str(image.uuid) for image in images}:
        images += Image.objects.filter(uuid__in=others).prefetch_related("renditions")
    return {str(image.uuid): Shown(image.pk, str(image), image.alt, image.credit, _weight(image)) for image in images}


def _weight(image: Image) -> int:
    """The bytes of the widest JPEG, the largest file that a browser may ask for."""
    jpegs = [one for one in image.renditions.all() if one.format == one.Format.JPEG and one.original == image.sha256]
    try:
        return _size(max(jpegs, key=lambda one: one.width).file.name) if jpegs else 0
    except Exception:  # noqa: BLE001 - whatever the store says: nobody is kept from writing by it
        return 0


@lru_cache(maxsize=4096)
def _size(name: str) -> int:
    """Of a file that is named by what is in it, and so never changes: the store is asked once a process."""
    return int(storages["default"].size(name))


# --- links ------------------------------------------------------------------------------------------
def leads_of(hrefs: Iterable[str], address: str) -> dict[str, Leads]:
    """Where those of `hrefs` lead that are our own; others are not in the answer."""
    paths = {href: path for href in hrefs if (path := _our_path(href, address)) is not None}
    names = {path: _named(path) for path in paths.values()}

    def slugs(name: str) -> set[str]:
        return {slug for one, slug in names.values() if one == name}

    written = {name: _written(kind, slugs(name)) for name, kind in WRITTEN.items()}
    there = {name: _there(rows, slugs(name)) for name, rows in LISTS.items()}
    found: dict[str, Leads] = {}
    for path, (name, slug) in names.items():
        if name in WRITTEN:
            found[path] = written[name].get(slug, Leads.NOWHERE)
        elif name in LISTS:
            found[path] = Leads.THERE if slug in there[name] else Leads.NOWHERE
        else:
            found[path] = Leads.NEWSROOM if name == NEWSROOM else Leads.THERE if name else Leads.NOWHERE
    old = _old({path for path, where in found.items() if where == Leads.NOWHERE})
    return {href: Leads.ON if path in old else found[path] for href, path in paths.items()}


def _our_path(href: str, address: str) -> str | None:
    """The path that a reader of `address` would ask this site for; None for other sites and for places in a page."""
    if href.startswith("#"):
        return None
    try:
        whole = urlsplit(urljoin(f"{settings.SITE_URL}{address}", href))
        ours = whole.scheme in {"http", "https"} and whole.netloc.lower() == urlsplit(settings.SITE_URL).netloc.lower()
    except ValueError:
        return None
    # No row has an address with a null character, and a database may choke on it.
    return unquote(whole.path or "/").replace("\x00", "\ufffd") if ours else None


def _named(path: str) -> tuple[str, str]:
    """The view that answers `path`, and its slug (of a document the digest); "" where none does. Without its last slash
    one is led on to it.
    """
    if path.startswith(reverse("admin:index")):
        return NEWSROOM, ""
    for one in (path, f"{path}/"):
        try:
            match = resolve(one)
        except Resolver404:
            continue
        return match.view_name, str(match.kwargs.get("slug") or match.kwargs.get("sha256", ""))
    return "", ""


def _written(kind: Any, slugs: set[str]) -> dict[str, Leads]:
    if not slugs:
        return {}
    public = set(kind.objects.published(timezone.now()).filter(slug__in=slugs).values_list("slug", flat=True))
    known = set(kind.objects.filter(slug__in=slugs - public).values_list("slug", flat=True))
    return dict.fromkeys(known, Leads.DRAFT) | dict.fromkeys(public, Leads.THERE)


def _there(rows: Callable[[], QuerySet[Any]], slugs: set[str]) -> set[str]:
    return set(rows().filter(slug__in=slugs).values_list("slug", flat=True)) if slugs else set()


def _old(paths: set[str]) -> set[str]:
    """Those of `paths` that lead on to where the article is now."""
    if not paths:
        return set()
    normal = {Redirect.normal(path): path for path in paths}
    leading = Redirect.objects.leading_on().filter(path__in=normal)
    return {normal[path] for path in leading.values_list("path", flat=True)}
