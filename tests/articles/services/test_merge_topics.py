"""Merging topics: lists, URLs, drafts and cached pages follow, and versions stay."""

from datetime import timedelta
from threading import Barrier, Thread

from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.http import QueryDict
from django.test import TestCase, override_settings
from django.urls import reverse
from django.utils import timezone

from articles.models import Article, Topic, TopicEntry, Version
from articles.services import autosave, publishing, revisions
from articles.services.merge_topics import MergeError, MergeSummary, merge_summary, merge_topics
from articles.services.publishing import publish
from tests.articles.admin.editor import form_data
from tests.budget import takes_longer
from tests.factories import make_article, make_draft, make_member, make_topic, make_version
from tests.transactions import TransactionTestCase
from tests.truthlytics.cache.visitor import MIDDLEWARE, Visitor
from truthlytics.cache import next_change
from truthlytics.roles import ROLES

FEEDS = ("rss.xml", "atom.xml", "feed.json")


class MergeTests(TestCase):
    def setUp(self):
        self.old, self.new = make_topic(name="Harbours", slug="harbours"), make_topic(name="Ports", slug="ports")
        self.alone = make_article(headline="Alone", topics=[self.old])
        self.both = make_article(headline="Both", topics=[self.old, self.new])
        self.draft = make_draft(headline="Draft", topics=[self.old])

    def merge(self):
        with self.captureOnCommitCallbacks(execute=True):
            merge_topics(topic=self.old, into=self.new)

    def names(self, article):
        return list(article.topics.values_list("name", flat=True))

    def test_summary(self):
        self.assertEqual(merge_summary(self.old, self.new), MergeSummary(articles=3, both=1, public=2, merged_before=0))

    def test_articles_and_list_rows_move(self):
        self.merge()
        for article in (self.alone, self.both, self.draft):
            self.assertEqual(self.names(article), ["Ports"])
        page = self.client.get("/topics/ports/")
        for headline in ("Alone", "Both"):
            self.assertContains(page, headline)
        self.assertFalse(TopicEntry.objects.filter(topic=self.old).exists())
        self.assertEqual(TopicEntry.objects.filter(topic=self.new).count(), 2)

    def test_url_and_feeds_redirect_and_sitemap_drops_it(self):
        self.merge()
        self.assertRedirects(self.client.get("/topics/harbours/"), "/topics/ports/", status_code=301)
        self.assertRedirects(self.client.get("/topics/harbours/?after=x"), "/topics/ports/", status_code=301)
        for file in FEEDS:
            response = self.client.get(f"/topics/harbours/feeds/{file}")
            self.assertRedirects(response, f"/topics/ports/feeds/{file}", status_code=301)
        self.assertNotIn(b"harbours", self.client.get("/sitemap-topics-1.xml").getvalue())
        self.assertEqual(self.client.get("/topics/no-such/").status_code, 404)

    def test_versions_stay_and_are_rendered_with_the_target(self):
        before = dict(Version.objects.values_list("pk", "content"))
        digests = dict(Version.objects.values_list("pk", "digest"))
        self.merge()
        self.assertEqual(dict(Version.objects.values_list("pk", "content")), before)
        self.assertEqual(dict(Version.objects.values_list("pk", "digest")), digests)
        self.assertIn(str(self.old.uuid), before[self.alone.live_id])
        for article in (self.alone, self.both):
            topics = Version.objects.get(article=article).head["topics"]
            self.assertEqual(topics, [{"name": "Ports", "slug": "ports"}])
        self.assertNotContains(self.client.get(self.alone.get_absolute_url()), "Harbours")
        call_command("verify_record", verbosity=0)

    def test_scheduled_version_is_listed_under_the_target(self):
        scheduled = make_article(headline="Waiting", topics=[self.old], at=timezone.now() + timedelta(hours=1))
        self.merge()
        self.assertEqual(scheduled.upcoming.number, 1)
        self.assertEqual(TopicEntry.objects.get(article=scheduled).topic, self.new)

    def test_earlier_merges_redirect_to_the_target(self):
        older = make_topic(name="Quays", slug="quays")
        merge_topics(topic=older, into=self.old)
        self.assertEqual(merge_summary(self.old, self.new).merged_before, 1)
        self.merge()
        self.assertRedirects(self.client.get("/topics/quays/"), "/topics/ports/", status_code=301)

    def test_chains_and_cycles_are_refused(self):
        self.merge()
        third = make_topic()
        for topic, into in [(self.old, third), (third, self.old), (self.new, self.old), (self.new, self.new)]:
            with self.subTest(f"{topic} into {into}"), self.assertRaises(MergeError):
                merge_topics(topic=topic, into=into)
        with self.assertRaises(IntegrityError), transaction.atomic():
            Topic.objects.filter(pk=self.new.pk).update(merged_into=self.new)

    def test_merge_is_no_unpublished_change(self):
        revisions.save_revision(item=self.alone, by=None)
        self.merge()
        article = Article.objects.get(pk=self.alone.pk)
        self.assertFalse(publishing.differs(article, article.live))
        self.assertEqual(revisions.fields_of(article.live)["topics"], revisions.current_fields(article)["topics"])
        version = make_version(article, standfirst="Another.")
        self.assertIn(str(self.new.uuid), version.content)
        self.assertNotIn(str(self.old.uuid), version.content)

    def test_older_form_selects_the_target(self):
        self.client.force_login(make_member("Editor"))
        data = form_data(self.draft, topics=[self.old.pk])
        self.merge()
        url = reverse("admin:articles_article_change", args=[self.draft.pk])
        self.assertNotContains(self.client.get(url), "Harbours")
        self.assertEqual(self.client.post(url, data).status_code, 302)
        self.assertEqual(self.names(self.draft), ["Ports"])

    def test_autosaved_form_selects_the_target(self):
        serialised = autosave.serialise(QueryDict(f"headline=Draft&topics={self.old.pk}&topics={self.new.pk}&topics=x"))
        autosave.store(
            item=self.draft, user=make_member("Editor"), form_data=serialised, based_on=0, tab="t", take=True
        )
        self.merge()
        stored = autosave.form_of(self.draft.autosaves.get())
        self.assertEqual(stored.getlist("topics"), [str(self.new.pk), "x"])

    def test_restored_revision_has_the_target(self):
        revision = revisions.save_revision(item=self.draft, by=None)
        self.merge()
        revisions.write(item=self.draft, fields=revisions.fields_of(revision), by=None)
        self.assertEqual(self.names(self.draft), ["Ports"])

    def test_rendering_again_moves_rows_added_during_the_merge(self):
        self.merge()
        TopicEntry.objects.filter(article=self.alone).update(topic=self.old)
        both = TopicEntry.objects.get(article=self.both)
        TopicEntry.objects.create(
            topic=self.old,
            article=self.both,
            version=both.version,
            published_at=both.published_at,
            served_from=both.served_from,
        )
        call_command("rerender", verbosity=0)
        self.assertEqual(TopicEntry.objects.filter(topic=self.new).count(), 2)
        self.assertFalse(TopicEntry.objects.filter(topic=self.old).exists())
        self.draft.topics.add(self.old)
        publish(item=self.draft)
        self.assertEqual(TopicEntry.objects.get(article=self.draft).topic, self.new)

    def test_query_count_does_not_grow_with_articles(self):
        for _ in range(3):
            make_article(topics=[self.old])
        with self.assertNumQueries(11):
            merge_topics(topic=self.old, into=self.new)


class MergePageTests(TestCase):
    def setUp(self):
        self.old, self.new = make_topic(name="Harbours"), make_topic(name="Ports")
        make_article(topics=[self.old])
        self.url = reverse("admin:articles_topic_merge", args=[self.old.pk])
        self.client.force_login(make_member("Editor"))

    def test_merge_needs_confirmation(self):
        self.assertContains(self.client.get(self.url), "Preview merge")
        effects = self.client.get(self.url, {"into": self.new.pk})
        self.assertContains(effects, "1 article moves to the “Ports” page")
        self.old.refresh_from_db()
        self.assertIsNone(self.old.merged_into)
        response = self.client.post(self.url, {"into": self.new.pk})
        self.assertRedirects(response, reverse("admin:articles_topic_change", args=[self.new.pk]))
        self.old.refresh_from_db()
        self.assertEqual(self.old.merged_into, self.new)

    def test_merged_topic_is_read_only_and_kept(self):
        merge_topics(topic=self.old, into=self.new)
        change = reverse("admin:articles_topic_change", args=[self.old.pk])
        self.assertContains(self.client.get(change), "Merged into")
        self.assertEqual(self.client.post(change, {"name": "Taken", "slug": "taken"}).status_code, 403)
        self.assertContains(self.client.get(reverse("admin:articles_topic_changelist")), "Ports")
        self.assertContains(self.client.post(self.url, {"into": make_topic().pk}), "already", status_code=422)
        for topic in (self.old, self.new):
            self.client.post(reverse("admin:articles_topic_delete", args=[topic.pk]), {"post": "yes"})
            self.assertTrue(Topic.objects.filter(pk=topic.pk).exists())

    def test_invalid_input_gets_an_error(self):
        for into in ("", "x", "-1", str(self.old.pk), "9" * 40, "1,2"):
            with self.subTest(into):
                self.assertEqual(self.client.post(self.url, {"into": into}).status_code, 422)
                self.assertIn(self.client.get(self.url, {"into": into}).status_code, {200, 422})
        for pk in (0, 10**12):
            self.assertEqual(self.client.get(f"/admin/articles/topic/{pk}/merge/").status_code, 404)

    def test_permissions_by_role_and_method(self):
        expected = {"Editor": (200, 422), "Publisher": (200, 422)}
        for role in ROLES:
            get, post = expected.get(role, (403, 403))
            with self.subTest(role):
                self.client.force_login(make_member(role))
                self.assertIn(self.client.get(self.url).status_code, {get, 404 if get == 403 else get})
                self.assertIn(self.client.post(self.url).status_code, {post, 404 if post == 403 else post})


@override_settings(MIDDLEWARE=MIDDLEWARE, ALLOWED_HOSTS=["testserver"])
class CachedPageTests(TransactionTestCase):
    def test_cached_pages_are_purged(self):
        next_change._cached.clear()
        old, new = make_topic(name="Harbours", slug="harbours"), make_topic(name="Ports", slug="ports")
        article = make_article(headline="Zwanenzang", topics=[old])
        visitor = Visitor()
        pages = ["/topics/harbours/", "/topics/ports/", "/topics/harbours/feeds/rss.xml", article.get_absolute_url()]
        for page in pages:
            visitor.get(page)
        merge_topics(topic=old, into=new)
        responses = [visitor.get(page) for page in pages]
        self.assertEqual([response["status"][:3] for response in responses], ["301", "200", "301", "200"])
        self.assertIn(b"Zwanenzang", responses[1]["body"])
        self.assertNotIn(b"Harbours", responses[3]["body"])
        made = visitor.rendered
        self.assertEqual(visitor.get(pages[0])["headers"]["Location"], "/topics/ports/")
        self.assertEqual(visitor.rendered, made)
        new.slug = "seaports"
        new.save()
        self.assertEqual(visitor.get(pages[0])["headers"]["Location"], "/topics/seaports/")


class RaceTests(TransactionTestCase):
    def run_concurrently(self, *actions):
        barrier, outcomes = Barrier(len(actions)), []

        def run(action):
            try:
                barrier.wait()
                action()
                outcomes.append("merged")
            except MergeError:
                outcomes.append("refused")
            finally:
                connection.close()

        threads = [Thread(target=run, args=[action]) for action in actions]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sorted(outcomes)

    @takes_longer("Many threads use the database at once.")
    def test_concurrent_merges(self):
        one, two, three = (make_topic() for _ in range(3))
        make_article(topics=[one])

        def merge(topic, into):
            return lambda: merge_topics(topic=Topic.objects.get(pk=topic.pk), into=Topic.objects.get(pk=into.pk))

        self.assertEqual(self.run_concurrently(merge(one, two), merge(one, three)), ["merged", "refused"])
        four, five = make_topic(), make_topic()
        self.assertEqual(self.run_concurrently(merge(four, five), merge(five, four)), ["merged", "refused"])
        self.assertFalse(Topic.objects.filter(merged_into__merged_into__isnull=False).exists())

    def test_article_published_during_the_merge_is_listed_under_the_target(self):
        old, new = make_topic(), make_topic()
        draft = make_draft(topics=[old])
        outcomes = self.run_concurrently(lambda: merge_topics(topic=old, into=new), lambda: publish(item=draft))
        self.assertEqual(outcomes, ["merged", "merged"])
        self.assertEqual(list(TopicEntry.objects.values_list("topic", flat=True)), [new.pk])
        self.assertEqual([topic["slug"] for topic in Version.objects.get().head["topics"]], [new.slug])
