from collections.abc import Callable

from django.http import HttpResponse

from articles.access import ReaderRequest
from comments.views.reading import comment
from comments.views.reporting import report
from comments.views.writing import edit, keep, write

__all__ = ["comment", "edit", "keep", "report", "shown_again", "write"]

_WITH_WORDS: dict[str, Callable[..., HttpResponse]] = {
    "comments:write": write,
    "comments:keep": keep,
    "comments:edit": edit,
    "comments:report": report,
}
NOT_TAKEN = (
    "We couldn’t verify your request: you may have logged in again, or cookies may be turned off. "
    "Your text is below. Send it again."
)


def shown_again(request: ReaderRequest) -> HttpResponse | None:
    """The page that a refused POST came from, holding the words that were typed (403); None for any other address."""
    match = request.resolver_match
    view = _WITH_WORDS.get(match.view_name) if match else None
    return view(request, **match.kwargs, problem=NOT_TAKEN) if match and view else None
