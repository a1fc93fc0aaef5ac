"""Links of an issue name the issue, so that new subscriptions which begin there are counted, and nobody is followed."""

import re

from django.core import mail
from django.test import SimpleTestCase, TestCase, override_settings
from django.urls import reverse
from django.utils import timezone
from lxml.html import document_fromstring

from subscriptions.models import Order
from tests.factories import make_article, make_member, make_payment, make_user
from tests.truthlytics.newsletters.factories import make_address, make_issue, make_newsletter
from truthlytics.newsletters.campaigns import with_campaign
from truthlytics.newsletters.rendering import render_variants, token_of
from truthlytics.newsletters.services.scheduling import work_on

BODY = (
    '<p><a href="/articles/other/">other</a> <a href="https://testserver.example/search/?q=a#b">search</a> '
    '<a href="https://example.org/report">report</a> <a href="/media/x.pdf">file</a></p><hr data-gate><p>Gated.</p>'
)
PERSONAL = ("/newsletters/leave/", "/newsletters/choices/")


@override_settings(SITE_URL="https://testserver.example")
class LinkTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.newsletter = make_newsletter(slug="weekly")
        cls.article = make_article(slug="lead", required_level=10, body=BODY)
        cls.addresses = [make_address(cls.newsletter) for _ in range(2)]
        cls.issue = make_issue(cls.newsletter, cls.article, body='<p><a href="/latest/">Latest</a></p>')

    def sent(self):
        """Return the emails, their links in HTML, and the campaign."""
        for _ in range(3):
            work_on.call(issue_id=self.issue.pk)
        self.issue.refresh_from_db()
        htmls = [message.alternatives[0].content for message in mail.outbox]
        links = [document_fromstring(html).xpath("//a/@href") for html in htmls]
        return mail.outbox, links, f"campaign=weekly-{self.issue.slug}"

    def test_links_to_pages_of_the_site_name_the_issue_and_others_stay(self):
        emails, [links, _others], campaign = self.sent()
        site = "https://testserver.example"
        for expected in [
            f"{site}/?{campaign}",
            f"{site}/articles/lead/?{campaign}",
            f"{site}/articles/lead/?{campaign}#gate",
            f"{site}/articles/other/?{campaign}",
            f"{site}/search/?q=a&{campaign}#b",
            f"{site}/latest/?{campaign}",
            f"{site}/newsletters/weekly/{self.issue.slug}/?{campaign}",
            "https://example.org/report",
            f"{site}/media/x.pdf",
        ]:
            with self.subTest(expected):
                self.assertIn(expected, links)
        self.assertIn(f"\n{site}/articles/lead/?{campaign}\n", emails[0].body)
        with_parameter = [link for link in links if "campaign=" in link]
        self.assertEqual({re.search(r"campaign=[^&#]*", link)[0] for link in with_parameter}, {campaign})

    def test_all_readers_get_the_same_links_except_their_own_to_leave_and_choose(self):
        emails, links, _campaign = self.sent()
        shared = [[link for link in row if not any(part in link for part in PERSONAL)] for row in links]
        self.assertEqual(shared[0], shared[1])
        for address, row in zip(self.addresses, links, strict=True):
            own = token_of(address.uuid.hex, self.issue.pk)
            personal = [link for link in row if any(part in link for part in PERSONAL)]
            self.assertEqual(len(personal), 2)
            for link in personal:
                self.assertTrue(link.endswith(f"/{own}/"))
        texts = [
            email.body.replace(token_of(address.uuid.hex, self.issue.pk), "")
            for address, email in zip(self.addresses, emails, strict=True)
        ]
        self.assertEqual(texts[0], texts[1])

    def test_previews_and_tests_are_not_counted(self):
        for variant in render_variants(self.issue, timezone.now()):
            self.assertNotIn("campaign=", variant.html + variant.text)


@override_settings(SITE_URL="https://testserver.example")
class ParameterTests(SimpleTestCase):
    def test_only_pages_of_the_site_get_it_once(self):
        site = "https://testserver.example"
        for url, expected in [
            (site, f"{site}/?campaign=a"),
            (f"{site}/x/", f"{site}/x/?campaign=a"),
            (f"{site}/x/?y=1#z", f"{site}/x/?y=1&campaign=a#z"),
            (f"{site}/x/?campaign=own", f"{site}/x/?campaign=own"),
            (f"{site}/media/a.jpg", f"{site}/media/a.jpg"),
            (f"{site}.evil.example/", f"{site}.evil.example/"),
            ("https://example.org/", "https://example.org/"),
            ("mailto:a@testserver.example",) * 2,
            ("#note",) * 2,
        ]:
            with self.subTest(url):
                self.assertEqual(with_campaign(url, "a"), expected)
                self.assertEqual(with_campaign(url, ""), url)


class ReportTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.newsletter = make_newsletter(slug="weekly")
        cls.issue = make_issue(cls.newsletter, state="sent", prepared_at=timezone.now(), slug="2026-11-29")

    def setUp(self):
        self.client.force_login(make_member("Publisher"))

    def test_the_report_counts_new_subscriptions(self):
        now = timezone.now()
        for campaign in ("weekly-2026-11-29", "weekly-2026-11-29", "weekly-2026-11-22", ""):
            order = Order.objects.create(
                user=make_user(),
                status="paid",
                placed_at=now,
                paid_at=now,
                consented_at=now,
                total_minor=900,
                currency="EUR",
                provider="demo",
                campaign=campaign,
            )
            make_payment(order=order, user=order.user)
        page = self.client.get(reverse("admin:newsletters_issue_sending", args=[self.issue.pk]))
        self.assertContains(page, "<div><dt>New paid subscriptions</dt><dd>2</dd></div>", html=True)

    def test_the_address_of_a_newsletter_stays_once_it_was_sent(self):
        url = reverse("admin:newsletters_newsletter_change", args=[self.newsletter.pk])
        self.assertNotContains(self.client.get(url), 'name="slug"')
        data = {"name": "Renamed", "description": "Daily.", "slug": "other", "required_level": 0, "position": 0}
        self.assertEqual(self.client.post(url, data).status_code, 302)
        self.newsletter.refresh_from_db()
        self.assertEqual((self.newsletter.name, self.newsletter.slug), ("Renamed", "weekly"))
        fresh = make_newsletter()
        self.assertContains(
            self.client.get(reverse("admin:newsletters_newsletter_change", args=[fresh.pk])), 'name="slug"'
        )
