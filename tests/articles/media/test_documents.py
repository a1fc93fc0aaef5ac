"""Documents: format detection, downloads and the document admin."""

import io
import zipfile
from datetime import timedelta
from threading import Barrier, Thread
from unittest import mock

import time_machine
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from articles.media.documents import ODS_TYPE, inspect_document
from articles.models import Document
from articles.services.publishing import restore, unschedule, withdraw
from articles.services.redaction import redact
from articles.services.sharing import share
from tests.budget import takes_longer
from tests.factories import (
    PDF,
    make_article,
    make_document,
    make_dossier,
    make_draft,
    make_editor,
    make_member,
    make_page,
    make_source,
    make_subscriber,
    make_user,
    make_version,
)
from tests.transactions import TransactionTestCase
from truthlytics.roles import ROLES

CSV = b"year,berths\n2025,11\n2026,12\n"
HOUR = timedelta(hours=1)
JSON = {"Accept": "application/json"}


def archive(*names, mimetype=None, data=b"<x/>"):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        if mimetype is not None:
            packed.writestr("mimetype", mimetype, zipfile.ZIP_STORED)
        for name in names:
            packed.writestr(name, data)
    return file.getvalue()


XLSX = archive("[Content_Types].xml", "xl/workbook.xml")
ODS = archive("content.xml", mimetype=ODS_TYPE)


def link(document):
    return f'<p><a href="{document.get_absolute_url()}">It</a></p>'


def document_url(name, *args):
    return reverse(f"admin:articles_document_{name}", args=args)


class FormatTests(TestCase):
    def test_format_is_detected_from_the_content(self):
        kinds = {
            "pdf": PDF,
            "csv": CSV,
            "xlsx": XLSX,
            "ods": ODS,
            "json": b'{"a": [1, 2]}',
        }
        for kind, data in kinds.items():
            self.assertEqual(inspect_document(io.BytesIO(data)).format, kind)
        for table in (b"a;b\n1;2\n", b"a\tb\n1\t2\n", b"\xef\xbb\xbfa,b\n1,2\n", b'a,"b, c"\n"1\n2",3\n'):
            self.assertEqual(inspect_document(io.BytesIO(table)).format, "csv")
        self.assertEqual(inspect_document(io.BytesIO(b" [1]")).format, "json")

    def test_invalid_files_are_refused_with_a_reason(self):
        cases = [
            (b"", "empty"),
            (PDF[:-7], "damaged"),
            (XLSX[:60], "damaged"),
            (XLSX[:-40], "damaged"),
            (archive("word/document.xml"), "Not a PDF"),
            (archive("[Content_Types].xml", "xl/workbook.xml", "xl/vbaProject.bin"), "macros"),
            (archive("content.xml", "Basic/Standard/Module1.xml", mimetype=ODS_TYPE), "macros"),
            (archive("content.xml", mimetype=b"application/vnd.oasis.opendocument.text"), "Not a PDF"),
            (archive(*(f"{number}" for number in range(5001))), "too large when unpacked"),
            (b"<html><script>alert(1)</script>", "Not a PDF"),
            (b"\xef\xbb\xbf <svg xmlns='x'/>", "Not a PDF"),
            (b"Only words, on one line.", "Not a PDF"),
            (b"a,b\n1,\x002\n", "Not a PDF"),
            (b"a,b\n\xe9,2\n", "UTF-8"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Not a PDF"),
            (b'{"a": ', "JSON"),
            (b"[" * 100_000, "JSON"),
            (b"GIF89a" + b"\xff" * 9, "UTF-8"),
        ]
        for data, message in cases:
            with self.subTest(data[:30]), self.assertRaisesRegex(ValidationError, message):
                inspect_document(io.BytesIO(data))

    def test_large_text_is_not_parsed_as_a_whole(self):
        row = "Zürich 😀,1\n"
        table, data = f"place,berths\n{row * 200_000}", f"[{'1,' * 1_000_000}1]\n"
        with mock.patch("json.loads", side_effect=AssertionError("parsed")):
            self.assertEqual(inspect_document(io.BytesIO(table.encode())).format, "csv")
            self.assertEqual(inspect_document(io.BytesIO(data.encode())).format, "json")
            for damaged, message in (
                (data[:-3], "JSON file is invalid or incomplete"),
                (table + "\x00", "Not a PDF"),
                (table.encode()[:-20] + b"\xff", "UTF-8"),
            ):
                content = damaged if isinstance(damaged, bytes) else damaged.encode()
                with self.subTest(message), self.assertRaisesRegex(ValidationError, message):
                    inspect_document(io.BytesIO(content))

    @takes_longer("Large input shows how the time grows.")
    def test_zip_bomb_is_not_unpacked(self):
        bomb = archive("[Content_Types].xml", "xl/workbook.xml", "xl/a.xml", data=b"0" * 200_000_000)
        self.assertLess(len(bomb), 2_000_000)
        with self.assertRaisesRegex(ValidationError, "too large when unpacked"):
            inspect_document(io.BytesIO(bomb))


class DownloadTests(TestCase):
    def test_document_is_sent_as_an_attachment(self):
        types = {PDF: "application/pdf", CSV: "text/csv; charset=utf-8", b"[1]": "application/json"}
        for data, kind in types.items():
            document = make_document(data, title="Çosts of the “quay”\r\nX: y")
            make_article(body=link(document))
            with self.assertNumQueries(1):
                response = self.client.get(document.get_absolute_url())
            self.assertEqual(b"".join(response.streaming_content), data)
            self.assertEqual(response["Content-Type"], kind)
            self.assertRegex(response["Content-Disposition"], r'^attachment; filename="costs-of-the-quay-x-y\.\w+"$')
            self.assertEqual(response["X-Content-Type-Options"], "nosniff")
            self.assertEqual(response["Content-Security-Policy"], "default-src 'none'; sandbox")
            self.assertEqual(response["X-Robots-Tag"], "noindex")
            self.assertFalse(response.cookies)
        self.assertEqual(self.client.post(document.get_absolute_url()).status_code, 405)

    def test_caches_ask_each_time_and_get_the_file_once(self):
        document = make_document()
        make_article(body=link(document))
        first = self.client.get(document.get_absolute_url())
        self.assertEqual(first["Cache-Control"], "public, max-age=0, must-revalidate")
        again = self.client.get(document.get_absolute_url(), headers={"If-None-Match": first["ETag"]})
        self.assertEqual((again.status_code, again.content), (304, b""))

    def test_other_urls_are_not_found(self):
        document = make_document(CSV)
        make_article(body=link(document))
        for path in (
            f"{document.sha256}.html",
            f"{document.sha256}.pdf",
            f"{'0' * 64}.csv",
            f"{document.sha256}.csv/x",
        ):
            self.assertEqual(self.client.get(f"/media/{path}").status_code, 404)

    def test_link_behind_the_paywall_is_not_public(self):
        document = make_document()
        link = f'<p>Behind it: <a href="{document.get_absolute_url()}">the report</a>.</p>'
        article = make_article(required_level=10, body=f"<p>Free.</p><hr data-gate>{link}")
        for url in (article.get_absolute_url(), "/", "/feeds/rss.xml", "/feeds/feed.json", "/search/?q=report"):
            self.assertNotContains(self.client.get(url), document.sha256)
        self.client.force_login(make_editor())
        self.assertContains(self.client.get(article.get_absolute_url()), document.get_absolute_url())


class PublicDocumentTests(TestCase):
    """Whoever has a copy of a document must not learn that the newsroom has it, too."""

    def setUp(self):
        self.document = make_document()
        self.url = self.document.get_absolute_url()

    def assert_public(self, *, public):
        response = self.client.get(self.url)
        self.assertEqual(response.status_code, 200 if public else 404)
        # No cache may use either answer without asking.
        self.assertRegex(response["Cache-Control"], "max-age=0, must-revalidate|no-store")

    def test_only_the_newsroom_opens_what_no_version_links(self):
        make_draft(body=link(self.document))
        self.assert_public(public=False)
        for user, status in [
            (make_user(), 404),
            (make_member("Moderator"), 404),
            (make_member("Author"), 200),
            (make_editor(), 200),
        ]:
            self.client.force_login(user)
            response = self.client.get(self.url)
            self.assertEqual(response.status_code, status)
            if status == 200:
                self.assertEqual(response["Cache-Control"], "private, no-store")

    def test_reader_of_a_shared_draft_does_not_open_it(self):
        shared = share(article=make_draft(body=link(self.document)), by=make_editor(), days=7, name="Ines")
        self.assertContains(self.client.get(reverse("articles:draft", args=[shared.token])), self.url)
        self.assert_public(public=False)

    def test_it_is_public_from_the_time_of_the_version_until_the_withdrawal(self):
        article = make_article(body=link(self.document), at=timezone.now() + HOUR)
        self.assert_public(public=False)
        with time_machine.travel(timezone.now() + 2 * HOUR, tick=False):
            self.assert_public(public=True)
            withdraw(item=article)
            self.assert_public(public=False)
            restore(item=article)
            make_version(article, body="<p>Without.</p>", kind="update", note="News.")
            self.assert_public(public=True)  # the old version still links to it

    def test_version_that_never_appeared_does_not_make_it_public(self):
        unschedule(item=make_article(body=link(self.document), at=timezone.now() + HOUR))
        with time_machine.travel(timezone.now() + 2 * HOUR, tick=False):
            self.assert_public(public=False)

    def test_redaction_ends_it(self):
        article = make_article(body=link(self.document))
        make_version(article, body="<p>Without.</p>")
        redact(item=article, version=article.versions.get(number=1), reason="A court ordered it.")
        self.assert_public(public=False)

    def test_pages_dossiers_and_sources_make_it_public(self):
        table, data = make_document(CSV), make_document(b"[1]")
        make_page(body=link(self.document))
        make_dossier(make_article(), summary=link(table))
        source = make_source()
        source.document = data
        source.save()
        make_article(body=f'<p>So it is<sup data-footnote="The report, {source.url}"></sup>.</p>')
        for document in (self.document, table, data):
            self.assertEqual(self.client.get(document.get_absolute_url()).status_code, 200)

    def test_document_uploaded_after_the_article_is_public(self):
        self.document.delete()
        make_article(body=link(self.document))
        make_document()
        self.assert_public(public=True)


class GatedDocumentTests(TestCase):
    """The address of a document is no key: it opens for readers of a text that links to it."""

    def setUp(self):
        self.document = make_document()
        self.url = self.document.get_absolute_url()
        self.link = link(self.document)

    def statuses(self):
        """Return the answers to a visitor, and to readers of the levels 1, 10 and 20."""
        responses = []
        for level in (0, 1, 10, 20):
            self.client.logout()
            if level:
                self.client.force_login(make_user() if level == 1 else make_subscriber(level))
            responses.append(self.client.get(self.url))
        return [response.status_code for response in responses]

    def test_link_in_the_gated_part_needs_access_to_it(self):
        make_article(required_level=10, body=f"<p>Free.</p><hr data-gate>{self.link}")
        self.assertEqual(self.statuses(), [404, 404, 200, 200])
        self.assertEqual(self.client.get(self.url)["Cache-Control"], "private, no-store")
        etag = self.client.get(self.url)["ETag"]
        self.client.logout()
        self.assertEqual(self.client.get(self.url, headers={"If-None-Match": etag}).status_code, 404)
        self.assertContains(self.client.get(self.url), "Log in first", status_code=404)

    def test_the_freest_text_decides(self):
        make_article(required_level=20, body=f"<p>Free.</p><hr data-gate>{self.link}")
        self.assertEqual(self.statuses(), [404, 404, 404, 200])
        make_article(required_level=1, body=f"<p>Free.</p><hr data-gate>{self.link}")
        self.assertEqual(self.statuses(), [404, 200, 200, 200])
        make_page(body=self.link)
        self.assertEqual(self.client.get(self.url)["Cache-Control"], "public, max-age=0, must-revalidate")

    def test_link_in_the_free_part_opens_it_for_everyone(self):
        source = make_source()
        source.document = make_document(CSV)
        source.save()
        mark = f'<sup data-footnote="The report, {source.url}"></sup>'
        make_article(required_level=10, body=f"{self.link}<p>It is so{mark}.</p><hr data-gate><p>Paid.</p>")
        for url in (self.url, source.document.get_absolute_url()):
            self.assertEqual(self.client.get(url).status_code, 200)

    def test_source_of_the_gated_part_needs_access_to_it(self):
        source = make_source()
        source.document = self.document
        source.save()
        mark = f'<sup data-footnote="The report, {source.url}"></sup>'
        make_article(required_level=10, body=f"<p>Free.</p><hr data-gate><p>It is so{mark}.</p>")
        self.assertEqual(self.statuses(), [404, 404, 200, 200])

    def test_earlier_versions_of_a_gated_article_open_nothing(self):
        article = make_article(body=self.link)
        self.assertEqual(self.statuses(), [200] * 4)
        make_version(article, required_level=10, body="<p>Free.</p><hr data-gate><p>Paid.</p>")
        self.assertEqual(self.statuses(), [404, 404, 200, 200])
        make_version(article, required_level=0, body="<p>Free.</p>", at=timezone.now() + HOUR)
        self.assertEqual(self.statuses(), [404, 404, 200, 200])
        with time_machine.travel(timezone.now() + 2 * HOUR, tick=False):
            self.assertEqual(self.client.get(self.url).status_code, 200)

    def test_earlier_version_keeps_its_own_gate(self):
        article = make_article(required_level=10, body=f"<p>Free.</p><hr data-gate>{self.link}")
        make_version(article, required_level=0, body="<p>Free.</p>")
        self.assertEqual(self.statuses(), [404, 404, 200, 200])


class DocumentAdminTests(TestCase):
    def setUp(self):
        self.client.force_login(make_editor())

    def upload(self, data=PDF, name="report.pdf", **fields):
        file = SimpleUploadedFile(name, data)
        fields = {"title": "A report", "credit": "Court of Auditors"} | fields
        return self.client.post(document_url("upload"), {"file": file, **fields}, headers=JSON)

    def test_uploading_a_file_twice_keeps_one_document(self):
        response = self.upload(name="x" * 300 + ".pdf")
        document = Document.objects.get()
        self.assertEqual((response.status_code, response.json()["href"]), (201, document.get_absolute_url()))
        self.assertLessEqual(len(document.file_name), 200)
        repeated = self.upload(title="Another name")
        self.assertEqual(
            (repeated.status_code, repeated.json()["title"], repeated.json()["state"]), (200, "A report", "known")
        )
        form = {"file": SimpleUploadedFile("a.pdf", PDF), "title": "T", "credit": "C"}
        self.assertContains(self.client.post(document_url("add"), form), "already in the library, as “A report”")

    def test_refused_upload_says_why(self):
        for data, fields, message in [
            (b"", {}, "empty"),
            (b"<html>", {}, "Not a PDF"),
            (PDF, {"title": " "}, "Title: This field is required."),
            (PDF, {"credit": "\x00"}, "Credit: This field is required."),
            (PDF, {"title": "x" * 300}, "at most 200"),
        ]:
            response = self.upload(data, **fields)
            self.assertEqual((response.status_code, response.json()["state"]), (200, "refused"))
            self.assertIn(message, response.json()["says"])
        response = self.client.post(document_url("upload"), {"title": "x"}, headers=JSON)
        self.assertIn("This field is required.", response.json()["says"])
        self.assertFalse(Document.objects.exists())

    def test_upload_works_without_javascript(self):
        form = {"file": SimpleUploadedFile("a.csv", CSV), "title": "Berths", "credit": "Port"}
        self.assertRedirects(self.client.post(document_url("add"), form), document_url("changelist"))
        document = Document.objects.get()
        self.assertContains(self.client.get(document_url("changelist"), {"q": document.sha256[:12]}), "Berths")
        page = self.client.get(document_url("change", document.pk))
        self.assertContains(page, document.get_absolute_url())
        self.assertNotContains(page, 'type="file"')

    def test_linked_document_cannot_be_deleted_and_unused_one_can(self):
        linked, unused = make_document(), make_document(CSV)
        article = make_article(body=f'<p><a href="{linked.get_absolute_url()}">It</a></p>')
        make_version(article, body="<p>Without.</p>")
        response = self.client.post(document_url("delete", linked.pk), {"post": "yes"}, follow=True)
        self.assertContains(response, "This document cannot be deleted")
        with self.captureOnCommitCallbacks(execute=True):
            self.client.post(document_url("delete", unused.pk), {"post": "yes"})
        self.assertEqual(Document.objects.get(), linked)
        self.assertFalse(unused.file.storage.exists(unused.file.name))

    def test_document_linked_by_a_page_or_dossier_cannot_be_deleted(self):
        links = [f'<p><a href="{make_document(data).get_absolute_url()}">It</a></p>' for data in (PDF, CSV, b"[1]")]
        make_page(body=links[0], published=False)
        page = make_page(body=links[1])
        page.body = "<p>Without.</p>"
        page.save()
        dossier = make_dossier(make_article(), summary=links[2])
        dossier.summary = "<p>Without.</p>"
        dossier.save()
        for document in Document.objects.all():
            response = self.client.post(document_url("delete", document.pk), {"post": "yes"}, follow=True)
            self.assertContains(response, "This document cannot be deleted")
        self.assertEqual(Document.objects.count(), 3)

    def test_picker_is_paginated(self):
        for number in range(40):
            make_document(f"a,b\n1,{number}\n".encode(), title=f"Table {number}")
        with self.assertNumQueries(3):  # session, user, documents
            first = self.client.get(document_url("pick"), {"q": "table"}).json()
        rest = self.client.get(document_url("pick"), {"q": "table", "after": first["after"]}).json()
        self.assertEqual((len(first["items"]), len(rest["items"]), rest["after"]), (36, 4, ""))

    def test_access_by_role(self):
        document = make_document()
        expected = {
            ("changelist", "get"): {"Author": 200, "Editor": 200, "Publisher": 200},
            ("pick", "get"): {"Author": 200, "Editor": 200, "Publisher": 200},
            ("add", "get"): {"Author": 200, "Editor": 200, "Publisher": 200},
            ("upload", "post"): {"Author": 200, "Editor": 200, "Publisher": 200},
            ("upload", "get"): dict.fromkeys(ROLES, 405),
            ("change", "post"): {"Editor": 200, "Publisher": 200},
            ("delete", "post"): {"Editor": 200, "Publisher": 200},
        }
        for role in ROLES:
            self.client.force_login(make_member(role))
            for (name, method), statuses in expected.items():
                url = document_url(name, *([document.pk] if name in {"change", "delete"} else []))
                with self.subTest(role=role, url=url, method=method):
                    self.assertEqual(getattr(self.client, method)(url).status_code, statuses.get(role, 403))


class RaceTests(TransactionTestCase):
    def test_concurrent_uploads_of_a_file_create_one_document(self):
        start, ids = Barrier(2), []

        def add():
            try:
                start.wait()
                ids.append(make_document().pk)
            finally:
                connection.close()

        threads = [Thread(target=add) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(ids, [Document.objects.get().pk] * 2)
