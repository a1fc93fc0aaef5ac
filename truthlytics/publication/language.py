"""The publication's language and time zone: the same for every reader, so that pages can be cached for all."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import get_language_info, override, to_locale

from truthlytics.publication.current import get_publication, last_known

if TYPE_CHECKING:
    from truthlytics.publication.models import Publication

# Those that have a catalogue.
LANGUAGES = [("en-gb", "English"), ("de", "Deutsch")]


@contextmanager
def site_language(own: str = "") -> Iterator[None]:
    """Use the publication's language and time zone inside. Without a stored row, those of the settings.

    `own` is the language that a member of the newsroom has chosen for it, for emails to them.
    """
    with _language_of(get_publication()), override(own) if own else nullcontext():
        yield


@contextmanager
def last_known_language() -> Iterator[None]:
    """Use the language that was read last, without a query: for error pages outside the middleware."""
    with _language_of(last_known()):
        yield


@contextmanager
def _language_of(publication: "Publication | None") -> Iterator[None]:
    if publication is None or publication._state.adding:
        yield
        return
    with override(publication.language), timezone.override(publication.time_zone):
        yield


class SiteLanguageMiddleware:
    """Respond in the publication's language, and in the newsroom in the one chosen there (`set_language` of Django).

    The Accept-Language header is ignored: pages are cached for all readers.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with site_language(), newsroom_language(request):
            return self.get_response(request)


def newsroom_language(request: HttpRequest) -> AbstractContextManager[None]:
    """Use the language that was chosen in this browser, in the newsroom."""
    code = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
    is_chosen = request.path.startswith("/admin/") and code in dict(LANGUAGES)
    return override(code) if is_chosen else nullcontext()


def content_language(code: str = "") -> str:
    """Return the language `code` of an article, or the publication's if it is "", in lower case: `en-gb`."""
    return code or get_publication().language


def language_tag(code: str = "") -> str:
    """Return the language as a BCP 47 tag, such as `en-GB`."""
    return to_locale(content_language(code)).replace("_", "-")


def text_direction(code: str = "") -> str:
    """Return "rtl" for a language written from right to left, else "ltr"."""
    return "rtl" if get_language_info(content_language(code))["bidi"] else "ltr"
