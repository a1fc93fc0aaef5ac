"""Save a form that was submitted after the session expired, so that it can be restored after logging in."""

from django.http import HttpRequest, QueryDict

from truthlytics.web.rate_limits import allow

SESSION_KEY = "kept_form"
DISCARD_FIELD = "_drop_kept"
MAX_LENGTH = 2 * 1024 * 1024


def save_form(request: HttpRequest) -> bool:
    """Save the posted fields, without files, in the session. Returns False if there is nothing or too much to save."""
    # Anyone can post a form here, and sessions use space in the database.
    if not allow(request, "kept", per_account=30, per_address=60, seconds=3600):
        return False
    form = request.POST.copy()
    form.pop("csrfmiddlewaretoken", None)
    text = form.urlencode()
    if not text or len(text) > MAX_LENGTH:
        return False
    request.session[SESSION_KEY] = {"path": request.path, "form": text}
    return True


def saved_fields(request: HttpRequest) -> list[tuple[str, str]]:
    """Return the names and values saved for this path, in their order."""
    saved = request.session.get(SESSION_KEY) or {}
    if saved.get("path") != request.path:
        return []
    form = QueryDict(saved["form"])
    return [(name, value) for name, values in form.lists() for value in values]


def discard_form(request: HttpRequest) -> None:
    """Delete the form saved for this path."""
    if (request.session.get(SESSION_KEY) or {}).get("path") == request.path:
        del request.session[SESSION_KEY]


def is_same_origin(request: HttpRequest) -> bool:
    """Whether the Origin header names this site."""
    return request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"
