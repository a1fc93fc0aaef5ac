"""The addresses at which mail providers report bounces and complaints: those of django-anymail for events."""

import logging
from collections.abc import Callable
from functools import wraps

from anymail.exceptions import AnymailConfigurationError
from anymail.urls import urlpatterns as anymail_patterns
from django.http import Http404, HttpRequest, HttpResponseBadRequest, HttpResponseBase
from django.urls import URLPattern

logger = logging.getLogger(__name__)

# What django-anymail raises for JSON that is valid and has another form. It has checked the secret before.
NOT_AN_EVENT = (AttributeError, IndexError, KeyError, RecursionError, TypeError, ValueError)


def of_configured_provider(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Answer 404 for providers that need a setting which the site does not have, and 400 if the body is no event."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        try:
            response: HttpResponseBase = view(request, *args, **kwargs)
        except AnymailConfigurationError as error:
            raise Http404(str(error)) from error
        except NOT_AN_EVENT as error:
            logger.warning("A report of a mail provider cannot be read (%s: %s).", type(error).__name__, error)
            return HttpResponseBadRequest("This is no event.", content_type="text/plain")
        return response

    return wrapper


app_name = "anymail"
urlpatterns = [
    URLPattern(pattern.pattern, of_configured_provider(pattern.callback), name=pattern.name)
    for pattern in anymail_patterns
    if str(pattern.name).endswith("_tracking_webhook")
]
