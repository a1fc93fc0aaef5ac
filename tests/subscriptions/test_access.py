"""Access is computed from running grants, once per request."""

from datetime import timedelta

from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.test import RequestFactory, TestCase
from django.utils import timezone

from subscriptions.access import NOBODY, Access
from subscriptions.middleware import AccessMiddleware
from subscriptions.models import User
from subscriptions.services.access import access_for
from tests.factories import make_grant, make_staff, make_subscriber, make_user


class AccessTests(TestCase):
    def access(self, user):
        return access_for(User.objects.get(pk=user.pk), timezone.now())

    def test_access_by_kind_of_user(self):
        over = make_user()
        make_grant(over, days=-1)
        table = [
            ("no plan", make_user(), Access(1, False, "no_plan")),
            ("unverified", make_user(verified=False), Access(0, False, "unverified")),
            ("subscriber", make_subscriber(), Access(10, True, "")),
            ("supporter", make_subscriber(20), Access(20, True, "")),
            ("reads only", make_subscriber(may_comment=False), Access(10, False, "plan_without_comments")),
            ("over", over, Access(1, False, "no_plan")),
            ("staff who view articles", make_staff("articles.view_article"), Access(100, True, "")),
            ("staff without articles", make_staff(), Access(1, True, "")),
        ]
        for who, user, expected in table:
            with self.subTest(who):
                self.assertEqual(self.access(user), expected)

    def test_the_highest_of_several_grants_wins(self):
        user = make_subscriber(20, may_comment=False)
        make_grant(user, 10)
        self.assertEqual(self.access(user), Access(20, True, ""))

    def test_a_revoked_grant_gives_no_access(self):
        user = make_subscriber()
        user.grants.update(revoked_at=timezone.now())
        self.assertEqual(self.access(user).level, 1)

    def test_a_grant_starts_and_ends_to_the_second(self):
        user, end = make_user(), timezone.now().replace(microsecond=0) + timedelta(hours=1)
        make_grant(user, ends_at=end)
        self.assertEqual(access_for(user, end - timedelta(seconds=1)).level, 10)
        self.assertEqual(access_for(user, end).level, 1)

    def test_an_inactive_account_has_no_access(self):
        self.assertEqual(self.access(make_staff("articles.view_article", is_active=False)).level, 0)

    def test_access_costs_one_query(self):
        user = make_subscriber()
        with self.assertNumQueries(1):
            access_for(user, timezone.now())


class MiddlewareTests(TestCase):
    def run_middleware(self, request):
        AccessMiddleware(lambda request: HttpResponse())(request)
        return request

    def test_without_a_cookie_the_user_is_anonymous_and_no_session_opens(self):
        request = self.run_middleware(RequestFactory().get("/"))
        self.assertIs(request.access, NOBODY)
        self.assertIs(type(request.user), AnonymousUser)

    def test_access_is_read_lazily_and_once(self):
        request = RequestFactory().get("/")
        request.COOKIES["sessionid"] = "x" * 32
        request.user = make_subscriber()
        with self.assertNumQueries(0):
            self.run_middleware(request)
        with self.assertNumQueries(1):
            self.assertEqual((request.access.level, request.access.may_comment, request.access.level), (10, True, 10))
