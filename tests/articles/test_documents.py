"""Documents: told by what is in them, under the digest of their bytes, fetched and never opened in our name."""

import io
import zipfile
from threading import Barrier, Thread

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import TestCase, TransactionTestCase
from django.urls import reverse

from articles.media.documents import ODS_TYPE, inspect_document
from articles.models import Document
from articles.services.documents import add_document
from tests.factories import make_article, make_dossier, make_editor, make_member, make_page, make_version
from truthlytics.roles import ROLES

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n%%EOF\n"
CSV = b"year,berths\n2025,11\n2026,12\n"
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


def make_document(data=PDF, **fields):
    return add_document(
        document=Document(**{"title": "A report", "credit": "Somebody"} | fields), file=io.BytesIO(data)
    )[0]


def address(name, *args):
    return reverse(f"admin:articles_document_{name}", args=args)


class KindTests(TestCase):
    def test_what_a_file_is_stands_in_it(self):
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

    def test_what_is_refused_says_why(self):
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
        for data, words in cases:
            with self.subTest(data[:30]), self.assertRaisesRegex(ValidationError, words):
                inspect_document(io.BytesIO(data))

    def test_an_archive_that_lies_about_its_size_is_not_unpacked(self):
        bomb = archive("[Content_Types].xml", "xl/workbook.xml", "xl/a.xml", data=b"0" * 200_000_000)
        self.assertLess(len(bomb), 2_000_000)
        with self.assertRaisesRegex(ValidationError, "too large when unpacked"):
            inspect_document(io.BytesIO(bomb))


class ServingTests(TestCase):
    def test_it_is_fetched_under_its_digest_and_never_opened_here(self):
        types = {PDF: "application/pdf", CSV: "text/csv; charset=utf-8", b"[1]": "application/json"}
        for data, kind in types.items():
            document = make_document(data, title="Çosts of the “quay”\r\nX: y")
            answer = self.client.get(document.get_absolute_url())
            self.assertEqual(b"".join(answer.streaming_content), data)
            self.assertEqual(answer["Content-Type"], kind)
            self.assertRegex(answer["Content-Disposition"], r'^attachment; filename="costs-of-the-quay-x-y\.\w+"$')
            self.assertEqual(answer["X-Content-Type-Options"], "nosniff")
            self.assertEqual(answer["Content-Security-Policy"], "default-src 'none'; sandbox")
            self.assertEqual(answer["Cache-Control"], "public, max-age=31536000, immutable")
            self.assertEqual(answer["X-Robots-Tag"], "noindex")
            self.assertFalse(answer.cookies)
        self.assertEqual(self.client.post(document.get_absolute_url()).status_code, 405)

    def test_nothing_else_is_there(self):
        document = make_document(CSV)
        for path in (
            f"{document.sha256}.html",
            f"{document.sha256}.pdf",
            f"{'0' * 64}.csv",
            f"{document.sha256}.csv/x",
        ):
            self.assertEqual(self.client.get(f"/media/{path}").status_code, 404)

    def test_behind_the_gate_its_address_is_told_to_nobody_else(self):
        document = make_document()
        link = f'<p>Behind it: <a href="{document.get_absolute_url()}">the report</a>.</p>'
        article = make_article(required_level=10, body=f"<p>Free.</p><hr data-gate>{link}")
        for url in (article.get_absolute_url(), "/", "/feeds/rss.xml", "/feeds/feed.json", "/search/?q=report"):
            self.assertNotContains(self.client.get(url), document.sha256)
        self.client.force_login(make_editor())
        self.assertContains(self.client.get(article.get_absolute_url()), document.get_absolute_url())


class RoomTests(TestCase):
    def setUp(self):
        self.client.force_login(make_editor())

    def bring(self, data=PDF, name="report.pdf", **words):
        file = SimpleUploadedFile(name, data)
        words = {"title": "A report", "credit": "Court of Auditors"} | words
        return self.client.post(address("upload"), {"file": file, **words}, headers=JSON)

    def test_it_is_brought_with_its_words_and_the_same_file_is_the_same_document(self):
        answer = self.bring(name="x" * 300 + ".pdf")
        document = Document.objects.get()
        self.assertEqual((answer.status_code, answer.json()["href"]), (201, document.get_absolute_url()))
        self.assertLessEqual(len(document.file_name), 200)
        again = self.bring(title="Another name")
        self.assertEqual((again.status_code, again.json()["title"], again.json()["state"]), (200, "A report", "known"))
        form = {"file": SimpleUploadedFile("a.pdf", PDF), "title": "T", "credit": "C"}
        self.assertContains(self.client.post(address("add"), form), "among the documents already, as “A report”")

    def test_what_is_refused_keeps_a_sentence(self):
        for data, words, sentence in [
            (b"", {}, "empty"),
            (b"<html>", {}, "Not a PDF"),
            (PDF, {"title": " "}, "Title: This field is required."),
            (PDF, {"credit": "\x00"}, "Credit: This field is required."),
            (PDF, {"title": "x" * 300}, "at most 200"),
        ]:
            answer = self.bring(data, **words)
            self.assertEqual((answer.status_code, answer.json()["state"]), (200, "refused"))
            self.assertIn(sentence, answer.json()["says"])
        answer = self.client.post(address("upload"), {"title": "x"}, headers=JSON)
        self.assertIn("empty", answer.json()["says"])
        self.assertFalse(Document.objects.exists())

    def test_one_form_is_enough_without_script(self):
        form = {"file": SimpleUploadedFile("a.csv", CSV), "title": "Berths", "credit": "Port"}
        self.assertRedirects(self.client.post(address("add"), form), address("changelist"))
        document = Document.objects.get()
        self.assertContains(self.client.get(address("changelist"), {"q": document.sha256[:12]}), "Berths")
        page = self.client.get(address("change", document.pk))
        self.assertContains(page, document.get_absolute_url())
        self.assertNotContains(page, 'type="file"')

    def test_a_linked_one_is_kept_and_a_loose_one_goes_with_its_file(self):
        linked, loose = make_document(), make_document(CSV)
        article = make_article(body=f'<p><a href="{linked.get_absolute_url()}">It</a></p>')
        make_version(article, body="<p>Without.</p>")
        answer = self.client.post(address("delete", linked.pk), {"post": "yes"}, follow=True)
        self.assertContains(answer, "it cannot be deleted")
        with self.captureOnCommitCallbacks(execute=True):
            self.client.post(address("delete", loose.pk), {"post": "yes"})
        self.assertEqual(Document.objects.get(), linked)
        self.assertFalse(loose.file.storage.exists(loose.file.name))

    def test_one_that_a_page_or_a_dossier_links_to_is_kept(self):
        links = [f'<p><a href="{make_document(data).get_absolute_url()}">It</a></p>' for data in (PDF, CSV, b"[1]")]
        make_page(body=links[0], published=False)
        page = make_page(body=links[1])
        page.body = "<p>Without.</p>"
        page.save()
        dossier = make_dossier(make_article(), summary=links[2])
        dossier.summary = "<p>Without.</p>"
        dossier.save()
        for document in Document.objects.all():
            answer = self.client.post(address("delete", document.pk), {"post": "yes"}, follow=True)
            self.assertContains(answer, "it cannot be deleted")
        self.assertEqual(Document.objects.count(), 3)

    def test_the_picker_goes_through_them_page_by_page(self):
        for number in range(40):
            make_document(f"a,b\n1,{number}\n".encode(), title=f"Table {number}")
        with self.assertNumQueries(3):  # session, user, documents
            first = self.client.get(address("pick"), {"q": "table"}).json()
        rest = self.client.get(address("pick"), {"q": "table", "after": first["after"]}).json()
        self.assertEqual((len(first["items"]), len(rest["items"]), rest["after"]), (36, 4, ""))

    def test_role_by_address_by_method(self):
        document = make_document()
        wanted = {
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
            for (name, method), statuses in wanted.items():
                url = address(name, *([document.pk] if name in {"change", "delete"} else []))
                with self.subTest(role=role, url=url, method=method):
                    self.assertEqual(getattr(self.client, method)(url).status_code, statuses.get(role, 403))


class RaceTests(TransactionTestCase):
    def test_the_same_file_from_two_at_once_is_one_document(self):
        start, found = Barrier(2), []

        def take():
            try:
                start.wait()
                found.append(make_document().pk)
            finally:
                connection.close()

        threads = [Thread(target=take) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(found, [Document.objects.get().pk] * 2)
