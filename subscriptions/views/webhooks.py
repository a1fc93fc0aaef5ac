"""Webhooks of payment providers. A message is only a hint: what it is about is fetched from the provider."""

import logging

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from subscriptions.models import IgnoredWebhook
from subscriptions.providers import ProviderError, provider_named
from subscriptions.providers.base import BadWebhook
from subscriptions.services import sync

# In bytes.
MAX_BODY = 256 * 1024

logger = logging.getLogger(__name__)


@csrf_exempt
@require_POST
def webhook(request: HttpRequest, provider: str) -> HttpResponse:
    """Apply what has changed at the provider. After any failure it answers 503, so that the provider sends it again.

    What belongs to another application with the same account is counted and left alone.
    Messages without a valid signature get 400 and are not stored.
    """
    try:
        sender = provider_named(provider)
    except ProviderError:
        raise Http404("This payment provider isn’t installed.") from None
    if len(request.body) > MAX_BODY:
        return _answer(413)
    try:
        changed = sender.read_webhook(request.body, request.headers)
        if changed.kind and not sync.sync_changed(sender.code, changed):
            IgnoredWebhook.objects.count_one(sender.code, changed.kind, timezone.now())
    except BadWebhook as error:
        logger.warning("Webhook of %s refused: %s", sender.code, error)
        return _answer(400)
    except Exception:
        logger.exception("Webhook of %s failed; the provider will send it again", sender.code)
        return _answer(503)
    return _answer(200)


def _answer(status: int) -> HttpResponse:
    return HttpResponse(status=status, content_type="text/plain")
