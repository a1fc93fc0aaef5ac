"""A visitor and a time for the tests of fragments."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

MIDDLEWARE = ["truthlytics.cache.middleware.PageCacheMiddleware", *settings.MIDDLEWARE]


def later():
    return timezone.now() + timedelta(hours=1)


def make_known():
    user = AnonymousUser()
    user.pk = 7
    return user
