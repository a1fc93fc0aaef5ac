"""The import page: uploads, and signs of access rules."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from articles.models import Article
from tests.contrib.importers.newsroom.test_pages import CATEGORY, ImportPageCase
from tests.contrib.importers.wordpress.files import export, item, meta
from tests.factories import make_editor, make_member
from truthlytics.contrib.importers import uploads
from truthlytics.contrib.importers.models import ImportUpload
from truthlytics.contrib.importers.uploads import delete_expired, path_of, safe_name


class AccessSignTests(ImportPageCase):
    EXPORT = export(
        item(1, title="Open", more=CATEGORY + meta("_acme_restricted", "0")),
        item(2, title="Paid", more=CATEGORY + meta("_acme_restricted", "<b>1</b>")),
    )

    def test_one_click_says_that_a_sign_is_harmless(self):
        run = self.choose(self.EXPORT)
        page = self.get("import", run.pk)
        self.assertContains(page, "field _acme_restricted = 0")
        self.assertContains(page, "field _acme_restricted = &lt;b&gt;1&lt;/b&gt;")
        response = self.post("import_harmless_signs", run.pk, sign="field _acme_restricted = 0")
        self.assertRedirects(response, f"{reverse('admin:import', args=[run.pk])}#signs", fetch_redirect_response=False)
        self.post("import_start", run.pk)
        states = {article.headline: article.state() for article in Article.objects.all()}
        self.assertEqual(states, {"Open": "published", "Paid": "draft"})

    def test_it_can_be_taken_back_and_said_after_the_import(self):
        run = self.choose(self.EXPORT)
        self.post("import_start", run.pk)
        self.post("import_harmless_signs", run.pk, sign="field _acme_restricted")
        self.assertContains(self.get("import", run.pk), "Harmless with any value")
        self.post("import_harmless_signs", run.pk, sign="field _acme_restricted", undo="1")
        self.post("import_start", run.pk)
        self.assertFalse(Article.objects.published().exists())
        self.post("import_harmless_signs", run.pk, sign="field _acme_restricted")
        self.post("import_start", run.pk)
        self.assertEqual(Article.objects.published().count(), 2)

    def test_only_signs_of_the_export_and_publishers(self):
        run = self.choose(self.EXPORT)
        self.assertEqual(self.post("import_harmless_signs", run.pk, sign="field _other").status_code, 404)
        self.assertEqual(self.client.get(reverse("admin:import_harmless_signs", args=[run.pk])).status_code, 405)
        self.client.force_login(make_member("Editor"))
        self.assertEqual(self.post("import_harmless_signs", run.pk, sign="field _acme_restricted").status_code, 403)
        run.refresh_from_db()
        self.assertNotIn("harmless", run.options)


class UploadTests(ImportPageCase):
    def begin(self, name="site.xml", size=10):
        return self.post("import_begin_upload", name=name, size=size)

    def part(self, upload, offset, data, length=None):
        url = f"{upload['url']}?offset={offset}&length={len(data) if length is None else length}"
        return self.client.post(url, data, content_type="application/octet-stream")

    def test_a_file_arrives_in_parts_and_goes_on_after_an_interruption(self):
        upload = self.begin().json()
        self.assertEqual(self.part(upload, 0, b"01234").json()["received"], 5)
        self.assertEqual(self.client.get(upload["url"]).json()["received"], 5)
        again = self.begin().json()
        self.assertEqual((again["id"], again["received"]), (upload["id"], 5))
        self.assertEqual(self.part(again, 5, b"56789").json()["received"], 10)
        self.assertEqual(path_of(ImportUpload.objects.get()).read_bytes(), b"0123456789")
        self.assertContains(self.get("imports"), "site.xml")

    def test_parts_that_do_not_fit_change_nothing(self):
        upload = self.begin().json()
        self.part(upload, 0, b"01234")
        cases = [
            ("out of order", 9, b"9", None, 409),
            ("repeated", 0, b"01234", None, 409),
            ("truncated", 5, b"56", 5, 400),
            ("too long", 5, b"567890", None, 400),
            ("empty", 5, b"", None, 400),
        ]
        for name, offset, data, length, status in cases:
            with self.subTest(name):
                self.assertEqual(self.part(upload, offset, data, length).status_code, status)
                self.assertEqual(self.client.get(upload["url"]).json()["received"], 5)
        for query in ("", "?offset=x&length=1", "?offset=-1&length=1"):
            with self.subTest(query):
                url = upload["url"] + query
                self.assertEqual(self.client.post(url, b"5", content_type="application/octet-stream").status_code, 400)

    def test_files_that_are_empty_or_too_large_are_refused(self):
        for size in (0, 2 * 1024**3 + 1, "", "many", 10**15):
            with self.subTest(size):
                response = self.begin(size=size)
                self.assertEqual(response.status_code, 400)
                self.assertTrue(response.json()["error"])
        self.assertFalse(ImportUpload.objects.exists())

    def test_names_lead_to_no_other_folder(self):
        for name in ("../../x.xml", "..\\x.xml", "/etc/x.xml", "..", "", "a\0/x.xml", ".x.xml"):
            with self.subTest(name):
                self.assertIn(safe_name(name), {"x.xml", "export"})
        upload = self.begin(name="../../x.xml").json()
        path = path_of(ImportUpload.objects.get(pk=upload["id"]))
        self.assertEqual(path.parent.parent, uploads.uploads_folder())

    def test_uploads_belong_to_one_user(self):
        upload = self.begin().json()
        self.client.force_login(make_editor(email="other@example.org"))
        self.assertEqual(self.client.get(upload["url"]).status_code, 404)
        self.assertEqual(self.part(upload, 0, b"0").status_code, 404)
        self.assertEqual(self.client.post(upload["url"] + "delete/").status_code, 404)
        self.assertNotEqual(self.begin().json()["id"], upload["id"])
        response = self.post(
            "imports", format="wordpress", section="A", overdue="draft", shortcodes="strip", uploads=upload["id"]
        )
        self.assertEqual(response.status_code, 422)

    def test_others_than_publishers_are_refused(self):
        self.client.force_login(make_member("Editor"))
        self.assertEqual(self.get("imports").status_code, 403)
        self.assertEqual(self.begin().status_code, 403)

    def test_uploads_are_deleted_after_a_week_or_at_once(self):
        self.begin()
        upload = ImportUpload.objects.get()
        self.assertEqual(delete_expired(timezone.now()), 0)
        self.assertEqual(delete_expired(timezone.now() + timedelta(days=8)), 1)
        self.assertFalse(path_of(upload).exists())
        self.begin()
        upload = ImportUpload.objects.get()
        self.post("import_delete_upload", upload.pk)
        self.assertFalse(path_of(upload).exists() or ImportUpload.objects.exists())
