"""Two topics become one: lists, addresses, working rows and kept pages follow; the record stays."""

from datetime import timedelta
from threading import Barrier, Thread

from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.http import QueryDict
from django.test import TestCase, TransactionTestCase, override_settings
from django.urls import reverse
from django.utils import timezone

from articles.models import Article, Topic, TopicEntry, Version
from articles.services import autosave, publishing, revisions
from articles.services.merge_topics import MergeError, MergeSummary, merge_summary, merge_topics
from articles.services.publishing import publish
from tests.articles.admin.editor import form_data
from tests.factories import make_article, make_draft, make_member, make_topic, make_version
from tests.truthlytics.test_page_cache import MIDDLEWARE, Visitor
from truthlytics.cache import next_change
from truthlytics.importers.taxonomy import Taxonomy
from truthlytics.roles import ROLES

FEEDS = ("rss.xml", "atom.xml", "feed.json")


class MergingTests(TestCase):
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

    def test_it_says_first_what_it_moves(self):
        self.assertEqual(merge_summary(self.old, self.new), MergeSummary(articles=3, both=1, pieces=2, before=0))

    def test_articles_get_the_other_once_and_its_list_has_all(self):
        self.merge()
        for article in (self.alone, self.both, self.draft):
            self.assertEqual(self.names(article), ["Ports"])
        page = self.client.get("/topics/ports/")
        for headline in ("Alone", "Both"):
            self.assertContains(page, headline)
        self.assertFalse(TopicEntry.objects.filter(topic=self.old).exists())
        self.assertEqual(TopicEntry.objects.filter(topic=self.new).count(), 2)

    def test_its_address_and_feeds_lead_on_and_it_is_in_no_sitemap(self):
        self.merge()
        self.assertRedirects(self.client.get("/topics/harbours/"), "/topics/ports/", status_code=301)
        self.assertRedirects(self.client.get("/topics/harbours/?after=x"), "/topics/ports/", status_code=301)
        for file in FEEDS:
            moved = self.client.get(f"/topics/harbours/feeds/{file}")
            self.assertRedirects(moved, f"/topics/ports/feeds/{file}", status_code=301)
        self.assertNotIn(b"harbours", self.client.get("/sitemap-topics-1.xml").getvalue())
        self.assertEqual(self.client.get("/topics/no-such/").status_code, 404)

    def test_what_was_published_stays_and_is_drawn_with_the_other(self):
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

    def test_a_scheduled_text_comes_out_under_the_other(self):
        waiting = make_article(headline="Waiting", topics=[self.old], at=timezone.now() + timedelta(hours=1))
        self.merge()
        self.assertEqual(waiting.upcoming.number, 1)
        self.assertEqual(TopicEntry.objects.get(article=waiting).topic, self.new)

    def test_those_merged_before_lead_to_the_last(self):
        older = make_topic(name="Quays", slug="quays")
        merge_topics(topic=older, into=self.old)
        self.assertEqual(merge_summary(self.old, self.new).before, 1)
        self.merge()
        self.assertRedirects(self.client.get("/topics/quays/"), "/topics/ports/", status_code=301)

    def test_chains_and_circles_are_refused(self):
        self.merge()
        third = make_topic()
        for topic, into in [(self.old, third), (third, self.old), (self.new, self.old), (self.new, self.new)]:
            with self.subTest(f"{topic} into {into}"), self.assertRaises(MergeError):
                merge_topics(topic=topic, into=into)
        with self.assertRaises(IntegrityError), transaction.atomic():
            Topic.objects.filter(pk=self.new.pk).update(merged_into=self.new)

    def test_the_desk_sees_no_difference_and_the_next_version_names_the_other(self):
        revisions.save_revision(item=self.alone, by=None)
        self.merge()
        article = Article.objects.get(pk=self.alone.pk)
        self.assertFalse(publishing.differs(article, article.live))
        self.assertEqual(revisions.fields_of(article.live)["topics"], revisions.current_fields(article)["topics"])
        version = make_version(article, standfirst="Another.")
        self.assertIn(str(self.new.uuid), version.content)
        self.assertNotIn(str(self.old.uuid), version.content)

    def test_a_form_from_before_means_the_other(self):
        self.client.force_login(make_member("Editor"))
        data = form_data(self.draft, topics=[self.old.pk])
        self.merge()
        url = reverse("admin:articles_article_change", args=[self.draft.pk])
        self.assertNotContains(self.client.get(url), "Harbours")
        self.assertEqual(self.client.post(url, data).status_code, 302)
        self.assertEqual(self.names(self.draft), ["Ports"])

    def test_words_that_nobody_saved_yet_mean_the_other(self):
        words = autosave.serialise(QueryDict(f"headline=Draft&topics={self.old.pk}&topics={self.new.pk}&topics=x"))
        autosave.store(item=self.draft, user=make_member("Editor"), form_data=words, based_on=0, tab="t", take=True)
        self.merge()
        kept = autosave.form_of(self.draft.autosaves.get())
        self.assertEqual(kept.getlist("topics"), [str(self.new.pk), "x"])

    def test_an_old_text_that_is_taken_back_has_the_other(self):
        save = revisions.save_revision(item=self.draft, by=None)
        self.merge()
        revisions.write(item=self.draft, fields=revisions.fields_of(save), by=None)
        self.assertEqual(self.names(self.draft), ["Ports"])

    def test_what_came_between_is_mended_when_it_is_drawn_again(self):
        self.merge()
        TopicEntry.objects.filter(article=self.alone).update(topic=self.old)
        both = TopicEntry.objects.get(article=self.both)
        TopicEntry.objects.create(
            topic=self.old, article=self.both, version=both.version,
            published_at=both.published_at, served_from=both.served_from,
        )  # fmt: skip
        call_command("rerender", verbosity=0)
        self.assertEqual(TopicEntry.objects.filter(topic=self.new).count(), 2)
        self.assertFalse(TopicEntry.objects.filter(topic=self.old).exists())
        self.draft.topics.add(self.old)
        publish(item=self.draft)
        self.assertEqual(TopicEntry.objects.get(article=self.draft).topic, self.new)

    def test_what_is_imported_under_the_old_name_gets_the_other(self):
        self.merge()
        self.assertEqual(Taxonomy({}, dry_run=False).topics(("harbours", "Ports")), [self.new])

    def test_queries_do_not_grow_with_the_articles(self):
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

    def test_first_it_says_what_moves_then_it_is_done(self):
        self.assertContains(self.client.get(self.url), "Show effects")
        seen = self.client.get(self.url, {"into": self.new.pk})
        self.assertContains(seen, "1 article moves to the “Ports” page")
        self.old.refresh_from_db()
        self.assertIsNone(self.old.merged_into)
        done = self.client.post(self.url, {"into": self.new.pk})
        self.assertRedirects(done, reverse("admin:articles_topic_change", args=[self.new.pk]))
        self.old.refresh_from_db()
        self.assertEqual(self.old.merged_into, self.new)

    def test_what_was_merged_is_only_looked_at_and_stays(self):
        merge_topics(topic=self.old, into=self.new)
        change = reverse("admin:articles_topic_change", args=[self.old.pk])
        self.assertContains(self.client.get(change), "Merged into")
        self.assertEqual(self.client.post(change, {"name": "Taken", "slug": "taken"}).status_code, 403)
        self.assertContains(self.client.get(reverse("admin:articles_topic_changelist")), "Ports")
        self.assertContains(self.client.post(self.url, {"into": make_topic().pk}), "already", status_code=422)
        for topic in (self.old, self.new):
            self.client.post(reverse("admin:articles_topic_delete", args=[topic.pk]), {"post": "yes"})
            self.assertTrue(Topic.objects.filter(pk=topic.pk).exists())

    def test_odd_input_gets_a_sentence(self):
        for into in ("", "x", "-1", str(self.old.pk), "9" * 40, "1,2"):
            with self.subTest(into):
                self.assertEqual(self.client.post(self.url, {"into": into}).status_code, 422)
                self.assertIn(self.client.get(self.url, {"into": into}).status_code, {200, 422})
        for pk in (0, 10**12):
            self.assertEqual(self.client.get(f"/admin/articles/topic/{pk}/merge/").status_code, 404)

    def test_each_role_by_method(self):
        expected = {"Author": (403, 403), "Editor": (200, 422), "Publisher": (200, 422), "Moderator": (403, 403)}
        for role, (get, post) in expected.items():
            with self.subTest(role):
                self.client.force_login(make_member(role))
                self.assertIn(self.client.get(self.url).status_code, {get, 404 if get == 403 else get})
                self.assertIn(self.client.post(self.url).status_code, {post, 404 if post == 403 else post})
        self.assertEqual(set(expected), set(ROLES))


@override_settings(MIDDLEWARE=MIDDLEWARE, ALLOWED_HOSTS=["testserver"])
class KeptPageTests(TransactionTestCase):
    def test_every_kept_page_follows(self):
        next_change._known = None
        old, new = make_topic(name="Harbours", slug="harbours"), make_topic(name="Ports", slug="ports")
        article = make_article(headline="Zwanenzang", topics=[old])
        visitor = Visitor()
        pages = ["/topics/harbours/", "/topics/ports/", "/topics/harbours/feeds/rss.xml", article.get_absolute_url()]
        for page in pages:
            visitor.get(page)
        merge_topics(topic=old, into=new)
        asked = [visitor.get(page) for page in pages]
        self.assertEqual([answer["status"][:3] for answer in asked], ["301", "200", "301", "200"])
        self.assertIn(b"Zwanenzang", asked[1]["body"])
        self.assertNotIn(b"Harbours", asked[3]["body"])
        made = visitor.made
        self.assertEqual(visitor.get(pages[0])["headers"]["Location"], "/topics/ports/")
        self.assertEqual(visitor.made, made)
        new.slug = "seaports"
        new.save()
        self.assertEqual(visitor.get(pages[0])["headers"]["Location"], "/topics/seaports/")


class RaceTests(TransactionTestCase):
    def at_once(self, *deeds):
        barrier, done = Barrier(len(deeds)), []

        def run(deed):
            try:
                barrier.wait()
                deed()
                done.append("merged")
            except MergeError:
                done.append("refused")
            finally:
                connection.close()

        threads = [Thread(target=run, args=[deed]) for deed in deeds]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sorted(done)

    def test_the_same_topic_is_merged_once_and_crosswise_never(self):
        one, two, three = (make_topic() for _ in range(3))
        make_article(topics=[one])

        def merge(topic, into):
            return lambda: merge_topics(topic=Topic.objects.get(pk=topic.pk), into=Topic.objects.get(pk=into.pk))

        self.assertEqual(self.at_once(merge(one, two), merge(one, three)), ["merged", "refused"])
        four, five = make_topic(), make_topic()
        self.assertEqual(self.at_once(merge(four, five), merge(five, four)), ["merged", "refused"])
        self.assertFalse(Topic.objects.filter(merged_into__merged_into__isnull=False).exists())

    def test_what_is_published_meanwhile_stands_under_the_other(self):
        old, new = make_topic(), make_topic()
        draft = make_draft(topics=[old])
        done = self.at_once(lambda: merge_topics(topic=old, into=new), lambda: publish(item=draft))
        self.assertEqual(done, ["merged", "merged"])
        self.assertEqual(list(TopicEntry.objects.values_list("topic", flat=True)), [new.pk])
        self.assertEqual([one["slug"] for one in Version.objects.get().head["topics"]], [new.slug])
