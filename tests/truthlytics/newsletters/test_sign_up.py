"""Signing up with an email address, confirming, leaving with one click, and undoing that."""

import re
from email import message_from_bytes

from django.core import mail
from django.test import Client, TestCase
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_user
from tests.truthlytics.newsletters.factories import make_address, make_issue, make_newsletter
from truthlytics.newsletters.models import Address, SignUp
from truthlytics.newsletters.rendering import token_of
from truthlytics.newsletters.services.scheduling import work_on

SENT = reverse("newsletters:confirm_code")


class SignUpTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.newsletter = make_newsletter()

    def sign_up(self, email="new@example.org", came_from="", **more):
        data = {"email": email, "newsletters": [self.newsletter.pk], "source": "article"} | more
        with self.captureOnCommitCallbacks(execute=True):
            return self.client.post(reverse("newsletters:sign_up"), data, headers={"Referer": came_from})

    def emailed(self, pattern):
        return re.search(pattern, mail.outbox[-1].body)[0]

    def test_nothing_is_stored_until_the_link_is_confirmed_by_post(self):
        self.assertRedirects(self.sign_up(), SENT)
        url = self.emailed(r"/newsletters/confirm/\S+")
        self.assertContains(self.client.get(url), "new@example.org")
        self.assertFalse(Address.objects.exists())
        self.client.post(url)
        row = SignUp.objects.get()
        self.assertEqual(
            (row.address.email, row.source, row.newsletter), ("new@example.org", "article", self.newsletter)
        )
        self.assertLess(row.asked_at, row.confirmed_at)

    def test_the_code_confirms_in_the_same_browser_three_wrong_ones_end_it(self):
        self.sign_up()
        code = self.emailed(r"(?m)^\d{6}$")
        self.assertEqual(Client().post(SENT, {"code": code}).status_code, 422)
        for _ in range(2):
            self.assertEqual(self.client.post(SENT, {"code": "0"}).status_code, 422)
        self.assertEqual(self.client.post(SENT, {"code": f" {code} "}).status_code, 302)
        self.assertTrue(SignUp.objects.exists())
        SignUp.objects.all().delete()
        self.sign_up("other@example.org")
        for _ in range(3):
            self.client.post(SENT, {"code": "0"})
        self.assertEqual(self.client.post(SENT, {"code": self.emailed(r"(?m)^\d{6}$")}).status_code, 422)

    def test_who_has_confirmed_finds_the_way_back_and_the_latest_issue(self):
        issue = make_issue(self.newsletter, state="sent", prepared_at=timezone.now(), slug="one", subject="Issue one")
        article = "/articles/half-a-raise/"
        for email, place, client, links in (
            ("a@example.org", f"http://testserver{article}", self.client, True),
            ("b@example.org", f"http://evil.example{article}", self.client, False),
            ("c@example.org", "http://[testserver", self.client, False),
            ("d@example.org", f"http://testserver{article}", Client(), False),
        ):
            with self.subTest(place, links=links):
                self.sign_up(email, came_from=place)
                page = client.post(self.emailed(r"/newsletters/confirm/\S+"), follow=True)
                self.assertContains(page, issue.get_absolute_url(), count=1)
                self.assertContains(page, f'<a href="{article}">Back to the article</a>', count=int(links), html=True)
        again = page.redirect_chain[-1][0].split("?")[0]
        self.assertNotContains(self.client.get(again), issue.get_absolute_url())
        forged = self.client.get(again, {"welcome": "1", "back": "//evil.example/articles/"})
        self.assertNotContains(forged, "evil.example")

    def test_outsiders_get_the_same_answer_for_every_address(self):
        make_address(self.newsletter, email="known@example.org")
        known, new = self.sign_up("known@example.org"), self.sign_up("new@example.org")
        self.assertEqual((known.status_code, known.url), (new.status_code, new.url))
        self.assertEqual([message.to for message in mail.outbox], [["known@example.org"], ["new@example.org"]])
        self.assertIn("already", mail.outbox[0].body)

    def test_programs_and_floods_send_nothing(self):
        self.assertRedirects(self.sign_up(website="https://example.org"), SENT)
        self.assertEqual(mail.outbox, [])
        for _ in range(7):
            self.assertRedirects(self.sign_up(), SENT)
        self.assertEqual(len(mail.outbox), 5)

    def test_bad_input_keeps_what_was_typed(self):
        response = self.sign_up("nobody", newsletters=[])
        self.assertContains(response, 'value="nobody"', status_code=422)
        self.assertContains(response, "Choose at least one newsletter.", status_code=422)

    def test_an_expired_or_forged_link_confirms_nothing(self):
        response = self.client.post(reverse("newsletters:confirm", args=["forged"]))
        self.assertContains(response, "expired", status_code=410)

    def test_signing_up_again_after_leaving_counts_from_then(self):
        address = make_address(self.newsletter, email="new@example.org")
        address.sign_ups.update(ended_at=timezone.now())
        self.sign_up()
        self.client.post(self.emailed(r"/newsletters/confirm/\S+"))
        self.assertIsNone(SignUp.objects.get().ended_at)

    def test_the_address_of_a_reader_belongs_to_their_account(self):
        user = make_user(email="new@example.org")
        self.sign_up()
        self.client.post(self.emailed(r"/newsletters/confirm/\S+"))
        self.assertEqual(Address.objects.get().user, user)


class LeavingTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.newsletter = make_newsletter()
        cls.address = make_address(cls.newsletter)
        cls.issue = make_issue(cls.newsletter)
        work_on.call(issue_id=cls.issue.pk)
        cls.message = mail.outbox[-1].message().as_bytes()
        cls.token = token_of(cls.address.uuid.hex, cls.issue.pk)

    def is_active(self):
        return self.address.sign_ups.active().exists()

    def test_mail_programs_leave_with_one_post_and_get_changes_nothing(self):
        headers = message_from_bytes(self.message)
        url = re.search("/newsletters/[^>]+", headers["List-Unsubscribe"])[0]
        self.assertEqual(headers["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click")
        client = Client(enforce_csrf_checks=True)
        for method in (client.get, client.head, client.get):
            self.assertRedirects(method(url), url.removesuffix("at-once/"))
            self.assertTrue(self.is_active())
        client.cookies.clear()
        for _ in range(2):
            response = client.post(url, {"List-Unsubscribe": "One-Click"})
            self.assertEqual((response.status_code, dict(response.cookies)), (200, {}))
            self.assertFalse(self.is_active())
        self.assertEqual(SignUp.objects.get().ended_by, self.issue)

    def test_the_page_leaves_and_undoes_it(self):
        url = reverse("newsletters:leave", args=[self.token])
        self.assertContains(self.client.get(url), "Do you want to leave")
        self.client.post(url)
        self.assertFalse(self.is_active())
        self.client.post(url, {"action": "undo"})
        self.assertTrue(self.is_active())

    def test_choices_need_no_login(self):
        other = make_newsletter()
        url = reverse("newsletters:choices", args=[self.token])
        self.client.post(url, {"shown": [self.newsletter.pk, other.pk, "x"], "newsletters": [other.pk, "x"]})
        active = self.address.sign_ups.active().values_list("newsletter", flat=True)
        self.assertEqual(list(active), [other.pk])
        self.assertEqual(self.client.get(reverse("newsletters:choices", args=["forged"])).status_code, 404)

    def test_pages_of_newsletters_and_issues(self):
        self.issue.refresh_from_db()
        pages = [reverse("newsletters:newsletters"), self.newsletter.get_absolute_url(), self.issue.get_absolute_url()]
        for url in pages:
            with self.subTest(url):
                self.assertContains(self.client.get(url), self.newsletter.name)
