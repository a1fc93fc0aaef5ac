"""The translations of the newsroom's scripts, with those of Django's admin: one file per language, cached for good."""

from functools import cache
from hashlib import sha256

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.translation import get_language, override
from django.views.decorators.http import require_safe
from django.views.i18n import JavaScriptCatalog

from truthlytics.publication.language import LANGUAGES

YEAR = 365 * 86_400


@cache
def catalogue(language: str) -> tuple[bytes, str]:
    """Return the script that defines `gettext` and the like for `language`, and its digest."""
    with override(language):
        content = JavaScriptCatalog(packages=["django.contrib.admin", "truthlytics"]).get(HttpRequest()).content
    return content, sha256(content).hexdigest()[:12]


def catalogue_url() -> str:
    """Return the URL of the script in the active language. It changes with the translations."""
    language = _known(get_language())
    return reverse("admin:jsi18n", query={"language": language, "v": catalogue(language)[1]})


@require_safe
def catalogue_view(request: HttpRequest) -> HttpResponse:
    """Send the script in the language that the URL names, else in the active one."""
    content, digest = catalogue(_known(request.GET.get("language") or get_language()))
    response = HttpResponse(content, content_type="text/javascript; charset=utf-8")
    if request.GET.get("v") == digest:
        patch_cache_control(response, private=True, max_age=YEAR, immutable=True)
    else:
        patch_cache_control(response, private=True, no_cache=True)
    return response


def _known(language: str | None) -> str:
    return language if language in dict(LANGUAGES) else LANGUAGES[0][0]
