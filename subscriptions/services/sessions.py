"""Remove what expired sessions leave behind."""

from datetime import datetime, timedelta

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session


def delete_expired_sessions(now: datetime) -> int:
    """Delete expired sessions, and the list entries (address, browser) of sessions that no longer exist."""
    deleted = Session.objects.filter(expire_date__lt=now).delete()[0]
    # An entry can be stored before its session.
    orphaned = UserSession.objects.filter(last_seen_at__lt=now - timedelta(hours=1))
    orphaned.exclude(session_key__in=Session.objects.values("session_key")).delete()
    return deleted
