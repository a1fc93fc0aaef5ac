"""The publication's files for browsers: logo, icons, theme, web manifest, link preview and security.txt.

Their URLs contain a digest of what they show, so caches may keep them. A URL with an old digest answers 404.
"""

from datetime import UTC, datetime, time, timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from truthlytics.publication.colours import schemes
from truthlytics.publication.current import get_publication
from truthlytics.publication.design import style_sheet
from truthlytics.publication.files import FOLDER, originals
from truthlytics.publication.images import draw_card, draw_icon
from truthlytics.publication.models import ICON_SIZES
from truthlytics.web.pages import public_page

CONTENT_TYPES = {"svg": "image/svg+xml", "png": "image/png", "jpg": "image/jpeg"}
YEAR = 365 * 24 * 3600
# RFC 9116 asks for less than a year.
SECURITY_TXT_VALID = timedelta(days=180)


def _image(content: bytes, extension: str) -> HttpResponse:
    response = HttpResponse(content, content_type=CONTENT_TYPES[extension])
    # An SVG that is opened as a page of its own can neither load nor run anything.
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'none'; sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@public_page(max_age=YEAR)
@require_safe
def publication_file(request: HttpRequest, name: str) -> HttpResponse:
    try:
        with originals().open(f"{FOLDER}/{name}") as file:
            content = file.read()
    except FileNotFoundError as error:
        raise Http404("File not found.") from error
    return _image(content, name.rpartition(".")[2])


@public_page(max_age=YEAR)
@require_safe
def icon(request: HttpRequest, digest: str, size: int) -> HttpResponse:
    publication = get_publication()
    if digest != publication.icon_digest or size not in ICON_SIZES:
        raise Http404("There is no such icon.")
    return _image(_icon(size), "png")


@public_page(max_age=24 * 3600)
@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Return the icon for browsers that ask without reading a page."""
    return _image(_icon(ICON_SIZES[0]), "png")


def _icon(size: int) -> bytes:
    publication = get_publication()
    files = [publication.favicon, publication.logo]
    return draw_icon(size, name=publication.name, accent=publication.accents[0], files=files)


@public_page(max_age=YEAR)
@require_safe
def card(request: HttpRequest, digest: str) -> HttpResponse:
    publication = get_publication()
    if digest != publication.card_digest:
        raise Http404("There is no such image.")
    return _image(draw_card(name=publication.name, tagline=publication.tagline, accent=publication.accents[0]), "png")


@public_page(max_age=YEAR)
@require_safe
def theme(request: HttpRequest, digest: str) -> HttpResponse:
    design = get_publication().look
    if digest != design.digest:
        raise Http404("There is no such stylesheet.")
    return HttpResponse(style_sheet(design), content_type="text/css; charset=utf-8")


@public_page()
@require_safe
def web_manifest(request: HttpRequest) -> JsonResponse:
    publication = get_publication()
    icons = [
        {"src": publication.icons[str(size)], "sizes": f"{size}x{size}", "type": "image/png"}
        for size in ICON_SIZES
        if size >= 192
    ]
    return JsonResponse(
        {
            "name": publication.name,
            "short_name": publication.name,
            "description": publication.summary,
            "start_url": "/",
            "display": "minimal-ui",
            "background_color": schemes(publication.look.paper)[0]["page"],
            "theme_color": publication.accents[0],
            "icons": icons,
        },
        content_type="application/manifest+json",
    )


@public_page()
@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    publication = get_publication()
    if not publication.contact_email:
        raise Http404("There is no contact address.")
    expires = datetime.combine(timezone.now().date() + SECURITY_TXT_VALID, time.min, UTC)
    lines = [
        f"Contact: mailto:{publication.contact_email}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        f"Preferred-Languages: {', '.join(dict.fromkeys([publication.language.partition('-')[0], 'en']))}",
        f"Canonical: {settings.SITE_URL}{reverse('security_txt')}",
        "",
    ]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
