"""Images, sections, topics, authors and redirects in the admin, and the dashboard."""

from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import TestCase
from django.urls import reverse

from articles.models import Article, Author, Image, Redirect, Section, Version
from tests.budget import takes_longer
from tests.factories import (
    image_file,
    make_article,
    make_author,
    make_comment,
    make_draft,
    make_editor,
    make_image,
    make_member,
    make_section,
    make_topic,
)
from tests.html import page_of
from truthlytics.publication.models import Publication


class AdminTestCase(TestCase):
    def setUp(self):
        self.editor = make_editor()
        self.client.force_login(self.editor)

    def url(self, model, name, *args):
        return reverse(f"admin:articles_{model}_{name}", args=args)


def upload(data, name="p.png"):
    return SimpleUploadedFile(name, data if isinstance(data, bytes) else data.getvalue(), "image/png")


METADATA = {"title": "Cranes", "alt": "Cranes at dusk", "caption": "In September.", "credit": "Photograph: N. N."}


class ImageAdminTests(AdminTestCase):
    def add(self, file, **metadata):
        return self.client.post(self.url("image", "add"), {"file": file, **METADATA, **metadata})

    @takes_longer("Renditions of images are made.")
    def test_uploaded_image_gets_metadata_and_renditions(self):
        with self.captureOnCommitCallbacks(execute=True):
            self.add(upload(image_file(color="navy")))
        image = Image.objects.get()
        self.assertEqual(
            (image.alt, image.credit, image.uploaded_by), (METADATA["alt"], METADATA["credit"], self.editor)
        )
        self.assertEqual((image.width, image.height), (900, 600))
        self.assertTrue(image.renditions.exists())
        self.assertContains(
            self.client.get(self.url("image", "changelist")), image.renditions.filter(format="webp").first().file.url
        )

    def test_author_does_not_see_drafts_or_accounts_of_others(self):
        image = make_image()
        make_draft(headline="Still a secret", lead=image)
        make_author(name="Ines Calloway", user=self.editor)
        self.client.force_login(make_member("Author"))
        page = self.client.get(self.url("image", "change", image.pk))
        self.assertContains(page, "1 article by other authors")
        self.assertNotContains(page, "Still a secret")
        page = self.client.get(self.url("author", "change", self.editor.author.pk))
        self.assertNotContains(page, "/subscriptions/user/")

    def test_alt_text_and_credit_are_required(self):
        response = self.add(upload(image_file()), alt="", credit="  ")
        self.assertContains(response, "This field is required.", 2)
        self.assertContains(response, "In September.")
        self.assertFalse(Image.objects.exists())

    def test_invalid_images_are_refused_with_a_reason(self):
        bomb = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + (60000).to_bytes(4) * 2 + b"\x08\x02\x00\x00\x00" + b"\x00" * 40
        for data, reason in [
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG images are not accepted"),
            (b"\x00" * 10, "Not a JPEG, PNG or WebP image."),
            (b"", "The submitted file is empty."),
            (bomb, "Not a JPEG, PNG or WebP image."),
        ]:
            with self.subTest(data[:20]):
                response = self.add(upload(data))
                self.assertContains(response, reason)
                self.assertContains(response, "Cranes at dusk")
        self.assertFalse(Image.objects.exists())

    def test_duplicate_file_is_refused(self):
        image = make_image(file=image_file(color="olive"), title="Here already")
        self.assertContains(
            self.add(upload(image_file(color="olive"))), "This file is already in the library, as “Here already”"
        )
        self.assertEqual(Image.objects.get(), image)

    @takes_longer("Many requests, one after the other.")
    def test_changing_metadata_keeps_file_and_versions(self):
        image = make_image(alt="Before", file=image_file(color="red"))
        article = make_article(lead=image)
        content = article.live.content
        url = self.url("image", "change", image.pk)
        self.assertNotContains(self.client.get(url), 'type="file"')
        with self.captureOnCommitCallbacks(execute=True):
            self.client.post(url, {**METADATA, "alt": "After", "file": upload(image_file(color="blue"))})
        changed = Image.objects.get()
        self.assertEqual((changed.alt, changed.sha256), ("After", image.sha256))
        self.assertEqual(Version.objects.get().content, content)
        self.assertEqual(Version.objects.get().head["lead"]["alt"], "Before")

    def test_used_image_cannot_be_deleted(self):
        in_body, portrait, in_version = make_image(), make_image(), make_image()
        make_draft(body=f'<figure data-image="{in_body.uuid}"></figure><p>x</p>')
        make_author(portrait=portrait)
        article = make_article(lead=in_version)
        Article.objects.filter(pk=article.pk).update(lead=None)
        for image in (in_body, portrait, in_version):
            for method in (self.client.get, self.client.post):
                response = method(self.url("image", "delete", image.pk), {"post": "yes"}, follow=True)
                self.assertContains(response, "cannot be deleted")
        self.assertEqual(Image.objects.count(), 3)

    def test_unused_image_can_be_deleted(self):
        image = make_image()
        self.client.post(self.url("image", "delete", image.pk), {"post": "yes"})
        self.assertFalse(Image.objects.exists())

    def test_picker_searches_all_metadata(self):
        image = make_image(title="Quay", alt="Eleven berths", credit="Photograph: Ada", caption="")
        make_image(title="Other")
        pick = self.url("image", "pick")
        for q in ("quay", "berths", "Ada"):
            items = self.client.get(pick, {"q": q}).json()["items"]
            self.assertEqual([item["uuid"] for item in items], [str(image.uuid)])
            self.assertEqual(items[0]["credit"], "Photograph: Ada")
        self.assertEqual(len(self.client.get(pick).json()["items"]), 2)
        self.assertEqual(self.client.get(pick, {"q": "x" * 10_000}).json()["items"], [])
        self.assertEqual(self.client.post(pick).status_code, 405)
        self.assertEqual(self.client.get(pick + "?q=%00").status_code, 400)

    def test_picker_queries_do_not_grow_with_images(self):
        for _ in range(5):
            make_image()
        self.client.get(self.url("image", "pick"))
        with self.assertNumQueries(4):  # session, user, images, renditions
            self.client.get(self.url("image", "pick"))


class TaxonomyTests(AdminTestCase):
    def test_authors_of_the_same_name_are_told_apart(self):
        make_author(name="Anna Test", slug="anna-test", role="Climate editor")
        make_author(name="Anna Test", slug="anna-test-2", role="Sports editor")
        make_author(name="Ben Test", slug="ben-test", role="Sports editor")
        for name, slug in [("Cy Test", "cy-test"), ("Cy Test", "cy-test-2")]:
            make_author(name=name, slug=slug, role="Reporter")
        labels = [
            "Anna Test (Climate editor)",
            "Anna Test (Sports editor)",
            "Ben Test",
            "Cy Test (cy-test)",
            "Cy Test (cy-test-2)",
        ]
        self.assertEqual(list(Author.objects.labels().values()), labels)
        pages = [self.url("article", "add"), self.url("article", "changelist")]
        for page in map(self.client.get, pages):
            for label in labels:
                self.assertContains(page, label)

    def test_second_author_of_a_name_is_told_to_change_the_slug(self):
        make_author(name="Anna Test", slug="anna-test")
        page = self.client.post(self.url("author", "add"), {"name": "Anna Test", "slug": "anna-test"})
        self.assertContains(page, "This slug is already in use. Change it")
        self.assertContains(page, "Plain text, without formatting.")

    def test_urls_in_a_bio_are_links_and_the_rest_is_text(self):
        author = make_author(bio="See https://example.org/a and **<b>this</b>**.")
        page = self.client.get(author.get_absolute_url())
        self.assertContains(page, '<a href="https://example.org/a" rel="nofollow">https://example.org/a</a>')
        self.assertContains(page, "**&lt;b&gt;this&lt;/b&gt;**")

    def change(self, obj, **fields):
        model = obj._meta.model_name
        names = {"section": ["name", "slug", "intro", "position"], "topic": ["name", "slug", "intro"]}
        names["author"] = ["name", "slug", "role", "bio", "expertise"]
        data = {name: getattr(obj, name) for name in names[model]} | fields
        with self.captureOnCommitCallbacks(execute=True):
            response = self.client.post(self.url(model, "change", obj.pk), data)
        self.assertEqual(response.status_code, 302)

    def test_renaming_updates_published_articles_but_not_digests(self):
        section, topic, author = make_section(), make_topic(), make_author()
        article = make_article(section=section, topics=[topic], authors=[author])
        digest = article.live.digest
        self.change(section, name="Renamed section", slug="renamed")
        self.change(topic, name="Renamed topic", slug="renamed-topic")
        self.change(author, slug="renamed-author", role="Climate editor")
        version = Version.objects.get()
        self.assertEqual(version.head["section"], {"name": "Renamed section", "slug": "renamed"})
        self.assertEqual(version.head["topics"], [{"name": "Renamed topic", "slug": "renamed-topic"}])
        self.assertEqual(version.head["bylines"][0]["role"], "Climate editor")
        self.assertEqual(version.digest, digest)

    def test_a_blank_slug_is_made_of_the_name_in_the_publications_language(self):
        Publication.objects.create(name="Die Brücke", language="de")
        for model in ("section", "topic", "series", "author"):
            with self.subTest(model):
                url, data = self.url(model, "add"), {"name": "Große Köpfe", "slug": "", "position": 1}
                rows = apps.get_model("articles", model).objects.order_by("pk")
                self.client.post(url, data)
                self.assertEqual(rows.last().slug, "grosse-koepfe")
                self.client.post(url, data | {"name": "Grosse Köpfe"})
                self.assertEqual(rows.last().slug, "grosse-koepfe-2")

    def test_a_new_section_is_proposed_at_the_end_of_the_menu(self):
        Section.objects.create(name="Economy", slug="economy", position=7)
        page = page_of(self.client.get(self.url("section", "add")))
        self.assertEqual(page.xpath("//input[@name='position']/@value"), ["8"])

    def test_a_slug_that_is_blanked_stays(self):
        section = make_section(slug="kept")
        self.change(section, name="Other", slug="")
        section.refresh_from_db()
        self.assertEqual((section.name, section.slug), ("Other", "kept"))

    def test_rows_in_use_cannot_be_deleted(self):
        section, topic, author = make_section(), make_topic(), make_author()
        make_article(section=section, topics=[topic], authors=[author])
        for obj in (section, topic, author):
            for method in (self.client.get, self.client.post):
                url = self.url(obj._meta.model_name, "delete", obj.pk)
                self.assertContains(method(url, {"post": "yes"}, follow=True), "before you delete it")
            obj.refresh_from_db()

    def test_unused_section_can_be_deleted(self):
        section = make_section()
        self.client.post(self.url("section", "delete", section.pk), {"post": "yes"})
        self.assertFalse(Section.objects.exists())

    def test_author_accounts_are_limited_to_staff(self):
        form = self.client.get(self.url("author", "add")).context["adminform"].form
        self.assertEqual(list(form.fields["user"].queryset), [self.editor])

    def test_redirect_path_is_normalised(self):
        article = make_article()
        self.client.post(self.url("redirect", "add"), {"path": " 2014/05/an-article/?utm=x", "article": article.pk})
        self.assertEqual(Redirect.objects.get().path, "/2014/05/an-article")
        response = self.client.post(
            self.url("redirect", "add"), {"path": "/2014/05/an-article/", "article": article.pk}
        )
        self.assertContains(response, "This URL already redirects.")

    @takes_longer("Many kinds of invalid input are sent.")
    def test_invalid_urls_are_not_found(self):
        for model in ("article", "image", "section", "topic", "author", "redirect"):
            for path in ("x", "0", "9" * 40, "%00", "1/delete", "9" * 40 + "/history"):
                with self.subTest(model=model, path=path):
                    status = self.client.get(f"/admin/articles/{model}/{path}/", follow=True).status_code
                    self.assertIn(status, {400, 404})
            self.assertEqual(self.client.post(self.url(model, "add"), {}).status_code, 200)
            self.assertEqual(self.client.get(self.url(model, "changelist")).status_code, 200)


class DashboardTests(AdminTestCase):
    def test_dashboard_shows_drafts_and_new_articles(self):
        draft = make_draft(headline="Half written", created_by=self.editor)
        article = make_article(headline="Just out")
        Article.objects.filter(pk=article.pk).update(headline="Working title")
        response = self.client.get(reverse("admin:index"))
        self.assertContains(response, draft.headline)
        self.assertContains(response, "Just out")
        self.assertNotContains(response, "Working title")

    def test_dashboard_counts_pending_comments_for_moderators(self):
        comment = make_comment(status="waiting")
        self.assertContains(self.client.get(reverse("admin:index")), "1 comment to review")
        self.client.force_login(make_member("Moderator"))
        self.assertContains(self.client.get(reverse("admin:index")), "1 comment to review")
        self.client.force_login(make_member("Editor"))
        self.assertNotContains(self.client.get(reverse("admin:index")), "Comments and payments")
        self.assertEqual(comment.status, "waiting")

    def test_admin_pages_are_not_cached(self):
        self.assertIn("no-store", self.client.get(reverse("admin:index")).headers["Cache-Control"])
