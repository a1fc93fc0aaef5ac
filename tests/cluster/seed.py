"""What the site has before the rehearsal. Runs on one of its machines, with Django."""

import json

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from subscriptions.models import User
from tests.factories import (
    PASSWORD,
    make_article,
    make_author,
    make_comment,
    make_editor,
    make_section,
    make_subscriber,
)

# Each may post twelve comments in ten minutes.
COMMENTERS = 60


def seed() -> None:
    """Make the content, and print names and sessions as JSON."""
    section, author = make_section(name="Harbour", slug="harbour"), make_author(name="Nora Quist", slug="nora")
    articles = [make_article(section=section, authors=[author], slug=f"article-{number}") for number in range(20)]
    editor = make_editor(email="editor@news.test")
    readers = [make_subscriber(password=None) for _ in range(COMMENTERS)]
    for reader in readers:
        # From now on their comments need no approval.
        make_comment(article=articles[0], author=reader)
    reader = make_subscriber(email="reader@news.test", display_name="Reza Lund")
    names = {
        "editor": editor.email,
        "reader": reader.email,
        "password": PASSWORD,
        "section": str(section.pk),
        "author": str(author.pk),
        "sessions": [session_of(user) for user in readers],
    }
    print(json.dumps(names))


def session_of(user: User) -> str:
    """Return the key of a session in which `user` is logged in."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)
