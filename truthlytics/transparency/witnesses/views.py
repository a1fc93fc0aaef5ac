"""The addresses of this site as a witness for others."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from truthlytics.transparency.notes import MAX_NOTE_LENGTH
from truthlytics.transparency.witnesses.models import Refusal, WitnessedLog
from truthlytics.transparency.witnesses.serving import answer_to
from truthlytics.web.pages import public_page
from truthlytics.web.rate_limits import client_ip, consume

# Bytes: a note, the line before it, and 63 lines with a hash.
MAX_BODY = MAX_NOTE_LENGTH + 63 * 45 + 100
# For each IP address and minute. One server may have many logs.
REQUESTS_PER_MINUTE = 120


# Logs send it, which have no session: they are known by their signature.
@csrf_exempt
@require_POST
def add_checkpoint(request: HttpRequest) -> HttpResponse:
    """Answer a log that asks for our signature. Without a log in the settings, this address does not exist."""
    if not WitnessedLog.objects.listed().exists():
        raise Http404("This site is no witness.")
    if not consume("witness", client_ip(request), limit=REQUESTS_PER_MINUTE, seconds=60):
        return _plain("Too many requests.\n", 429)
    body = request.read(MAX_BODY + 1)
    if len(body) > MAX_BODY:
        return _plain("The request is too large.\n", 413)
    answer = answer_to(body, timezone.now())
    return HttpResponse(answer.text, status=answer.status, content_type=answer.content_type)


def _plain(text: str, status: int) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")


@public_page(tags=["transparency"])
@require_safe
def refusal(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a state that we refused to sign, with the former one: two notes with the signature of the same log."""
    row = get_object_or_404(Refusal.objects.proven().select_related("log"), pk=pk)
    parts = [
        f"Refused: {row.refused_at:%Y-%m-%dT%H:%M:%SZ}\nReason: {row.reason}\n",
        f"Keys of the log:\n{row.log.verifier_keys}\n",
        f"\n--- The state that this witness has signed ---\n{row.known}",
        f"\n--- The state that was offered, with a proof from {row.old_size} entries ---\n{row.offered}",
        f"\n--- The proof, in hexadecimal ---\n{row.proof}",
    ]
    return _plain("".join(parts), 200)
