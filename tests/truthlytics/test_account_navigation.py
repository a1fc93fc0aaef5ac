"""The navigation of the account pages: its entries, and which one is marked."""

from django.contrib.auth.models import AnonymousUser
from django.template import RequestContext
from django.template.loader import render_to_string
from django.test import RequestFactory, SimpleTestCase
from django.urls import resolve, reverse
from lxml import html

from subscriptions.models import User
from truthlytics.templatetags.account_navigation import account_navigation


def links(path, user=None):
    request = RequestFactory().get(path)
    request.user, request.resolver_match = user or User(), resolve(path)
    page = render_to_string(
        "account/_navigation.html", account_navigation(RequestContext(request, {"request": request}))
    )
    return html.fromstring(page).findall(".//a")


class AccountNavigationTests(SimpleTestCase):
    def current(self, name, *args):
        marked = [(a.text, a.get("aria-current")) for a in links(reverse(name, args=args)) if a.get("aria-current")]
        self.assertEqual(len(marked), 1, name)
        return marked[0]

    def test_the_page_itself_is_marked_as_such(self):
        self.assertEqual(self.current("subscriptions:payments"), ("Payments", "page"))
        self.assertEqual(self.current("articles:saved"), ("Saved articles", "page"))
        self.assertEqual(self.current("mfa_index"), ("Two-factor authentication", "page"))

    def test_pages_below_an_entry_mark_it(self):
        self.assertEqual(self.current("subscriptions:cancellation"), ("Subscription", "true"))
        self.assertEqual(self.current("subscriptions:change_to", 1), ("Subscription", "true"))
        self.assertEqual(self.current("articles:save", "slug"), ("Saved articles", "true"))
        self.assertEqual(self.current("mfa_activate_totp"), ("Two-factor authentication", "true"))
        self.assertEqual(self.current("privacy:deletion"), ("Your data", "true"))

    def test_page_of_the_same_name_elsewhere_marks_nothing(self):
        self.assertEqual([a for a in links(reverse("subscriptions:plans")) if a.get("aria-current")], [])

    def test_visitors_may_log_in_and_sign_up_only(self):
        offered = [a.get("href") for a in links("/", AnonymousUser())]
        self.assertEqual(offered, [reverse("account_login"), reverse("account_signup")])
