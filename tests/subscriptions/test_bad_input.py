"""Odd input in shop and account forms gets a page with an error message, never a server error."""

from django.core.cache import cache
from django.urls import reverse

from tests.budget import takes_longer
from tests.factories import PASSWORD, make_order, make_paid, make_user
from tests.subscriptions.journeys import Steps, on_demo
from tests.transactions import TransactionTestCase

ODD = ["", "\x00", "a\x00b@example.org", "x" * 100_000, "\ud7ff\u202e", "<script>", "'; DROP TABLE", "☃" * 300, "-1"]
FORMS = {
    "stranger": {
        "account_login": ["login", "password", "next"],
        "account_signup": ["email", "display_name", "password1", "next"],
        "account_request_login_code": ["email", "next"],
        "account_reset_password": ["email"],
        "account_email_verification_sent": ["code"],
        "account_confirm_login_code": ["code"],
        "subscriptions:cart_lines": ["price"],
        "subscriptions:cart_removal": ["anything"],
        "subscriptions:coupon": ["coupon"],
        "subscriptions:checkout": ["provider", "confirmed"],
        "subscriptions:cancel": ["email", "name", "contract", "ends_on", "reason"],
        "subscriptions:withdraw": ["email", "name", "contract"],
        "subscriptions:give": ["price", "provider"],
    },
    "reader": {
        "account_email": ["email", "action_add", "action_primary"],
        "account_reauthenticate": ["password"],
        "account_change_password": ["oldpassword", "password1", "password2"],
        "mfa_activate_totp": ["code"],
        "mfa_authenticate": ["code"],
        "mfa_add_webauthn": ["name", "credential"],
        "usersessions_list": ["session"],
        "subscriptions:name": ["display_name"],
        "subscriptions:cart_lines": ["price"],
        "subscriptions:coupon": ["coupon"],
        "subscriptions:checkout": ["provider", "confirmed"],
        "subscriptions:give": ["price", "provider", "recipient_email", "recipient_name", "deliver_on", "message"],
        "subscriptions:cancellation": ["anything", "reason"],
        "subscriptions:change": ["token"],
        "subscriptions:card": ["anything"],
        "subscriptions:card_check": ["anything"],
        "subscriptions:undoing": ["anything"],
    },
}


@on_demo
class BadInputTests(Steps, TransactionTestCase):
    def setUp(self):
        self.client.raise_request_exception = False

    def try_all(self, forms):
        for name, fields in forms.items():
            for odd in ODD:
                with self.subTest(form=name, odd=odd[:20]):
                    cache.clear()
                    response = self.client.post(reverse(name), dict.fromkeys(fields, odd))
                    self.assertLess(response.status_code, 500)

    @takes_longer("Many kinds of invalid input are sent.")
    def test_anonymous_forms(self):
        self.try_all(FORMS["stranger"])

    def test_code_forms(self):
        user = make_user()
        for path, data, confirm in [
            ("account_signup", {"email": "new@example.org", "display_name": "New"}, "account_email_verification_sent"),
            ("account_request_login_code", {"email": user.email}, "account_confirm_login_code"),
        ]:
            for odd in ODD:
                with self.subTest(form=confirm, odd=odd[:20]):
                    cache.clear()
                    self.client.post(reverse(path), data)
                    self.assertLess(self.client.post(reverse(confirm), {"code": odd}).status_code, 500)

    @takes_longer("Many kinds of invalid input are sent.")
    def test_reader_forms(self):
        self.log_in(make_paid().user)
        self.client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
        self.assertEqual(self.client.get(reverse("mfa_add_webauthn")).status_code, 200)
        self.try_all(FORMS["reader"])

    @takes_longer("Long lists are made and read.")
    def test_queries_and_paths(self):
        order = make_order()
        self.client.force_login(order.user)
        for path in [
            "/subscribe/",
            "/cart/",
            "/account/",
            "/accounts/login/",
            "/accounts/signup/",
            order.get_absolute_url(),
        ]:
            for query in [
                "?returned=%00&pay=%00",
                "?next=%00",
                "?currency=%00",
                "?next=" + "x" * 4000,
                "?%00=%00",
                "?next=%FF",
            ]:
                with self.subTest(path=path, query=query[:20]):
                    self.assertLess(self.client.get(path + query).status_code, 500)
        for path in [
            "/checkout/not-a-uuid/",
            "/checkout/%00/",
            "/cart/%00/",
            "/accounts/password/reset/key/a%00-b%00/",
        ]:
            with self.subTest(path):
                self.assertIn(self.client.get(path).status_code, [200, 302, 404])
