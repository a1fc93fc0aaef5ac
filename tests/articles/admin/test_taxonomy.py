"""The library, and what stands beside the text of articles: sections, topics, authors, old addresses."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import TestCase
from django.urls import reverse

from articles.models import Article, Image, Redirect, Section, Version
from tests.factories import (
    make_article,
    make_author,
    make_comment,
    make_draft,
    make_editor,
    make_image,
    make_member,
    make_section,
    make_topic,
    picture_file,
)


class RoomTestCase(TestCase):
    def setUp(self):
        self.editor = make_editor()
        self.client.force_login(self.editor)

    def url(self, model, name, *args):
        return reverse(f"admin:articles_{model}_{name}", args=args)


def upload(data, name="p.png"):
    return SimpleUploadedFile(name, data if isinstance(data, bytes) else data.getvalue(), "image/png")


WORDS = {"title": "Cranes", "alt": "Cranes at dusk", "caption": "In September.", "credit": "Photograph: N. N."}


class LibraryTests(RoomTestCase):
    def add(self, file, **words):
        return self.client.post(self.url("image", "add"), {"file": file, **WORDS, **words})

    def test_a_picture_is_kept_with_its_words_and_gets_its_renditions(self):
        with self.captureOnCommitCallbacks(execute=True):
            self.add(upload(picture_file(color="navy")))
        image = Image.objects.get()
        self.assertEqual((image.alt, image.credit, image.uploaded_by), (WORDS["alt"], WORDS["credit"], self.editor))
        self.assertEqual((image.width, image.height), (900, 600))
        self.assertTrue(image.renditions.exists())
        self.assertContains(
            self.client.get(self.url("image", "changelist")), image.renditions.filter(format="webp").first().file.url
        )

    def test_an_author_learns_nothing_of_drafts_of_others_and_meets_no_closed_door(self):
        image = make_image()
        make_draft(headline="Still a secret", lead=image)
        make_author(name="Ines Calloway", user=self.editor)
        self.client.force_login(make_member("Author"))
        page = self.client.get(self.url("image", "change", image.pk))
        self.assertContains(page, "1 article by other authors")
        self.assertNotContains(page, "Still a secret")
        page = self.client.get(self.url("author", "change", self.editor.author.pk))
        self.assertNotContains(page, "/subscriptions/user/")

    def test_alt_and_credit_are_required_and_the_other_words_are_kept(self):
        response = self.add(upload(picture_file()), alt="", credit="  ")
        self.assertContains(response, "This field is required.", 2)
        self.assertContains(response, "In September.")
        self.assertFalse(Image.objects.exists())

    def test_what_is_no_picture_is_refused_in_words(self):
        bomb = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + (60000).to_bytes(4) * 2 + b"\x08\x02\x00\x00\x00" + b"\x00" * 40
        for data, sentence in [
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG images are not accepted"),
            (b"\x00" * 10, "Not a JPEG, PNG or WebP image."),
            (b"", "The submitted file is empty."),
            (bomb, "picture"),
        ]:
            with self.subTest(data[:20]):
                response = self.add(upload(data))
                self.assertContains(response, sentence)
                self.assertContains(response, "Cranes at dusk")
        self.assertFalse(Image.objects.exists())

    def test_the_same_file_is_not_kept_twice(self):
        image = make_image(file=picture_file(color="olive"), title="Here already")
        self.assertContains(self.add(upload(picture_file(color="olive"))), "in the library already, as “Here already”")
        self.assertEqual(Image.objects.get(), image)

    def test_the_words_change_the_file_does_not_and_versions_keep_theirs(self):
        image = make_image(alt="Before", file=picture_file(color="red"))
        article = make_article(lead=image)
        content = article.live.content
        url = self.url("image", "change", image.pk)
        self.assertNotContains(self.client.get(url), 'type="file"')
        with self.captureOnCommitCallbacks(execute=True):
            self.client.post(url, {**WORDS, "alt": "After", "file": upload(picture_file(color="blue"))})
        changed = Image.objects.get()
        self.assertEqual((changed.alt, changed.sha256), ("After", image.sha256))
        self.assertEqual(Version.objects.get().content, content)
        self.assertEqual(Version.objects.get().head["lead"]["alt"], "Before")

    def test_a_used_picture_is_kept_and_a_sentence_says_so(self):
        in_body, portrait, in_record = make_image(), make_image(), make_image()
        make_draft(body=f'<figure data-image="{in_body.uuid}"></figure><p>x</p>')
        make_author(portrait=portrait)
        article = make_article(lead=in_record)
        Article.objects.filter(pk=article.pk).update(lead=None)
        for image in (in_body, portrait, in_record):
            for method in (self.client.get, self.client.post):
                response = method(self.url("image", "delete", image.pk), {"post": "yes"}, follow=True)
                self.assertContains(response, "it cannot be deleted")
        self.assertEqual(Image.objects.count(), 3)

    def test_an_unused_picture_can_be_deleted(self):
        image = make_image()
        self.client.post(self.url("image", "delete", image.pk), {"post": "yes"})
        self.assertFalse(Image.objects.exists())

    def test_the_picker_finds_by_title_words_and_credit(self):
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

    def test_the_picker_asks_the_same_however_many_there_are(self):
        for _ in range(5):
            make_image()
        self.client.get(self.url("image", "pick"))
        with self.assertNumQueries(4):  # session, user, pictures, renditions
            self.client.get(self.url("image", "pick"))


class NameTests(RoomTestCase):
    def change(self, thing, **fields):
        model = thing._meta.model_name
        names = {"section": ["name", "slug", "intro", "position"], "topic": ["name", "slug", "intro"]}
        names["author"] = ["name", "slug", "role", "bio", "expertise"]
        data = {name: getattr(thing, name) for name in names[model]} | fields
        with self.captureOnCommitCallbacks(execute=True):
            response = self.client.post(self.url(model, "change", thing.pk), data)
        self.assertEqual(response.status_code, 302)

    def test_a_changed_name_shows_beside_what_is_published_and_the_record_stays(self):
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

    def test_what_articles_rely_on_is_not_deleted_and_a_sentence_says_why(self):
        section, topic, author = make_section(), make_topic(), make_author()
        make_article(section=section, topics=[topic], authors=[author])
        for thing in (section, topic, author):
            for method in (self.client.get, self.client.post):
                url = self.url(thing._meta.model_name, "delete", thing.pk)
                self.assertContains(method(url, {"post": "yes"}, follow=True), "before you delete it")
            thing.refresh_from_db()

    def test_what_nobody_uses_can_be_deleted(self):
        section = make_section()
        self.client.post(self.url("section", "delete", section.pk), {"post": "yes"})
        self.assertFalse(Section.objects.exists())

    def test_an_authors_login_is_a_member_of_the_newsroom(self):
        form = self.client.get(self.url("author", "add")).context["adminform"].form
        self.assertEqual(list(form.fields["user"].queryset), [self.editor])

    def test_an_old_address_is_kept_in_its_one_form(self):
        article = make_article()
        self.client.post(self.url("redirect", "add"), {"path": " 2014/05/a-piece/?utm=x", "article": article.pk})
        self.assertEqual(Redirect.objects.get().path, "/2014/05/a-piece")
        response = self.client.post(self.url("redirect", "add"), {"path": "/2014/05/a-piece/", "article": article.pk})
        self.assertContains(response, "already exists")

    def test_no_room_breaks_on_nonsense(self):
        for model in ("article", "image", "section", "topic", "author", "redirect"):
            for path in ("x", "0", "9" * 40, "%00", "1/delete", "9" * 40 + "/history"):
                with self.subTest(model=model, path=path):
                    status = self.client.get(f"/admin/articles/{model}/{path}/", follow=True).status_code
                    self.assertIn(status, {400, 404})
            self.assertEqual(self.client.post(self.url(model, "add"), {}).status_code, 200)
            self.assertEqual(self.client.get(self.url(model, "changelist")).status_code, 200)


class DeskTests(RoomTestCase):
    def test_the_desk_shows_what_waits(self):
        draft = make_draft(headline="Half written", created_by=self.editor)
        article = make_article(headline="Just out")
        Article.objects.filter(pk=article.pk).update(headline="Working title")
        response = self.client.get(reverse("admin:index"))
        self.assertContains(response, draft.headline)
        self.assertContains(response, "Just out")
        self.assertNotContains(response, "Working title")

    def test_the_desk_counts_the_comments_that_wait_for_those_who_decide(self):
        comment = make_comment(status="waiting")
        self.assertContains(self.client.get(reverse("admin:index")), "1 comment awaiting approval")
        self.client.force_login(make_member("Moderator"))
        self.assertContains(self.client.get(reverse("admin:index")), "1 comment awaiting approval")
        self.client.force_login(make_member("Editor"))
        self.assertNotContains(self.client.get(reverse("admin:index")), "Comments and payments")
        self.assertEqual(comment.status, "waiting")

    def test_pages_are_never_kept(self):
        self.assertIn("no-store", self.client.get(reverse("admin:index")).headers["Cache-Control"])
