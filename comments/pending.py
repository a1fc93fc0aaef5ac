"""Words that somebody typed and may not post yet: kept in their session under the article until they are posted."""

from collections.abc import Mapping
from typing import Any

from django.contrib.sessions.backends.base import SessionBase

from comments.text import BOUND

SESSION_KEY = "kept_comments"
# How much of each is kept: the box refuses a longer text before, the hidden fields are an id each.
FIELDS = {"text": BOUND, "key": 40, "parent": 20}
ARTICLES = 5


def keep(session: SessionBase, article_id: int, data: Mapping[str, Any]) -> None:
    """Keep what was typed under this article; the oldest goes when there are more than five."""
    kept = dict(session.get(SESSION_KEY, {}))
    kept.pop(str(article_id), None)
    kept[str(article_id)] = {
        name: str(data.get(name) or "").replace("\x00", "")[:most] for name, most in FIELDS.items()
    }
    session[SESSION_KEY] = dict(list(kept.items())[-ARTICLES:])


def kept(session: SessionBase, article_id: int) -> dict[str, str]:
    """What was typed under this article, or an empty dictionary. Never opens a session."""
    found = session.get(SESSION_KEY, {}).get(str(article_id))
    return dict(found) if found else {}


def forget(session: SessionBase, article_id: int) -> None:
    if kept(session, article_id):
        session[SESSION_KEY] = {k: v for k, v in session[SESSION_KEY].items() if k != str(article_id)}
