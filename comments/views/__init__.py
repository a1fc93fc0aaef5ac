from collections.abc import Callable

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from articles.access import ReaderRequest
from comments.views.appeals import appeal
from comments.views.mine import mine
from comments.views.reading import comment
from comments.views.reporting import report
from comments.views.writing import delete, edit, save_pending, write

__all__ = ["comment", "delete", "edit", "mine", "redisplay_form", "report", "save_pending", "write"]

_FORM_VIEWS: dict[str, Callable[..., HttpResponse]] = {
    "comments:write": write,
    "comments:keep": save_pending,
    "comments:edit": edit,
    "comments:report": report,
    "comments:appeal": appeal,
}
CSRF_FAILED = _(
    "We couldn’t verify your request: you may have logged in again, or cookies may be turned off. "
    "Your text is below. Send it again."
)


def redisplay_form(request: ReaderRequest) -> HttpResponse | None:
    """Return the form of a POST that failed the CSRF check, with what was typed (403); None for other pages."""
    match = request.resolver_match
    view = _FORM_VIEWS.get(match.view_name) if match else None
    return view(request, **match.kwargs, error=str(CSRF_FAILED)) if match and view else None
