"""Who asks the API, and what they may read: the only place that decides it."""

from dataclasses import dataclass

from django.http import HttpRequest

from subscriptions.access import NOBODY, Access


@dataclass(frozen=True, slots=True)
class Caller:
    """`access` is to articles; `scopes` are what else a key allows."""

    access: Access
    scopes: frozenset[str] = frozenset()
    has_key: bool = False


VISITOR = Caller(NOBODY)


def caller_of(request: HttpRequest) -> Caller:
    """Return who asks. Cookies count for nothing: other sites could send requests with them."""
    return VISITOR
