"""Whether a quotation was published, for programs. `openapi.json` is what was published about the address."""

from dataclasses import asdict
from http import HTTPStatus

from django.urls import path
from django.utils import timezone

from articles.access import Access, ReaderRequest
from articles.seo.meta import absolute_url
from truthlytics.api.endpoints import endpoint
from truthlytics.api.parameters import Parameter
from truthlytics.api.problems import Problem, invalid
from truthlytics.contrib.quotations.api_schemas import CHECKED_QUOTATION
from truthlytics.contrib.quotations.checking import MAX_LENGTH, Match, TooShortError, check
from truthlytics.contrib.quotations.fingerprints import MIN_WORDS
from truthlytics.contrib.quotations.sentences import sentence_about, sentence_for
from truthlytics.contrib.quotations.views import CHECKS, SECONDS, address_of
from truthlytics.web.canonical_json import format_time
from truthlytics.web.rate_limits import allow, seconds_left
from truthlytics.web.types import JsonObject


def _quotation(text: str) -> str:
    if not 1 <= len(text) <= MAX_LENGTH or "\x00" in text:
        raise ValueError
    return text


QUOTATION = Parameter(
    "q",
    f"The quotation, of at least {MIN_WORDS} words in a row and at most {MAX_LENGTH} characters.",
    {"type": "string", "minLength": 1, "maxLength": MAX_LENGTH},
    _quotation,
    required=True,
)


@endpoint("Check a quotation", CHECKED_QUOTATION, QUOTATION, is_shared=False)
def quotation(request: ReaderRequest, *, q: str) -> JsonObject:
    # Keys have a limit of their own.
    if "Authorization" not in request.headers and not allow(
        request, "quotation", per_account=CHECKS, per_address=CHECKS, seconds=SECONDS
    ):
        wait = str(seconds_left(SECONDS))
        raise Problem(HTTPStatus.TOO_MANY_REQUESTS, "Too many quotations. Wait a few minutes.", Retry_After=wait)
    return checked(q, request.access)


def checked(text: str, access: Access) -> JsonObject:
    """Return the answer about a quotation for programs. Raises Problem."""
    try:
        answer = check(text, access, timezone.now())
    except TooShortError as error:
        raise invalid(f"Give at least {MIN_WORDS} words in a row.") from error
    matches = [answer.match, *answer.others] if answer.match else []
    return {
        "result": answer.result,
        "sentence": sentence_for(answer),
        "url": address_of(text),
        "texts": [_found(match) for match in matches],
    }


def _found(match: Match) -> JsonObject:
    history, changed = match.history, match.changed
    return {
        "result": match.result,
        "sentence": sentence_about(match),
        "type": history.name,
        "headline": history.headline,
        "url": absolute_url(match.url),
        "history_url": absolute_url(history.history_url),
        "first_version": match.first.number,
        "last_version": match.last.number,
        "current_version": history.current.number,
        "public_from": format_time(match.first.public_from),
        "changed_in_version": changed.number if changed else None,
        "changed": format_time(changed.public_from) if changed else None,
        "comparison_url": absolute_url(match.comparison_url) if match.comparison_url else "",
        "passage": str(match.passage),
        "parts": [asdict(part) for part in match.parts],
    }


urlpatterns = [path("v1/quotations", quotation, name="quotation")]
