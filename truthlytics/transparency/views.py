"""The page of the record, and the files of the log, as https://c2sp.org/tlog-tiles specifies them."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from truthlytics.transparency import assembly
from truthlytics.transparency.evidence import earlier_states, newest_state, watched_logs
from truthlytics.transparency.models import Checkpoint, Log
from truthlytics.transparency.tree import TILE, Tree, bundle
from truthlytics.web.pages import public_page

YEAR = 365 * 24 * 3600
TAG = "transparency"


@public_page(tags=[TAG])
@require_safe
def record(request: HttpRequest) -> HttpResponse:
    """Say what the log has, who has signed it, what that proves, and how to check it."""
    context = {"state": newest_state(), "earlier_states": earlier_states(), "watched_logs": watched_logs()}
    return render(request, "transparency/record.html", context)


@public_page(tags=[TAG])
@require_safe
def checkpoint(request: HttpRequest, number: int = 1) -> HttpResponse:
    """Answer with the newest signed state of the log, and what witnesses signed."""
    newest = Checkpoint.objects.filter(log__number=number).order_by("-size").first()
    if newest is None:
        raise Http404("Nothing was signed yet.")
    return HttpResponse(newest.cosigned, content_type="text/plain; charset=utf-8")


@public_page(max_age=YEAR)
@require_safe
def tile(request: HttpRequest, level: int, index: int, width: int = TILE, number: int = 1) -> HttpResponse:
    """Answer with the hashes of a tile. It never changes, so a wider one is another address."""
    log = get_object_or_404(Log, number=number)
    hashes = Tree(log).tile(level, index)[:width]
    if len(hashes) < width:
        raise Http404("The log has no such tile.")
    return HttpResponse(b"".join(hashes), content_type="application/octet-stream")


@public_page(max_age=YEAR)
@require_safe
def entries(request: HttpRequest, index: int, width: int = TILE, number: int = 1) -> HttpResponse:
    """Answer with a bundle of entries."""
    log = get_object_or_404(Log, number=number)
    if index * TILE + width > log.size:
        raise Http404("The log has no such entries.")
    return HttpResponse(bundle(log, index, width), content_type="application/octet-stream")


@public_page()
@require_safe
def script(request: HttpRequest) -> HttpResponse:
    """Answer with the script that outsiders check the log with."""
    return HttpResponse(assembly.script(), content_type="text/x-python; charset=utf-8")
