"""A form that came after its log-in had ended is kept in the session until its writer is back."""

from django.http import HttpRequest, QueryDict

from truthlytics.web.rate_limits import allow

KEPT = "kept_form"
DROP = "_drop_kept"
LARGEST = 2 * 1024 * 1024


def keep(request: HttpRequest) -> bool:
    """Keep what was posted to this path; files are not. False where it, or what came before it, is too much."""
    # Anybody can send a form here, and sessions fill the database.
    if not allow(request, "kept", per_account=30, per_address=60, seconds=3600):
        return False
    form = request.POST.copy()
    form.pop("csrfmiddlewaretoken", None)
    text = form.urlencode()
    if not text or len(text) > LARGEST:
        return False
    request.session[KEPT] = {"path": request.path, "form": text}
    return True


def kept_fields(request: HttpRequest) -> list[tuple[str, str]]:
    """The names and values that were kept for this path, in their order; empty where there is nothing."""
    kept = request.session.get(KEPT) or {}
    if kept.get("path") != request.path:
        return []
    form = QueryDict(kept["form"])
    return [(name, value) for name, values in form.lists() for value in values]


def let_go(request: HttpRequest) -> None:
    """Forget what was kept for this path: it was sent again, or nobody wants it."""
    if (request.session.get(KEPT) or {}).get("path") == request.path:
        del request.session[KEPT]


def from_here(request: HttpRequest) -> bool:
    """Whether the browser says that the form stood on a page of this site."""
    return request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"
