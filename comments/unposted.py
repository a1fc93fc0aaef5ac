"""Comments typed before their author may post: stored in the session, by article, until they can be posted."""

from collections.abc import Mapping

from django.contrib.sessions.backends.base import SessionBase

from comments.text import MAX_INPUT_LENGTH

SESSION_KEY = "pending_comments"
# The maximum length of each stored field. The form rejects a longer text first; the others are ids.
FIELDS = {"text": MAX_INPUT_LENGTH, "key": 40, "parent": 20, "quote": MAX_INPUT_LENGTH, "before": 200, "after": 200}
MAX_ARTICLES = 5


def save(session: SessionBase, article_id: int, data: Mapping[str, object]) -> None:
    """Store what was typed under this article; beyond five articles the oldest is dropped."""
    pending = dict(session.get(SESSION_KEY, {}))
    pending.pop(str(article_id), None)
    pending[str(article_id)] = {
        name: str(data.get(name) or "").replace("\x00", "")[:length] for name, length in FIELDS.items()
    }
    session[SESSION_KEY] = dict(list(pending.items())[-MAX_ARTICLES:])


def load(session: SessionBase, article_id: int) -> dict[str, str]:
    """Return what was typed under this article, or an empty dictionary. Never creates a session."""
    pending = session.get(SESSION_KEY, {}).get(str(article_id))
    return dict(pending) if pending else {}


def discard(session: SessionBase, article_id: int) -> None:
    if load(session, article_id):
        session[SESSION_KEY] = {key: data for key, data in session[SESSION_KEY].items() if key != str(article_id)}
