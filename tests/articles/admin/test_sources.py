"""Sources in the newsroom: the list, the page of an article, and what authors may change."""

from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from articles.models import Source
from articles.services import revisions
from tests.budget import takes_longer
from tests.factories import (
    make_article,
    make_author,
    make_document,
    make_draft,
    make_editor,
    make_member,
    make_source,
)
from tests.html import page_of, text_of
from truthlytics.audit.log import AuditEntry

URL = "https://example.org/report"
BODY = f'<p>Words.<sup data-footnote="The report, {URL}"></sup></p>'


def form_data(*sources, **changes):
    """Return the data of the form with the details of `sources`; `changes` apply to each."""
    data = {"form-TOTAL_FORMS": len(sources), "form-INITIAL_FORMS": len(sources)}
    for number, source in enumerate(sources):
        fields = {"id": source.pk, "title": source.title, "kind": source.kind} | changes
        data |= {f"form-{number}-{name}": value for name, value in fields.items()}
    return data


class ArticleSourcesTests(TestCase):
    def setUp(self):
        self.editor = make_editor()
        self.client.force_login(self.editor)
        self.article = make_draft(body=BODY)
        revisions.save_revision(item=self.article, by=self.editor)
        self.source = Source.objects.get()

    def url(self, article=None):
        return reverse("admin:articles_article_sources", args=[(article or self.article).pk])

    def save(self, **changes):
        return self.client.post(self.url(), form_data(self.source, **changes))

    def test_editor_page_lists_the_sources_of_the_saved_text(self):
        response = self.client.get(reverse("admin:articles_article_change", args=[self.article.pk]))
        items = [text_of(item) for item in page_of(response).iter("li")]
        self.assertTrue(any(item.startswith("The report ") for item in items))
        self.assertContains(response, self.url())

    def test_details_are_saved_and_logged(self):
        response = self.save(
            publisher="Port authority",
            kind="report",
            published_on="20 November 2024",
            accessed_on="May 2026",
            archived_url="https://archive.example/1",
        )
        self.assertRedirects(response, reverse("admin:articles_article_change", args=[self.article.pk]))
        self.source.refresh_from_db()
        self.assertEqual((self.source.published_on, self.source.accessed_on), ("2024-11-20", "2026-05"))
        entry = AuditEntry.objects.about(self.source).get()
        self.assertEqual((entry.actor, entry.after["publisher"]), (self.editor, "Port authority"))

    def test_document_is_entered_by_its_url(self):
        document = make_document()
        self.save(document=f"https://news.example{document.get_absolute_url()}")
        self.source.refresh_from_db()
        self.assertEqual(self.source.document, document)
        self.assertEqual(self.source.as_content(is_gated=False)["document"]["sha256"], document.sha256)

    def test_bad_input_is_refused_and_kept(self):
        for field, value in (
            ("title", ""), ("title", "x" * 301), ("kind", "rumour"), ("published_on", "yesterday"),
            ("published_on", "2024-02-31"), ("archived_url", "javascript:alert(1)"), ("archived_url", "ftp://a.example/"),
            ("document", "0" * 64), ("document", "²"), ("publisher", "x" * 201), ("id", "9" * 40), ("id", "²"),
        ):  # fmt: skip
            with self.subTest(field, value=value[:20]):
                response = self.save(**{field: value})
                self.assertEqual(response.status_code, 422)
                if field not in {"id", "kind"}:
                    self.assertContains(response, value, status_code=422)
        self.assertEqual(Source.objects.get().title, "The report")

    def test_nul_is_removed(self):
        self.assertEqual(self.save(title="A\x00B").status_code, 302)
        self.assertEqual(Source.objects.get().title, "AB")

    def test_source_of_another_article_is_not_changed(self):
        other = make_source("https://example.org/other", title="Other")
        response = self.client.post(self.url(), form_data(self.source, id=other.pk, title="Changed"))
        self.assertEqual(response.status_code, 422)
        other.refresh_from_db()
        self.assertEqual(other.title, "Other")

    def test_authors_change_only_sources_that_no_version_cites(self):
        author = make_member("Author")
        own = make_draft(
            body=f"{BODY}<p>x<sup data-footnote='Mine https://example.org/mine'></sup></p>", created_by=author
        )
        revisions.save_revision(item=own, by=author)
        make_article(body=BODY)
        self.client.force_login(author)
        self.assertContains(self.client.get(self.url(own)), "Editors can change its details")
        mine = Source.objects.get(title="Mine")
        self.assertEqual(self.client.post(self.url(own), form_data(self.source, title="Changed")).status_code, 422)
        self.assertEqual(self.client.post(self.url(own), form_data(mine, title="Changed")).status_code, 302)
        self.assertEqual(set(Source.objects.values_list("title", flat=True)), {"The report", "Changed"})

    def test_drafts_of_others_are_not_found(self):
        self.client.force_login(make_member("Author"))
        self.assertEqual(self.client.get(self.url()).status_code, 404)

    def test_get_writes_nothing(self):
        imported = make_draft(body=BODY.replace("report", "other"))
        self.assertContains(self.client.get(self.url(imported)), "Save the article to add details")
        self.assertEqual(Source.objects.count(), 1)

    @takes_longer("Long lists are made and read.")
    def test_number_of_queries_does_not_grow(self):
        body = "".join(f'<p>x<sup data-footnote="N https://example.org/{number}"></sup></p>' for number in range(30))
        many = make_draft(body=body, authors=[make_author()])
        revisions.save_revision(item=many, by=self.editor)
        self.client.get(self.url())
        with CaptureQueriesContext(connection) as queries:
            self.client.get(self.url())
        with self.assertNumQueries(len(queries)):
            self.client.get(self.url(many))


class SourceListTests(TestCase):
    def setUp(self):
        self.client.force_login(make_editor())
        self.article = make_article(body=BODY)
        self.source = Source.objects.get()
        self.unused = make_source("https://example.org/unused", title="Unused one", kind="law", publisher="X")

    def listed(self, query=""):
        response = self.client.get(f"{reverse('admin:articles_source_changelist')}{query}")
        return {source.title for source in response.context_data["cl"].result_list}

    def change_page(self, source):
        return self.client.get(reverse("admin:articles_source_change", args=[source.pk]))

    def test_search_and_filters(self):
        Source.objects.filter(pk=self.source.pk).update(gone_at=timezone.now(), failing_since=timezone.now())
        for query, expected in (
            ("", {"The report", "Unused one"}),
            ("?q=unused", {"Unused one"}),
            ("?kind__exact=law", {"Unused one"}),
            ("?state=unused", {"Unused one"}),
            ("?state=gone", {"The report"}),
            ("?state=bare", {"The report"}),
            ("?state=failing", set()),
            ("?state=x", {"The report", "Unused one"}),
        ):
            with self.subTest(query):
                self.assertEqual(self.listed(query), expected)

    def test_page_says_where_it_is_cited(self):
        response = self.change_page(self.source)
        self.assertContains(response, reverse("admin:articles_article_change", args=[self.article.pk]))
        self.assertContains(self.change_page(self.unused), "no published version")

    def test_changed_archived_copy_is_shown_at_once(self):
        data = {"title": "Changed", "kind": "other", "archived_url": "https://archive.example/1"}
        with self.captureOnCommitCallbacks(execute=True):
            self.client.post(reverse("admin:articles_source_change", args=[self.source.pk]), data)
        shown = self.article.versions.get().free_sources[0]
        self.assertEqual((shown["archived_url"], shown["title"]), ("https://archive.example/1", "The report"))

    def test_only_unused_sources_can_be_deleted(self):
        for source in (self.source, self.unused):
            self.client.post(reverse("admin:articles_source_delete", args=[source.pk]), {"post": "yes"})
        self.assertEqual(list(Source.objects.all()), [self.source])

    def test_dashboard_names_cited_sources_that_are_gone(self):
        self.assertNotContains(self.client.get("/admin/"), "no longer online")
        Source.objects.update(gone_at=timezone.now())
        self.assertContains(self.client.get("/admin/"), "1 cited source is no longer online")

    def test_document_of_a_source_cannot_be_deleted(self):
        document = make_document()
        Source.objects.filter(pk=self.unused.pk).update(document=document)
        self.client.post(reverse("admin:articles_document_delete", args=[document.pk]), {"post": "yes"})
        document.refresh_from_db()
