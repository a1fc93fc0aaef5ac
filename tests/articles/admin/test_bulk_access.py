"""Bulk changes of access: what is shown before, the scheduled version, and publishing the change in one step."""

import json
from datetime import timedelta

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.management import call_command
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from articles.models import Article
from articles.services import bulk_edit
from articles.services.publishing import NotReadyError, publish
from articles.services.scheduling import set_scheduled_access
from tests.factories import make_article, make_author, make_draft, make_editor, make_member, make_topic, publish_change
from tests.threads import at_once
from tests.transactions import TransactionTestCase
from truthlytics.audit.log import AuditEntry

LIST = reverse("admin:articles_article_changelist")
PUBLISH = reverse("admin:articles_article_publish_access")
TOMORROW = timedelta(days=1)


def scheduled_update(**fields):
    """Return a public article with a scheduled version of other words."""
    article = make_article(**fields)
    article.headline = "Tomorrow’s headline"
    article.save()
    publish_change(article, at=timezone.now() + TOMORROW)
    return article


class BulkAccessTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.editor = make_editor()

    def setUp(self):
        self.client.force_login(self.editor)

    def change(self, *articles, level=10, confirmed="1", **data):
        data |= {"action": "access", ACTION_CHECKBOX_NAME: [article.pk for article in articles]}
        if confirmed:
            data |= {"confirmed": confirmed, "required_level": level}
        response = self.client.post(LIST, data)
        for article in articles:
            article.refresh_from_db()
        return response

    def publish(self, response):
        """Press the button of the page that `response` redirects to."""
        page = self.client.get(response.url)
        values = [f"{article.pk}-{article.required_level}" for article, _ in page.context["will"]]
        return page, self.client.post(PUBLISH, {"publish": values}, follow=True)

    def test_confirmation_shows_the_present_access_of_each(self):
        public, draft, scheduled = make_article(), make_draft(required_level=1), scheduled_update(required_level=20)
        Article.objects.filter(pk=public.pk).update(required_level=10)
        page = self.change(public, draft, scheduled, confirmed="")
        self.assertContains(page, "Now: draft: Subscribers, public: Everyone")
        self.assertContains(page, "Now: Registered readers")
        self.assertContains(page, "Now: Supporters")
        self.assertContains(page, "Also change the scheduled version (1)")
        self.assertNotContains(self.change(draft, confirmed=""), "Also change")

    def test_confirmation_queries_do_not_grow_with_articles(self):
        articles = [scheduled_update(topics=[make_topic()], authors=[make_author()]) for _ in range(4)]
        with self.assertNumQueries(16):  # 12 of them of the list
            self.client.post(LIST, {"action": "access", ACTION_CHECKBOX_NAME: [article.pk for article in articles]})

    def test_change_is_published_in_one_step_and_is_no_correction(self):
        public = [make_article(), make_article(required_level=1)]
        draft = make_draft()
        response = self.change(*public, draft)
        page, result = self.publish(response)
        message = "3 drafts set to the access “Subscribers”. 2 published articles change when you publish them."
        self.assertContains(page, message)
        self.assertContains(page, "Registered readers → Subscribers")
        self.assertContains(result, "2 articles published with their new access.")
        for article in public:
            article.refresh_from_db()
            self.assertEqual((article.live.required_level, article.live.number), (10, 2))
            self.assertIsNone(article.live.change)
            self.assertEqual(article.live.changed_at, article.versions.get(number=1).changed_at)
            self.assertIn("→ Subscribers", AuditEntry.objects.about(article).first().message)
        self.assertEqual(draft.state(), "draft")
        call_command("verify_record", served=True, verbosity=0)

    def test_articles_with_other_unpublished_changes_are_left_out_and_named(self):
        edited, clean = make_article(), make_article()
        Article.objects.filter(pk=edited.pk).update(headline="Half rewritten")
        page, _ = self.publish(self.change(edited, clean))
        self.assertEqual(page.context["cannot"], [(edited, "Has other unpublished changes")])
        self.assertContains(page, reverse("admin:articles_article_publish", args=[edited.pk]))
        levels = [Article.objects.get(pk=article.pk).live.required_level for article in (edited, clean)]
        self.assertEqual(levels, [0, 10])

    def test_scheduled_version_changes_only_if_wanted(self):
        for wanted, level in (("", 0), ("on", 10)):
            with self.subTest(wanted):
                article = scheduled_update()
                old, at = article.upcoming, article.upcoming_at
                self.change(article, **({"scheduled": wanted} if wanted else {}))
                new = article.upcoming
                self.assertEqual((new.required_level, article.upcoming_at, article.live.required_level), (level, at, 0))
                self.assertEqual(new.headline, "Tomorrow’s headline")
                old.refresh_from_db()
                self.assertEqual(old.superseded_at is not None, bool(wanted))
        call_command("verify_record", served=True, verbosity=0)

    def test_scheduled_version_keeps_kind_and_note(self):
        article = make_article()
        article.headline = "It was 45 metres"
        article.save()
        publish(item=article, at=timezone.now() + TOMORROW, by=self.editor, kind="correction", note="It was wrong.")
        self.change(article, scheduled="on")
        self.assertEqual((article.upcoming.change.kind, article.upcoming.note), ("correction", "It was wrong."))
        self.assertEqual(json.loads(article.upcoming.content)["headline"], "It was 45 metres")

    def test_article_with_a_scheduled_version_is_not_published(self):
        article = scheduled_update()
        page, _ = self.publish(self.change(article, scheduled="on"))
        self.assertEqual(page.context["cannot"], [(article, "Another version is scheduled")])

    def test_change_that_is_already_in_the_drafts_can_still_be_published(self):
        article = make_article()
        self.change(article)
        self.publish(self.change(article))
        article.refresh_from_db()
        self.assertEqual(article.live.required_level, 10)

    def test_access_changed_in_the_meantime_is_not_published(self):
        article = make_article()
        self.change(article)
        self.change(article, level=20)
        result = self.client.post(PUBLISH, {"publish": [f"{article.pk}-10", "x", "9-", ""]}, follow=True)
        self.assertContains(result, "Its access was changed in the meantime.")
        article.refresh_from_db()
        self.assertEqual(article.live.required_level, 0)

    def test_log_has_the_access_before_and_after(self):
        draft = make_draft()
        self.change(draft)
        message = AuditEntry.objects.about(draft).first().message
        self.assertEqual(message, "Change access (bulk action): Everyone → Subscribers.")

    def test_only_those_who_publish_may_open_the_page(self):
        self.client.force_login(make_member("Author"))
        self.assertEqual(self.client.get(PUBLISH).status_code, 403)
        self.assertEqual(self.client.post(PUBLISH, {"publish": "1-10"}).status_code, 403)

    def test_list_shows_what_readers_get_and_where_draft_and_schedule_differ(self):
        article = scheduled_update()
        self.assertNotContains(self.client.get(LIST), "draft: ")
        self.change(article)
        self.assertContains(self.client.get(LIST), 'Everyone <span class="row-detail">draft: Subscribers</span>')
        self.change(article, level=20, scheduled="on")
        page = self.client.get(LIST)
        self.assertContains(page, 'Everyone <span class="row-detail">scheduled: Supporters</span>')
        self.assertContains(page, '<span class="row-detail">draft: Supporters</span>')

    def test_editor_says_where_they_differ(self):
        article = make_article()
        url = reverse("admin:articles_article_change", args=[article.pk])
        self.assertNotContains(self.client.get(url), "Differs until you publish")
        self.change(article)
        self.assertContains(self.client.get(url), "Differs until you publish: draft: Subscribers, public: Everyone.")

    def test_due_version_counts_as_what_readers_get(self):
        article = scheduled_update()
        set_scheduled_access(article=article, required_level=10)
        levels = Article.objects.with_access_levels().get(pk=article.pk).access_levels(timezone.now() + 2 * TOMORROW)
        self.assertEqual((levels.public, levels.scheduled), (10, None))


class RaceTests(TransactionTestCase):
    def test_access_is_published_once_by_two_at_once(self):
        article, editor = make_article(), make_editor()
        bulk_edit.set_access(article=article, required_level=10, by=editor)

        def run():
            return bulk_edit.publish_access(
                article=Article.objects.get(pk=article.pk), required_level=10, by=editor
            ).number

        results = at_once(run, 2)
        self.assertEqual(sorted(result for result in results if isinstance(result, int)), [2])
        self.assertEqual([type(result) for result in results if not isinstance(result, int)], [NotReadyError])
        self.assertEqual(article.versions.count(), 2)
