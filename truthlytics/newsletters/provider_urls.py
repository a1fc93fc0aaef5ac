"""The addresses at which mail providers report bounces and complaints: those of django-anymail for events."""

from functools import wraps
from typing import Any

from anymail.exceptions import AnymailConfigurationError
from anymail.urls import urlpatterns as anymail_patterns
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import URLPattern


def of_configured_provider(view: Any) -> Any:
    """Answer 404 for providers that need a setting which the site does not have."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            response: HttpResponseBase = view(request, *args, **kwargs)
        except AnymailConfigurationError as error:
            raise Http404(str(error)) from error
        return response

    return wrapper


app_name = "anymail"
urlpatterns = [
    URLPattern(pattern.pattern, of_configured_provider(pattern.callback), name=pattern.name)
    for pattern in anymail_patterns
    if str(pattern.name).endswith("_tracking_webhook")
]
