"""The page on which readers check a quotation."""

from http import HTTPStatus
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from articles.access import ReaderRequest
from articles.seo.meta import absolute_url
from truthlytics.contrib.quotations.checking import TooShortError, check
from truthlytics.contrib.quotations.forms import TOO_SHORT, QuotationForm
from truthlytics.contrib.quotations.sentences import sentence_about, sentence_for
from truthlytics.contrib.quotations.words import compact
from truthlytics.web.rate_limits import allow, seconds_left
from truthlytics.web.types import TemplateContext

# For each account and each address.
CHECKS, SECONDS = 60, 300


@require_safe
def check_quotation(request: ReaderRequest) -> HttpResponse:
    """Show the form, and the answer about `?q=`. It is private, so no cache keeps it."""
    quotation = request.GET.get("q", "").replace("\x00", "")
    form = QuotationForm({"q": quotation} if quotation else None)
    context: TemplateContext = {"form": form, "current_section": "check"}
    if not form.is_bound:
        return _page(request, context)
    if not form.is_valid():
        return _page(request, context, HTTPStatus.BAD_REQUEST)
    if not allow(request, "quotation", per_account=CHECKS, per_address=CHECKS, seconds=SECONDS):
        context["error"] = _("You’ve checked many quotations. Wait a few minutes, then send this one again.")
        response = _page(request, context, HTTPStatus.TOO_MANY_REQUESTS)
        response.headers["Retry-After"] = str(seconds_left(SECONDS))
        return response
    try:
        answer = check(quotation, request.access, timezone.now())
    except TooShortError:
        form.add_error("q", str(TOO_SHORT))
        return _page(request, context, HTTPStatus.BAD_REQUEST)
    context |= {
        "answer": answer,
        "match": answer.match,
        "sentence": sentence_for(answer),
        "others": [(match, sentence_about(match)) for match in answer.others],
        "address": address_of(quotation),
    }
    return _page(request, context)


def address_of(quotation: str) -> str:
    """Return the address of the answer about `quotation`, to be passed on."""
    query = urlencode({"q": compact(quotation)})
    return absolute_url(f"{reverse('check_quotation')}?{query}")


def _page(request: ReaderRequest, context: TemplateContext, status: int = 200) -> HttpResponse:
    return render(request, "quotations/check.html", context, status=status)
