"""Running the checks on a text, with what they need from the database: images and link targets."""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType
from urllib.parse import unquote, urljoin, urlsplit

from django.conf import settings
from django.core.files.storage import storages
from django.db.models import F
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone

from articles.checks import Finding, ImageDetails, LinkTarget, Manuscript, Severity, run_checks
from articles.models import Article, Author, Document, Dossier, Image, Page, Redirect, Section, Series, Topic
from articles.revisions.fields import EditableFields
from articles.services.legal_texts import contradictions
from articles.services.standard_pages import placeholders_in
from truthlytics.web.types import AnyRows

# Views of objects that are always public, and views of objects that may be drafts.
PUBLIC_VIEWS: dict[str, Callable[[], AnyRows]] = {
    "articles:section": Section.objects.all,
    "articles:topic": Topic.objects.all,
    "articles:author": Author.objects.all,
    "articles:series": Series.objects.all,
    "articles:document": lambda: Document.objects.annotate(slug=F("sha256")),
}
DRAFT_VIEWS: dict[str, type[Article | Dossier | Page]] = {
    "articles:article": Article,
    "articles:dossier": Dossier,
    "articles:page": Page,
}
NEWSROOM = "admin"


def findings_in(
    fields: EditableFields,
    *,
    address: str,
    minimum: Severity = Severity.ADVICE,
    known: Iterable[Image] = (),
    open_remarks: int = 0,
    corrected: Mapping[str, str] = MappingProxyType({}),
) -> list[Finding]:
    """Return what the checks of at least `minimum` severity find in `fields`, blocking findings first.

    `address` is the path of the text's URL. `known` are images that were fetched already, `open_remarks` the number of
    remarks that no one has resolved, `corrected` the terms that were replaced (see `Manuscript`). Needs two queries for
    other images, two per model with drafts that the text links to, one per other model, and one for redirects.
    """
    manuscript = Manuscript(fields)
    if minimum == Severity.ESSENTIAL:
        return run_checks(manuscript, minimum=minimum)
    uuids = {uuid for _, uuid in manuscript.figures} | ({fields["lead"]} if fields["lead"] else set())
    hrefs = {link.href for link in manuscript.links} if minimum == Severity.ADVICE else set()
    manuscript = Manuscript(
        fields,
        image_details(uuids, known),
        link_targets(hrefs, address),
        open_remarks,
        () if manuscript.is_article else _placeholders(fields),
        corrected,
        contradictions=() if manuscript.is_article else _contradictions(fields),
    )
    return run_checks(manuscript, minimum=minimum)


def _placeholders(fields: EditableFields) -> list[str]:
    text = {name: str(fields.get(name) or "") for name in ("slug", "purpose", "body")}
    return placeholders_in(**text)


def _contradictions(fields: EditableFields) -> list[str]:
    return contradictions(str(fields.get("body") or ""), purpose=str(fields.get("purpose") or ""))


# --- Images -----------------------------------------------------------------------------------------
def image_details(uuids: set[str], known: Iterable[Image] = ()) -> dict[str, ImageDetails]:
    images = [image for image in known if str(image.uuid) in uuids]
    if others := uuids - {str(image.uuid) for image in images}:
        images += Image.objects.filter(uuid__in=others).prefetch_related("renditions")
    return {
        str(image.uuid): ImageDetails(
            image.pk,
            str(image),
            image.alt,
            image.credit,
            _largest_size(image),
            image.can_be_shown,
            bool(image.rendition_error),
        )
        for image in images
    }


def _largest_size(image: Image) -> int:
    """Return the size in bytes of the widest JPEG, the largest file that a browser may fetch."""
    jpegs = [
        rendition
        for rendition in image.renditions.all()
        if rendition.format == rendition.Format.JPEG and rendition.original == image.sha256
    ]
    try:
        return _file_size(max(jpegs, key=lambda jpeg: jpeg.width).file.name) if jpegs else 0
    except Exception:  # noqa: BLE001 - a failing storage must not keep anyone from writing
        return 0


@lru_cache(maxsize=4096)
def _file_size(name: str) -> int:
    """Return the size of a rendition. Its name is its digest, so it never changes."""
    return int(storages["default"].size(name))


# --- Links ------------------------------------------------------------------------------------------
def link_targets(hrefs: Iterable[str], address: str) -> dict[str, LinkTarget]:
    """Return what the links to this site lead to, by href. Links to other sites are left out."""
    paths = {href: path for href in hrefs if (path := _local_path(href, address)) is not None}
    views = {path: _resolve(path) for path in paths.values()}

    def slugs(view: str) -> set[str]:
        return {slug for name, slug in views.values() if name == view}

    drafts = {view: _draft_targets(model, slugs(view)) for view, model in DRAFT_VIEWS.items()}
    existing = {view: _existing_slugs(rows, slugs(view)) for view, rows in PUBLIC_VIEWS.items()}
    targets: dict[str, LinkTarget] = {}
    for path, (view, slug) in views.items():
        if view in DRAFT_VIEWS:
            targets[path] = drafts[view].get(slug, LinkTarget.NOT_FOUND)
        elif view in PUBLIC_VIEWS:
            targets[path] = LinkTarget.PUBLIC if slug in existing[view] else LinkTarget.NOT_FOUND
        elif view == NEWSROOM:
            targets[path] = LinkTarget.NEWSROOM
        else:
            targets[path] = LinkTarget.PUBLIC if view else LinkTarget.NOT_FOUND
    redirected = _redirected({path for path, target in targets.items() if target == LinkTarget.NOT_FOUND})
    return {href: LinkTarget.REDIRECT if path in redirected else targets[path] for href, path in paths.items()}


def _local_path(href: str, address: str) -> str | None:
    """Return the path on this site that `href` leads to from `address`; None for other sites and fragments."""
    if href.startswith("#"):
        return None
    try:
        url, site = urlsplit(urljoin(f"{settings.SITE_URL}{address}", href)), urlsplit(settings.SITE_URL)
        local = url.scheme in {"http", "https"} and url.netloc.lower() == site.netloc.lower()
    except ValueError:
        return None
    # PostgreSQL rejects null characters.
    return unquote(url.path or "/").replace("\x00", "\ufffd") if local else None


def _resolve(path: str) -> tuple[str, str]:
    """Return the name of the view at `path`, with or without a trailing slash, and its slug; "" if there is none.

    The slug of a document is its digest.
    """
    if path.startswith(reverse("admin:index")):
        return NEWSROOM, ""
    for candidate in (path, f"{path}/"):
        try:
            match = resolve(candidate)
        except Resolver404:
            continue
        return match.view_name, str(match.kwargs.get("slug") or match.kwargs.get("sha256", ""))
    return "", ""


def _draft_targets(model: type[Article] | type[Page] | type[Dossier], slugs: set[str]) -> dict[str, LinkTarget]:
    if not slugs:
        return {}
    public = set(model.objects.published(timezone.now()).filter(slug__in=slugs).values_list("slug", flat=True))
    drafts = set(model.objects.filter(slug__in=slugs - public).values_list("slug", flat=True))
    return dict.fromkeys(drafts, LinkTarget.DRAFT) | dict.fromkeys(public, LinkTarget.PUBLIC)


def _existing_slugs(rows: Callable[[], AnyRows], slugs: set[str]) -> set[str]:
    return set(rows().filter(slug__in=slugs).values_list("slug", flat=True)) if slugs else set()


def _redirected(paths: set[str]) -> set[str]:
    """Return those of `paths` that redirect to something readers can see."""
    if not paths:
        return set()
    by_path = {Redirect.normalise(path): path for path in paths}
    redirects = Redirect.objects.to_public().filter(path__in=by_path, query="")
    return {by_path[path] for path in redirects.values_list("path", flat=True)}
