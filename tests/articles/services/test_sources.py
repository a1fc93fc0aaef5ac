"""Sources of saved and published articles: the rows, and the details in versions."""

import json
from threading import Barrier

from django.db.models import Model
from django.test import TestCase

from articles.integrity import chain_digest, digest_of, faults
from articles.models import Citation, Source, Version
from articles.services import revisions
from articles.services.denormalise import rerender
from articles.services.publishing import differs, publish
from articles.services.redaction import redact
from articles.services.sources import articles_citing, sources_of
from tests.budget import takes_longer
from tests.factories import make_article, make_document, make_draft, make_source, make_version
from tests.threads import start_thread
from tests.transactions import TransactionTestCase
from truthlytics.web.canonical_json import canonical

URL = "https://example.org/report"
BODY = f'<p>Words.<sup data-footnote="The report, {URL}"></sup></p>'
GATED = (
    f'{BODY}<hr data-gate=""><p>More.<sup data-footnote="Minutes" data-source=""></sup>'
    f'<a href="{URL}" data-source="">again</a></p>'
)


def content_of(version):
    return json.loads(Version.objects.get(pk=version.pk).content)


class PublishedSourceTests(TestCase):
    def test_publishing_adds_rows_and_keeps_the_details_in_the_version(self):
        article = make_article(body=GATED, required_level=10)
        self.assertEqual(
            [(one["title"], one["gated"]) for one in content_of(article.live)["sources"]],
            [("The report", False), ("Minutes", True)],
        )
        self.assertEqual(list(Citation.objects.values_list("number", "is_gated")), [(1, False), (2, True)])

    def test_details_are_those_of_the_row(self):
        make_source(
            URL,
            title="Annual report",
            kind="report",
            publisher="Port",
            author="A. B.",
            published_on="2024-11",
            archived_url="https://archive.example/1",
            accessed_on="2026-05-03",
        )
        kept = content_of(make_article(body=BODY).live)["sources"][0]
        self.assertEqual(kept | {"key": ""}, {
            "key": "", "title": "Annual report", "kind": "report", "gated": False, "url": URL, "publisher": "Port",
            "author": "A. B.", "published_on": "2024-11", "archived_url": "https://archive.example/1",
            "accessed_on": "2026-05-03",
        })  # fmt: skip

    def test_same_address_is_one_source_in_all_articles(self):
        first, second = make_article(body=BODY), make_article(body=BODY.replace("https://", "http://www."))
        self.assertEqual(Source.objects.count(), 1)
        self.assertEqual({article.pk for article in articles_citing(Source.objects.get())}, {first.pk, second.pk})

    def test_content_without_sources_has_no_key(self):
        self.assertNotIn("sources", content_of(make_article().live))

    def test_link_to_a_document_keeps_its_digest(self):
        document = make_document(title="The audit", credit="Court of Auditors")
        body = f'<p><a href="{document.get_absolute_url()}" data-source="">audit</a></p>'
        kept = content_of(make_article(body=body).live)["sources"][0]
        self.assertEqual(kept["document"], {"sha256": document.sha256, "url": document.get_absolute_url()})
        self.assertEqual((kept["publisher"], kept["kind"]), ("Court of Auditors", "document"))

    def test_removed_citation_is_in_earlier_versions_only(self):
        article = make_article(body=BODY)
        make_version(article, body="<p>Words.</p>", kind="update", note="News.")
        citing = articles_citing(Source.objects.get()).get()
        self.assertFalse(citing.is_current)
        self.assertFalse(Source.objects.served().exists())

    def test_redaction_removes_the_sources(self):
        article = make_article(body=BODY)
        first = article.live
        make_version(article, body="<p>Other words.</p>", kind="update", note="News.")
        redact(item=article, version=first, reason="By court order.")
        first.refresh_from_db()
        self.assertEqual((first.free_sources, first.paid_sources), ([], []))
        self.assertFalse(Citation.objects.exists())


class ChangedDetailTests(TestCase):
    def test_changed_details_are_an_unpublished_change_and_no_change_of_words(self):
        article = make_article(body=BODY)
        self.assertFalse(differs(article, article.live))
        Source.objects.update(publisher="Port authority")
        self.assertTrue(differs(article, article.live))
        before = article.live.changed_at
        version = make_version(article)
        self.assertEqual((version.change, version.changed_at), (None, before))
        self.assertEqual(version.free_sources[0]["publisher"], "Port authority")

    def test_earlier_version_keeps_its_details_when_rendered_again(self):
        article = make_article(body=BODY)
        Source.objects.update(title="Other", publisher="Other")
        self.assertEqual(rerender(Version.objects.all()), 0)
        self.assertEqual(article.versions.get().free_sources[0]["title"], "The report")

    def test_version_published_before_sources_were_kept_verifies_and_does_not_differ(self):
        article = make_article(body=BODY)
        version = Version.objects.get()
        content = content_of(version)
        del content["sources"]
        version.content = canonical(content)
        version.content_digest = digest_of(version.content)
        version.digest = chain_digest("", article.uuid, version)
        Model.save(version)
        article.refresh_from_db()
        self.assertEqual(list(faults(article.uuid, [Version.objects.get()])), [])
        self.assertFalse(differs(article, article.live))
        self.assertEqual(rerender(Version.objects.all()), 1)
        self.assertEqual(Version.objects.get().free_sources, [])


class SavedSourceTests(TestCase):
    def test_saving_adds_rows(self):
        article = make_draft(body=BODY)
        self.assertEqual([source.pk for source in sources_of(article)], [None])
        revisions.save_revision(item=article, by=None)
        self.assertEqual(sources_of(article), [Source.objects.get()])

    def test_revisions_hold_no_details(self):
        article = make_draft(body=BODY)
        revisions.save_revision(item=article, by=None)
        Source.objects.update(publisher="Changed")
        self.assertIsNone(revisions.save_revision(item=article, by=None))

    def test_known_source_is_not_changed(self):
        make_source(URL, title="Annual report")
        revisions.save_revision(item=make_draft(body=BODY), by=None)
        self.assertEqual(Source.objects.get().title, "Annual report")

    def test_number_of_queries_does_not_grow(self):
        body = "".join(f'<p>x<sup data-footnote="N https://example.org/{number}"></sup></p>' for number in range(30))
        article = make_draft(body=body)
        with self.assertNumQueries(1):
            self.assertEqual(len(sources_of(article)), 30)

    def test_unused_sources_are_those_no_version_cites(self):
        make_article(body=BODY)
        unused = make_source("https://example.org/other")
        self.assertEqual(list(Source.objects.unused()), [unused])


class ConcurrentPublishingTests(TransactionTestCase):
    @takes_longer("Many threads use the database at once.")
    def test_new_source_published_at_the_same_time_is_stored_once(self):
        bodies = [GATED, "".join(f"<p>{part}</p>" for part in GATED.split("<p>")[::-1])]
        articles = [make_draft(body=body) for body in bodies * 2]
        barrier, errors = Barrier(len(articles)), []

        def work(article):
            barrier.wait()
            try:
                publish(item=article)
            except Exception as error:  # noqa: BLE001
                errors.append(error)

        for thread in [start_thread(lambda article=article: work(article)) for article in articles]:
            thread.join()
        self.assertEqual(errors, [])
        self.assertEqual(Source.objects.count(), 2)
        self.assertEqual(Citation.objects.count(), 8)
