"""“Send by email” on the publish page: the email follows the article."""

from datetime import timedelta

import time_machine
from django.core import mail
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from articles.models import Article
from articles.services import publishing
from tests.budget import takes_longer
from tests.factories import make_article, make_draft, make_member, make_page
from tests.truthlytics.newsletters.factories import make_address, make_issue, make_newsletter
from truthlytics.newsletters.models import Issue
from truthlytics.newsletters.services import scheduling
from truthlytics.newsletters.services.scheduling import work_on

DAY = timedelta(days=1)


def url(item, page="publish"):
    return reverse(f"admin:articles_{item._meta.model_name}_{page}", args=[item.pk])


class SendByEmailTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.editor = make_member("Editor")
        cls.newsletter = make_newsletter(name="Weekly")
        cls.address = make_address(cls.newsletter)

    def setUp(self):
        self.client.force_login(self.editor)

    def publish(self, article, **fields):
        versions = article.versions.order_by("-number").values_list("number", flat=True)
        data = {"when": "now", "ai_uses": "none", "last": versions.first() or 0, "email-newsletter": self.newsletter.pk}
        data |= {"email-subject": "Read this", "email-preview_text": "It is new."}
        with self.captureOnCommitCallbacks(execute=True):
            return self.client.post(url(article), data | fields)

    def later(self):
        day = timezone.localdate() + 2 * DAY
        return {"when": "later", "day": f"{day}", "hour": "09:00"}

    def test_an_article_is_published_and_sent(self):
        article = make_draft(body="<p>New words.</p>")
        self.assertContains(self.client.get(url(article)), "Send by email")
        self.publish(article)
        self.assertEqual(
            [(message.subject, message.to) for message in mail.outbox], [("Read this", [self.address.email])]
        )
        self.assertIn("New words.", mail.outbox[0].body)
        self.assertEqual(Issue.objects.get().state, "sent")

    @takes_longer("Many requests, one after the other.")
    def test_the_editor_is_led_to_the_sending_page_and_later_to_those_who_got_a_mistake(self):
        article = make_draft(body="<p>It cost 5 million.</p>")
        sent = self.publish(article)
        issue = Issue.objects.get()
        report = reverse("admin:newsletters_issue_sending", args=[issue.pk])
        self.assertRedirects(sent, url(article, "change"), fetch_redirect_response=False)
        self.assertContains(self.client.get(url(article, "change")), f'href="{report}"')
        for body, kind, is_told in (("6 million", "minor", False), ("7 million", "correction", True)):
            Article.objects.filter(pk=article.pk).update(body=f"<p>It cost {body}.</p>")
            self.assertContains(self.client.get(url(article)), "It was sent to the readers of Weekly")
            self.publish(article, kind=kind, note="It cost 7 million.", **{"email-newsletter": ""})
            page = self.client.get(url(article, "change"))
            with self.subTest(kind):
                self.assertEqual("Tell those who got it" in page.text, is_told)
        self.assertContains(page, f'href="{report}"')

    def test_without_a_choice_nothing_is_sent(self):
        article = make_draft()
        self.publish(article, **{"email-newsletter": ""})
        self.assertTrue(article.versions.exists())
        self.assertFalse(Issue.objects.exists())

    def test_bad_input_publishes_nothing_and_loses_nothing(self):
        article = make_draft()
        for bad in (
            {"email-newsletter": "x"},
            {"email-newsletter": 10**30},
            {"email-subject": ""},
            {"email-subject": "x" * 151},
            {"email-preview_text": "x" * 201},
        ):
            with self.subTest(bad):
                response = self.publish(article, **{"email-preview_text": "Typed words."} | bad)
                self.assertEqual(response.status_code, 422)
                if "email-preview_text" not in bad:
                    self.assertContains(response, "Typed words.", status_code=422)
        self.assertFalse(article.versions.exists() or Issue.objects.exists())

    def test_a_scheduled_article_is_sent_when_it_appears(self):
        article = make_draft()
        self.publish(article, **self.later())
        issue, version = Issue.objects.get(), article.versions.get()
        self.assertEqual((issue.state, issue.send_at), ("scheduled", version.public_from))
        with time_machine.travel(version.public_from - timedelta(minutes=1)):
            self.assertEqual(scheduling.start_due(timezone.now()), 0)
        with (
            time_machine.travel(version.public_from + timedelta(minutes=1)),
            self.captureOnCommitCallbacks(execute=True),
        ):
            scheduling.start_due(timezone.now())
        self.assertEqual(len(mail.outbox), 1)

    def test_an_article_that_is_not_public_then_is_not_sent_and_the_newsroom_learns_why(self):
        article = make_draft(headline="The talks")
        self.publish(article, **self.later())
        issue = Issue.objects.get()
        with self.captureOnCommitCallbacks(execute=True):
            publishing.unschedule(item=article, by=self.editor)
        with time_machine.travel(issue.send_at + timedelta(minutes=1)), self.captureOnCommitCallbacks(execute=True):
            scheduling.start_due(timezone.now())
        issue.refresh_from_db()
        self.assertEqual((issue.state, mail.outbox), ("draft", []))
        self.assertContains(self.client.get(reverse("admin:index")), "“The talks” is not public.")

    def test_the_email_moves_with_the_publication(self):
        article = make_draft()
        self.publish(article, **self.later())
        page = self.client.get(url(article))
        self.assertContains(page, "It will be sent to 1 reader of Weekly")
        day = timezone.localdate() + 3 * DAY
        self.publish(article, day=f"{day}", hour="10:00", when="later", **{"email-newsletter": ""})
        version = article.versions.latest("number")
        self.assertEqual(Issue.objects.get().send_at, version.public_from)

    def test_an_email_never_goes_out_before_a_publication_that_was_moved_elsewhere(self):
        article = make_draft()
        self.publish(article, **self.later())
        at = timezone.now() + 5 * DAY
        with self.captureOnCommitCallbacks(execute=True):
            publishing.publish(item=article, by=self.editor, at=at)
        self.assertEqual(Issue.objects.get().send_at, article.versions.latest("number").public_from)

    def test_the_page_says_how_many_readers_an_email_will_reach(self):
        make_address(self.newsletter)
        make_address(self.newsletter, suppression="bounce", suppressed_at=timezone.now())
        subscribers = make_newsletter(name="Club", required_level=10)
        make_address(subscribers)
        page = self.client.get(url(make_draft()))
        self.assertContains(page, "Weekly (2 readers)")
        self.assertContains(page, "Club (0 readers)")

    def unschedule(self, article, **data):
        with self.captureOnCommitCallbacks(execute=True):
            return self.client.post(url(article, "unschedule"), data, follow=True)

    def test_unscheduling_asks_what_becomes_of_the_email(self):
        article = make_draft()
        self.publish(article, **self.later())
        page = self.client.get(url(article, "unschedule"))
        self.assertContains(page, "It will be sent to 1 reader of Weekly")
        self.assertContains(self.unschedule(article), "This field is required.", status_code=422)
        self.assertEqual(Issue.objects.get().state, "scheduled")
        self.assertContains(self.unschedule(article, **{"email-decision": "take_back"}), "The email is a draft again.")
        self.assertEqual((Issue.objects.get().state, article.versions.get().was_public), ("draft", False))

    def test_an_email_can_stay_scheduled_when_its_article_is_unscheduled(self):
        article = make_article()
        make_issue(self.newsletter, article, send_at=timezone.now() + DAY)
        publishing.publish(item=article, by=self.editor, at=timezone.now() + 2 * DAY)
        self.assertContains(self.client.get(url(article, "unschedule")), "Send it anyway")
        self.assertContains(self.unschedule(article, **{"email-decision": "keep"}), "The email stays scheduled.")
        self.assertEqual(Issue.objects.get().state, "scheduled")
        self.assertIsNone(Article.objects.get(pk=article.pk).scheduled_version())

    def test_those_who_may_not_send_issues_leave_the_email_as_it_is(self):
        article = make_draft()
        self.publish(article, **self.later())
        group = self.editor.groups.get()
        group.permissions.remove(*group.permissions.filter(codename="change_issue"))
        self.assertContains(self.client.get(url(article, "unschedule")), "It will be sent to 1 reader of Weekly")
        self.assertContains(self.unschedule(article, **{"email-decision": "take_back"}), "The email stays scheduled.")
        self.assertEqual(Issue.objects.get().state, "scheduled")

    def test_it_is_offered_for_articles_that_were_not_sent(self):
        article = make_article()
        make_issue(self.newsletter, article)
        for item in (article, make_page(published=False)):
            with self.subTest(item):
                self.assertNotContains(self.client.get(url(item)), "email-newsletter")

    def test_it_is_offered_to_those_who_may_send_issues(self):
        article = make_draft()
        group = self.editor.groups.get()
        group.permissions.remove(*group.permissions.filter(codename="add_issue"))
        self.assertNotContains(self.client.get(url(article)), "email-newsletter")
        self.publish(article)
        self.assertTrue(article.versions.exists())
        self.assertFalse(Issue.objects.exists())

    def test_an_issue_that_could_not_be_sent_for_a_day_needs_a_new_decision(self):
        issue = make_issue(self.newsletter, kind="letter", body="<p>x</p>", send_at=timezone.now() - DAY - DAY / 24)
        work_on.call(issue_id=issue.pk)
        issue.refresh_from_db()
        self.assertEqual((issue.state, mail.outbox), ("draft", []))
        self.assertIn("could not be sent", issue.pause_reason)
