"""The devices on which someone is logged in: end one, and remove what expired sessions leave behind."""

from datetime import datetime, timedelta

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone

from truthlytics.web.users import User


def running_sessions(user: User) -> QuerySet[UserSession]:
    """Return the sessions in which `user` is logged in, newest first."""
    running = Session.objects.filter(expire_date__gt=timezone.now()).values("session_key")
    sessions: QuerySet[UserSession] = UserSession.objects.filter(user_id=user.pk, session_key__in=running)
    return sessions.order_by("-created_at", "-pk")


def delete_expired_sessions(now: datetime) -> int:
    """Delete expired sessions, and the list entries (address, browser) of sessions that no longer exist."""
    deleted = Session.objects.filter(expire_date__lt=now).delete()[0]
    # An entry can be stored before its session.
    orphaned = UserSession.objects.filter(last_seen_at__lt=now - timedelta(hours=1))
    orphaned.exclude(session_key__in=Session.objects.values("session_key")).delete()
    return deleted
