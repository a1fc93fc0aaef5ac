"""What the worked examples add. Runs only in the copy to which they have been applied."""

from datetime import timedelta

import time_machine
from django.core import mail
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from subscriptions.models import EmailOptOut, Grant
from subscriptions.services.reminders import send_due
from tests.factories import make_article, make_comment, make_editor, make_user, make_version
from tests.subscriptions.emails.samples import NOW, YEAR, make_subscription


class DatelineTests(TestCase):
    def setUp(self):
        self.article = make_article(dateline="Rotterdam")

    def test_it_is_on_the_page_and_in_its_structured_data(self):
        page = self.client.get(self.article.get_absolute_url())
        self.assertContains(page, ">Rotterdam</p>")
        self.assertContains(page, '"dateline":"Rotterdam"')

    def test_it_is_in_the_editor_and_in_the_comparison_of_versions(self):
        make_version(self.article, dateline="Delft", note="The dateline was wrong.")
        self.client.force_login(make_editor())
        form = self.client.get(reverse("admin:articles_article_change", args=[self.article.pk]))
        self.assertContains(form, 'value="Delft"')
        page = self.client.get(reverse("articles:article_comparison", args=[self.article.slug, 1, 2]))
        self.assertContains(page, "Rotterdam")


class PronounsTests(TestCase):
    def test_a_reader_chooses_them_and_they_are_beside_the_comment(self):
        self.client.force_login(reader := make_user())
        comment = make_comment(author=reader)
        self.client.post("/account/name/", {"display_name": reader.display_name, "pronouns": "they"})
        self.assertContains(self.client.get(comment.article.get_absolute_url()), "<span>(they/them)</span>")


class SourcesFilterTests(TestCase):
    def test_it_finds_published_articles_without_sources(self):
        cited = '<p>So they say.<sup data-footnote="&lt;a href=&quot;https://example.org/&quot;&gt;Report&lt;/a&gt;"></sup></p>'
        make_article(headline="Cited", body=cited)
        make_article(headline="Uncited")
        self.client.force_login(make_editor())
        page = self.client.get(reverse("admin:articles_article_changelist"), {"sources": "none"})
        self.assertEqual([article.headline for article in page.context["cl"].result_list], ["Uncited"])


@time_machine.travel(NOW, tick=False)
class ThanksTests(TestCase):
    def setUp(self):
        self.subscription = make_subscription()
        paid = {"level": 10, "subscription": self.subscription, "source": "admin", "source_key": "1"}
        first = NOW.replace(year=NOW.year - 3)
        Grant.objects.create(user=self.subscription.user, starts_at=first, ends_at=NOW + YEAR, **paid)

    def remind(self):
        with self.captureOnCommitCallbacks(execute=True):
            return send_due(timezone.now())

    def test_it_is_sent_once_on_the_day(self):
        self.assertEqual([self.remind(), self.remind()], [1, 0])
        self.assertIn("3 years", mail.outbox[0].body)
        with time_machine.travel(NOW + timedelta(days=1), tick=False):
            self.assertEqual(self.remind(), 0)

    def test_a_reader_can_turn_it_off(self):
        EmailOptOut.objects.create(user=self.subscription.user, kind="thanks")
        self.assertEqual(self.remind(), 0)
