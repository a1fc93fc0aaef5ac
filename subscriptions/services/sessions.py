"""The devices on which someone is logged in: end one, and remove what expired sessions leave behind."""

from datetime import datetime, timedelta

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from truthlytics.web.users import User


def running_sessions(user: User) -> QuerySet[UserSession]:
    """Return the sessions in which `user` is logged in, newest first."""
    sessions = _running().filter(user_id=user.pk)
    return sessions.order_by("-created_at", "-pk")


def staff_sessions() -> QuerySet[UserSession]:
    """Return the sessions of everyone with access to the newsroom, by name."""
    staff = _running().filter(user__is_staff=True).select_related("user")
    return staff.order_by("user__display_name", "user_id", "-created_at", "-pk")


@transaction.atomic
def end_staff_sessions(*, but: str) -> int:
    """Log all staff out, except in the session with the key `but`. Returns how many sessions ended."""
    ended = UserSession.objects.filter(user__is_staff=True).exclude(session_key=but)
    deleted = Session.objects.filter(session_key__in=ended.values("session_key")).delete()[0]
    ended.delete()
    return deleted


def _running() -> QuerySet[UserSession]:
    keys = Session.objects.filter(expire_date__gt=timezone.now()).values("session_key")
    running: QuerySet[UserSession] = UserSession.objects.filter(session_key__in=keys)
    return running


def delete_expired_sessions(now: datetime) -> int:
    """Delete expired sessions, and the list entries (address, browser) of sessions that no longer exist."""
    deleted = Session.objects.filter(expire_date__lt=now).delete()[0]
    # An entry can be stored before its session.
    orphaned = UserSession.objects.filter(last_seen_at__lt=now - timedelta(hours=1))
    orphaned.exclude(session_key__in=Session.objects.values("session_key")).delete()
    return deleted
