"""The library's room: many files at once, the words of many, how they are found, who may."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import TestCase

from articles.media.renditions import create_missing_renditions
from articles.models import Image, Rendition
from articles.services.media import add_to_library
from tests.articles.media_room import JSON, RoomCase, address, sent
from tests.articles.test_media_words import XMP, jpeg
from tests.factories import make_article, make_draft, make_editor, make_image, make_member, picture_file
from truthlytics.roles import ROLES


class UploadTests(RoomCase):
    def test_what_is_brought_is_unfinished_until_it_has_alt_and_credit(self):
        answer = self.bring(sent(name="IMG 1.png"))
        self.assertEqual(answer.status_code, 201)
        file = answer.json()["files"][0]
        image = Image.objects.get()
        self.assertEqual(
            (file["state"], file["name"], file["page"]), ("added", "IMG 1.png", address("change", image.pk))
        )
        self.assertEqual(file["says"], "Unfinished: needs alt and credit.")
        self.assertEqual((image.file_name, image.uploaded_by, image.complete), ("IMG 1.png", self.editor, False))
        self.assertTrue(image.renditions.exists())

    def test_the_same_file_leads_to_the_picture_that_is_there(self):
        there = make_image(file=picture_file(), title="Quay")
        answer = self.bring(sent())
        self.assertEqual((answer.status_code, answer.json()["files"][0]["state"]), (200, "known"))
        self.assertEqual(answer.json()["files"][0]["page"], address("change", there.pk))
        page = self.bring(sent(), headers={})
        self.assertContains(page, "This very file is in the library already.")
        self.assertContains(page, address("change", there.pk))

    def test_bad_files_are_refused_one_by_one_with_a_sentence(self):
        whole = picture_file().getvalue()
        huge = whole[:16] + (60_000).to_bytes(4) * 2 + whole[24:]
        cases = [
            (b"", "This file is empty."),
            (whole[:200], "damaged"),
            (huge, "picture"),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG images"),
            (b"%PDF-1.7 %%EOF", "Upload it as a document"),
            (b"<html><script>", "no JPEG"),
        ]
        for data, sentence in cases:
            with self.subTest(sentence):
                answer = self.bring(SimpleUploadedFile("a.jpg", data, "image/jpeg"))
                self.assertEqual((answer.status_code, answer.json()["files"][0]["state"]), (200, "refused"))
                self.assertIn(sentence, answer.json()["files"][0]["says"])
        self.assertFalse(Image.objects.exists())

    def test_one_refused_file_hinders_no_other_and_no_script_is_needed(self):
        page = self.bring(
            sent(picture_file(color="navy"), "a.png"),
            SimpleUploadedFile("b.svg", b"<svg/>"),
            sent(picture_file(color="olive", kind="JPEG"), "wrong.webp"),
            headers={},
        )
        self.assertEqual(Image.objects.count(), 2)
        self.assertContains(page, "Not uploaded. SVG images")
        self.assertContains(page, "Add alt text and credits")
        self.assertEqual(Image.objects.get(file_name="wrong.webp").format, "jpeg")

    def test_odd_names_and_none_at_all(self):
        for name in ("x" * 300 + ".png", "a\x00b.png", "../../etc/passwd.png", "\u202egnp.exe.png", "é" * 250 + ".png"):
            with self.subTest(name[:20]):
                color = f"#{len(name):03x}{ord(name[0]) % 256:03x}"
                self.assertEqual(self.bring(sent(picture_file(color=color), name)).status_code, 201)
        for image in Image.objects.all():
            self.assertLessEqual(len(image.file_name), 200)
            self.assertNotRegex(image.file_name, r"[\x00-\x1f/\u202e]")
            self.assertIn(str(image.uuid), image.file.name)
        self.assertEqual(self.bring().status_code, 422)
        self.assertEqual(self.bring(headers={}).status_code, 422)
        self.assertEqual(self.client.post(address("upload"), {"files": "no file"}, headers=JSON).status_code, 422)

    def test_what_the_file_says_is_proposed_and_nothing_more(self):
        self.bring(sent(jpeg(xmp=XMP.encode())))
        image = Image.objects.get()
        self.assertEqual((image.alt, image.credit), ("", ""))
        for url in (address("change", image.pk), address("words")):
            page = self.client.get(url)
            self.assertContains(page, "Four cranes")
            self.assertContains(page, "Save to confirm.")
            self.assertNotContains(page, "Delft")


class WordsTests(RoomCase):
    def fields(self, *images, **words):
        data = {"pk": [image.pk for image in images]}
        for image in images:
            data |= {f"p{image.pk}-{name}": value for name, value in words.items()}
        return data

    def test_the_words_of_many_are_given_at_once_and_those_that_lack_something_stay(self):
        first, second = make_image(alt="", credit=""), make_image(alt="", credit="")
        data = self.fields(first, second, alt="Seen", credit="") | {"all-credit": "A. Name", "all-licence": "CC BY 4.0"}
        data[f"p{second.pk}-alt"] = "  "
        answer = self.client.post(address("words"), data)
        self.assertContains(answer, "The words of 1 picture are saved.", status_code=422)
        first.refresh_from_db()
        self.assertEqual((first.alt, first.credit, first.licence), ("Seen", "A. Name", "CC BY 4.0"))
        self.assertEqual([form.instance for form, _ in answer.context["forms"]], [second])
        data = self.fields(second, alt="Seen too", credit="B. Name", caption="Then\x00.")
        self.assertRedirects(self.client.post(address("words"), data), address("changelist"))
        second.refresh_from_db()
        self.assertEqual((second.complete, second.caption), (True, "Then."))

    def test_those_that_were_chosen_are_asked_and_else_those_that_lack_words(self):
        lacking, whole = make_image(alt=""), make_image()
        asked = lambda query: [form.instance for form, _ in self.client.get(address("words"), query).context["forms"]]  # noqa: E731
        self.assertEqual(asked({}), [lacking])
        self.assertEqual(asked({"pk": [whole.pk, "x", "9" * 30]}), [whole])
        self.assertEqual(self.client.post(address("words"), {"pk": "9" * 30}).status_code, 403)

    def test_an_author_words_what_they_brought_until_it_is_in_the_record(self):
        author, other = make_member("Author"), make_image(alt="")
        mine = add_to_library(file=picture_file(color="pink"), by=author)
        self.client.force_login(author)
        self.assertEqual([form.instance for form, _ in self.client.get(address("words")).context["forms"]], [mine])
        self.client.post(address("words"), self.fields(mine, other, alt="Mine", credit="Me"))
        self.assertEqual([Image.objects.get(pk=one.pk).alt for one in (mine, other)], ["Mine", ""])
        change = {"alt": "Mine again", "credit": "Me"}
        self.assertEqual(self.client.post(address("change", mine.pk), change).status_code, 302)
        make_article(lead=Image.objects.get(pk=mine.pk))
        self.assertEqual(self.client.post(address("change", mine.pk), change | {"alt": "Late"}).status_code, 403)
        self.assertEqual(self.client.post(address("replace", mine.pk), {"file": sent()}).status_code, 403)

    def test_a_focal_point_is_drawn_at_once_where_the_picture_is_cut(self):
        image = make_image()
        create_missing_renditions(image)
        article = make_article(lead=image)
        digest = article.live.digest
        data = {"alt": "a", "credit": "b", "focal_x": 18, "focal_y": "99"}
        with self.captureOnCommitCallbacks(execute=True):
            self.client.post(address("change", image.pk), data)
        article.live.refresh_from_db()
        self.assertEqual((article.live.head["lead"]["focal"], article.live.digest), ([18, 99], digest))
        self.assertContains(self.client.get("/"), 'class="fx20 fy100"')
        self.assertNotContains(self.client.get(article.get_absolute_url()), 'class="fx20 fy100"')
        for wrong in ("101", "-1", "x", "9" * 30):
            answer = self.client.post(address("change", image.pk), data | {"focal_x": wrong})
            self.assertTrue(answer.context["adminform"].form.errors["focal_x"])


class GridTests(RoomCase):
    def test_it_is_found_by_everything_that_is_written_of_it(self):
        image = make_image(title="Quay", alt="Cranes", caption="Dusk", credit="Ada")
        Image.objects.filter(pk=image.pk).update(licence="CC BY 4.0", terms="contract 7", file_name="IMG_77.jpg")
        make_image(title="Other")
        for words in ("quay", "cranes", "dusk", "ada", "CC BY", "contract 7", "img_77"):
            page = self.client.get(address("changelist"), {"q": words})
            self.assertEqual([one["pk"] for one in page.context["pictures"]], [image.pk], words)

    def test_it_is_narrowed_to_what_needs_work(self):
        lacking, loose, failed = make_image(alt=""), make_image(), make_image()
        make_draft(lead=lacking)
        make_draft(lead=failed)
        Image.objects.filter(pk=failed.pk).update(trouble="Lost.")
        cases = {
            "words=lacking": [lacking],
            "use=none": [loose],
            "sizes=failed": [failed],
            "kind=webp": [],
            "kind=x": None,
        }
        cases |= {"terms=open": [], "terms=none": None, "words=x": None}
        for query, wanted in cases.items():
            page = self.client.get(f"{address('changelist')}?{query}")
            found = [one["pk"] for one in page.context["pictures"]]
            self.assertEqual(
                len(found) if wanted is None else found, 3 if wanted is None else [one.pk for one in wanted]
            )

    def test_the_state_of_every_picture_is_in_sight(self):
        made, failed = make_image(), make_image(alt="", credit="")
        create_missing_renditions(made)
        Image.objects.filter(pk=failed.pk).update(trouble="Lost.")
        page = self.client.get(address("changelist"))
        self.assertContains(page, "no alt text, no credit")
        self.assertContains(page, "processing failed")
        self.assertContains(self.client.get(address("change", failed.pk)), "Try again")
        waiting = make_image()
        self.assertContains(self.client.get(address("changelist")), f"sizes 0 of {waiting.progress[1]}")

    def test_five_hundred_pictures_cost_what_five_cost(self):
        image = make_image()
        create_missing_renditions(image)
        columns = {field.attname: getattr(image, field.attname) for field in Image._meta.concrete_fields}
        del columns["id"], columns["complete"], columns["uuid"]
        made = Image.objects.bulk_create(Image(**columns | {"sha256": f"{n:064}"}) for n in range(500))
        Rendition.objects.bulk_create(
            Rendition(
                image=one, original=one.sha256, format="jpeg", width=480, height=320, sha256="a" * 64, file="a.jpg"
            )
            for one in made
        )
        self.client.get(address("changelist"))
        with self.assertNumQueries(5):  # session, user, count, pictures, renditions
            page = self.client.get(address("changelist"))
        self.assertEqual(len(page.context["pictures"]), 48)
        with self.assertNumQueries(7):  # and the texts of the pages, two
            self.client.get(address("changelist"), {"use": "none", "q": "teal"})
        seen, after = 0, ""
        while True:
            answer = self.client.get(address("pick"), {"after": after}).json()
            seen, after = seen + len(answer["items"]), answer["after"]
            if not after:
                break
        self.assertEqual(seen, 501)
        self.assertEqual(self.client.get(address("pick"), {"after": "no cursor"}).status_code, 404)


class RoleTests(TestCase):
    # Address, method → status by role; whoever has no room gets 403.
    WANTED = {
        ("changelist", "get"): {"Author": 200, "Editor": 200, "Publisher": 200},
        ("upload", "post"): {"Author": 422, "Editor": 422, "Publisher": 422},
        ("upload", "get"): {"Author": 405, "Editor": 405, "Moderator": 405, "Publisher": 405},
        ("words", "get"): {"Author": 200, "Editor": 200, "Publisher": 200},
        ("words", "post"): {},
        ("change", "get"): {"Author": 200, "Editor": 200, "Publisher": 200},
        ("change", "post"): {"Editor": 200, "Publisher": 200},
        ("replace", "get"): {"Editor": 200, "Publisher": 200},
        ("replace", "post"): {"Editor": 422, "Publisher": 422},
        ("sizes", "get"): {"Author": 405, "Editor": 405, "Moderator": 405, "Publisher": 405},
        ("sizes", "post"): {"Editor": 302, "Publisher": 302},
        ("publish", "get"): {"Editor": 200, "Publisher": 200},
        ("publish", "post"): {"Editor": 422, "Publisher": 422},
    }

    def test_role_by_address_by_method(self):
        image = make_image()
        for role in ROLES:
            self.client.force_login(make_member(role))
            for (name, method), wanted in self.WANTED.items():
                url = address(name, *([image.pk] if name in {"change", "replace", "sizes", "publish"} else []))
                with self.subTest(role=role, url=url, method=method):
                    self.assertEqual(getattr(self.client, method)(url).status_code, wanted.get(role, 403))
        self.client.logout()
        for name, method in self.WANTED:
            url = address(name, *([image.pk] if name in {"change", "replace", "sizes", "publish"} else []))
            self.assertEqual(getattr(self.client, method)(url).status_code, 302)

    def test_what_is_not_there_is_not_found(self):
        self.client.force_login(make_editor())
        for name in ("replace", "publish"):
            for pk in (999_999, 10**30):
                self.assertEqual(self.client.get(f"/admin/articles/image/{pk}/{name}/").status_code, 404)
