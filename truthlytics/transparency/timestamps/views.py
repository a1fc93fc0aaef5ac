"""The files with which anybody can check a time stamp: `openssl ts -verify -data … -in … -CAfile …`."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from truthlytics.transparency.models import Checkpoint
from truthlytics.transparency.timestamps.models import Timestamp
from truthlytics.web.pages import public_page

YEAR = 365 * 24 * 3600


@public_page(max_age=YEAR)
@require_safe
def checkpoint(request: HttpRequest, size: int, number: int = 1) -> HttpResponse:
    """Answer with the bytes that were stamped: the checkpoint with our signature only."""
    row = get_object_or_404(Checkpoint, log__number=number, size=size)
    return HttpResponse(row.note, content_type="text/plain; charset=utf-8")


@public_page(max_age=YEAR)
@require_safe
def response(request: HttpRequest, size: int, authority: int, number: int = 1) -> HttpResponse:
    """Answer with the time stamp of an authority."""
    row = get_object_or_404(Timestamp, checkpoint__log__number=number, checkpoint__size=size, authority=authority)
    return HttpResponse(bytes(row.response), content_type="application/timestamp-reply")
