"""The image library: uploads, bulk metadata, search and filters, permissions."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import TestCase, tag

from articles.media.renditions import create_missing_renditions
from articles.models import Image, Rendition
from articles.services.media import add_to_library
from tests.articles.admin.image_library import JSON, ImageLibraryTestCase, image_url, uploaded_file
from tests.articles.media.test_image_metadata import XMP, jpeg
from tests.budget import takes_longer
from tests.factories import image_file, make_article, make_draft, make_editor, make_image, make_member
from tests.html import page_of, text_of
from truthlytics.roles import ROLES


class UploadTests(ImageLibraryTestCase):
    @takes_longer("Renditions of images are made.")
    def test_uploaded_image_is_incomplete_without_alt_text_and_credit(self):
        response = self.upload(uploaded_file(name="IMG 1.png"))
        self.assertEqual(response.status_code, 201)
        file = response.json()["files"][0]
        image = Image.objects.get()
        self.assertEqual(
            (file["state"], file["name"], file["page"]), ("added", "IMG 1.png", image_url("change", image.pk))
        )
        self.assertEqual(file["says"], "Incomplete: add alt text and a credit.")
        self.assertEqual((image.file_name, image.uploaded_by, image.complete), ("IMG 1.png", self.editor, False))
        self.assertTrue(image.renditions.exists())

    def test_deletion_page_counts_renditions_in_words(self):
        image = make_image(file=image_file())
        create_missing_renditions(image)
        page = self.client.get(image_url("delete", image.pk))
        self.assertContains(page, f"{image.renditions.count()} renditions")
        self.assertNotContains(page, "deleted-objects")
        self.assertRedirects(self.client.post(image_url("delete", image.pk), {"post": "yes"}), image_url("changelist"))

    def test_adding_without_a_file_asks_for_one(self):
        self.assertContains(self.client.post(image_url("add"), {}), "Choose a file.")

    def test_duplicate_upload_links_to_existing_image(self):
        existing = make_image(file=image_file(), title="Quay")
        response = self.upload(uploaded_file())
        self.assertEqual((response.status_code, response.json()["files"][0]["state"]), (200, "known"))
        self.assertEqual(response.json()["files"][0]["page"], image_url("change", existing.pk))
        page = self.upload(uploaded_file(), headers={})
        self.assertContains(page, "This file is already in the library.")
        self.assertContains(page, image_url("change", existing.pk))

    def test_invalid_files_are_refused_with_a_reason(self):
        whole = image_file().getvalue()
        huge = whole[:16] + (60_000).to_bytes(4) * 2 + whole[24:]
        cases = [
            (b"", "This file is empty."),
            (whole[:200], "damaged"),
            (huge, "Not a JPEG, PNG or WebP image."),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG images"),
            (b"%PDF-1.7 %%EOF", "Upload it as a document"),
            (b"<html><script>", "Not a JPEG, PNG or WebP image."),
        ]
        for data, reason in cases:
            with self.subTest(reason):
                response = self.upload(SimpleUploadedFile("a.jpg", data, "image/jpeg"))
                self.assertEqual((response.status_code, response.json()["files"][0]["state"]), (200, "refused"))
                self.assertIn(reason, response.json()["files"][0]["says"])
        self.assertFalse(Image.objects.exists())

    @takes_longer("Renditions of images are made.")
    def test_refused_file_does_not_affect_others_and_works_without_script(self):
        page = self.upload(
            uploaded_file(image_file(color="navy"), "a.png"),
            SimpleUploadedFile("b.svg", b"<svg/>"),
            uploaded_file(image_file(color="olive", kind="JPEG"), "wrong.webp"),
            headers={},
        )
        self.assertEqual(Image.objects.count(), 2)
        self.assertIn("Not uploaded. SVG images", text_of(page_of(page)))
        self.assertContains(page, "Add alt text and credits")
        self.assertEqual(Image.objects.get(file_name="wrong.webp").format, "jpeg")

    @takes_longer("Renditions of images are made.")
    def test_unusual_file_names_and_empty_uploads(self):
        for name in ("x" * 300 + ".png", "a\x00b.png", "../../etc/passwd.png", "\u202egnp.exe.png", "é" * 250 + ".png"):
            with self.subTest(name[:20]):
                color = f"#{len(name):03x}{ord(name[0]) % 256:03x}"
                self.assertEqual(self.upload(uploaded_file(image_file(color=color), name)).status_code, 201)
        for image in Image.objects.all():
            self.assertLessEqual(len(image.file_name), 200)
            self.assertNotRegex(image.file_name, r"[\x00-\x1f/\u202e]")
            self.assertIn(str(image.uuid), image.file.name)
        self.assertEqual(self.upload().status_code, 422)
        self.assertEqual(self.upload(headers={}).status_code, 422)
        self.assertEqual(self.client.post(image_url("upload"), {"files": "no file"}, headers=JSON).status_code, 422)

    @takes_longer("Renditions of images are made.")
    def test_metadata_from_the_file_is_suggested(self):
        self.upload(uploaded_file(jpeg(xmp=XMP.encode())))
        image = Image.objects.get()
        self.assertEqual((image.alt, image.credit), ("", ""))
        for url in (image_url("change", image.pk), image_url("metadata")):
            page = self.client.get(url)
            self.assertContains(page, "Four cranes")
            self.assertContains(page, "Save to confirm.")
            self.assertNotContains(page, "Delft")


class BulkMetadataTests(ImageLibraryTestCase):
    def fields(self, *images, **values):
        data = {"pk": [image.pk for image in images]}
        for image in images:
            data |= {f"p{image.pk}-{name}": value for name, value in values.items()}
        return data

    def test_saves_complete_images_and_shows_the_others_again(self):
        first, second = make_image(alt="", credit=""), make_image(alt="", credit="")
        data = self.fields(first, second, alt="Seen", credit="") | {"all-credit": "A. Name", "all-licence": "CC BY 4.0"}
        data[f"p{second.pk}-alt"] = "  "
        response = self.client.post(image_url("metadata"), data)
        self.assertContains(response, "Metadata of 1 image saved.", status_code=422)
        first.refresh_from_db()
        self.assertEqual((first.alt, first.credit, first.licence), ("Seen", "A. Name", "CC BY 4.0"))
        self.assertEqual([form.instance for form, _ in response.context["forms"]], [second])
        data = self.fields(second, alt="Seen too", credit="B. Name", caption="Then\x00.")
        self.assertRedirects(self.client.post(image_url("metadata"), data), image_url("changelist"))
        second.refresh_from_db()
        self.assertEqual((second.complete, second.caption), (True, "Then."))

    def test_shows_selected_or_incomplete_images(self):
        incomplete, complete = make_image(alt=""), make_image()
        for query, image in (({}, incomplete), ({"pk": [complete.pk, "x", "9" * 30]}, complete)):
            page = self.client.get(image_url("metadata"), query)
            self.assertEqual([form.instance for form, _ in page.context["forms"]], [image])
        self.assertEqual(self.client.post(image_url("metadata"), {"pk": "9" * 30}).status_code, 403)

    def test_author_may_edit_own_upload_until_published(self):
        author, other = make_member("Author"), make_image(alt="")
        own = add_to_library(file=image_file(color="pink"), by=author)
        self.client.force_login(author)
        self.assertEqual([form.instance for form, _ in self.client.get(image_url("metadata")).context["forms"]], [own])
        self.client.post(image_url("metadata"), self.fields(own, other, alt="Mine", credit="Me"))
        self.assertEqual([Image.objects.get(pk=image.pk).alt for image in (own, other)], ["Mine", ""])
        change = {"alt": "Mine again", "credit": "Me"}
        self.assertEqual(self.client.post(image_url("change", own.pk), change).status_code, 302)
        make_article(lead=Image.objects.get(pk=own.pk))
        self.assertEqual(self.client.post(image_url("change", own.pk), change | {"alt": "Late"}).status_code, 403)
        self.assertEqual(self.client.post(image_url("replace", own.pk), {"file": uploaded_file()}).status_code, 403)

    @takes_longer("Renditions of images are made.")
    def test_focal_point_takes_effect_immediately(self):
        image = make_image()
        create_missing_renditions(image)
        article = make_article(lead=image)
        digest = article.live.digest
        data = {"alt": "a", "credit": "b", "focal_x": 18, "focal_y": "99"}
        with self.captureOnCommitCallbacks(execute=True):
            self.client.post(image_url("change", image.pk), data)
        article.live.refresh_from_db()
        self.assertEqual((article.live.head["lead"]["focal"], article.live.digest), ([18, 99], digest))
        self.assertContains(self.client.get("/"), 'class="fx20 fy100"')
        self.assertNotContains(self.client.get(article.get_absolute_url()), 'class="fx20 fy100"')
        for invalid in ("101", "-1", "x", "9" * 30):
            response = self.client.post(image_url("change", image.pk), data | {"focal_x": invalid})
            self.assertTrue(response.context["adminform"].form.errors["focal_x"])


class ImageListTests(ImageLibraryTestCase):
    def test_search_covers_all_metadata(self):
        image = make_image(title="Quay", alt="Cranes", caption="Dusk", credit="Ada")
        Image.objects.filter(pk=image.pk).update(licence="CC BY 4.0", terms="contract 7", file_name="IMG_77.jpg")
        make_image(title="Other")
        for query in ("quay", "cranes", "dusk", "ada", "CC BY", "contract 7", "img_77"):
            page = self.client.get(image_url("changelist"), {"q": query})
            self.assertEqual([image_data["pk"] for image_data in page.context["images"]], [image.pk], query)

    def test_filters(self):
        incomplete, unused, failed = make_image(alt=""), make_image(), make_image()
        make_draft(lead=incomplete)
        make_draft(lead=failed)
        Image.objects.filter(pk=failed.pk).update(rendition_error="Lost.")
        cases = {
            "metadata=lacking": [incomplete],
            "use=none": [unused],
            "sizes=failed": [failed],
            "kind=webp": [],
            "kind=x": None,
        }
        cases |= {"terms=open": [], "terms=none": None, "metadata=x": None}
        for query, expected in cases.items():
            page = self.client.get(f"{image_url('changelist')}?{query}")
            found = [image_data["pk"] for image_data in page.context["images"]]
            if expected is None:
                self.assertEqual(len(found), 3)
            else:
                self.assertEqual(found, [image.pk for image in expected])

    def test_list_shows_the_state_of_each_image(self):
        ready, failed = make_image(), make_image(alt="", credit="")
        create_missing_renditions(ready)
        Image.objects.filter(pk=failed.pk).update(rendition_error="Lost.")
        page = self.client.get(image_url("changelist"))
        self.assertContains(page, "no alt text, no credit")
        self.assertContains(page, "processing failed")
        self.assertContains(self.client.get(image_url("change", failed.pk)), "Try again")
        processing = make_image()
        self.assertContains(self.client.get(image_url("changelist")), f"processing 0 of {processing.progress[1]}")

    @takes_longer("Renditions of images are made.")
    def test_queries_do_not_grow_with_images(self):
        image = make_image()
        create_missing_renditions(image)
        columns = {field.attname: getattr(image, field.attname) for field in Image._meta.concrete_fields}
        del columns["id"], columns["complete"], columns["uuid"]
        images = Image.objects.bulk_create(Image(**columns | {"sha256": f"{n:064}"}) for n in range(500))
        Rendition.objects.bulk_create(
            Rendition(
                image=copy, original=copy.sha256, format="jpeg", width=480, height=320, sha256="a" * 64, file="a.jpg"
            )
            for copy in images
        )
        self.client.get(image_url("changelist"))
        with self.assertNumQueries(5):  # session, user, count, images, renditions
            page = self.client.get(image_url("changelist"))
        self.assertEqual(len(page.context["images"]), 48)
        with self.assertNumQueries(7):  # and two for the texts of pages
            self.client.get(image_url("changelist"), {"use": "none", "q": "teal"})
        seen, after = 0, ""
        while True:
            response = self.client.get(image_url("pick"), {"after": after}).json()
            seen, after = seen + len(response["items"]), response["after"]
            if not after:
                break
        self.assertEqual(seen, 501)
        self.assertEqual(self.client.get(image_url("pick"), {"after": "no cursor"}).status_code, 404)


class ImagePermissionTests(TestCase):
    # Status by role for each URL and method; 403 for other roles.
    EXPECTED = {
        ("changelist", "get"): {"Author": 200, "Editor": 200, "Publisher": 200},
        ("upload", "post"): {"Author": 422, "Editor": 422, "Publisher": 422},
        ("upload", "get"): {"Author": 405, "Editor": 405, "Moderator": 405, "Support": 405, "Publisher": 405},
        ("metadata", "get"): {"Author": 200, "Editor": 200, "Publisher": 200},
        ("metadata", "post"): {},
        ("change", "get"): {"Author": 200, "Editor": 200, "Publisher": 200},
        ("change", "post"): {"Editor": 200, "Publisher": 200},
        ("replace", "get"): {"Editor": 200, "Publisher": 200},
        ("replace", "post"): {"Editor": 422, "Publisher": 422},
        ("sizes", "get"): {"Author": 405, "Editor": 405, "Moderator": 405, "Support": 405, "Publisher": 405},
        ("sizes", "post"): {"Editor": 302, "Publisher": 302},
        ("publish", "get"): {"Editor": 200, "Publisher": 200},
        ("publish", "post"): {"Editor": 422, "Publisher": 422},
    }

    @takes_longer("Every role asks many addresses.")
    @tag("sqlite")  # permissions do not depend on the database
    def test_access_by_role_and_method(self):
        image = make_image()
        for role in ROLES:
            self.client.force_login(make_member(role))
            for (name, method), expected in self.EXPECTED.items():
                url = image_url(name, *([image.pk] if name in {"change", "replace", "sizes", "publish"} else []))
                with self.subTest(role=role, url=url, method=method):
                    self.assertEqual(getattr(self.client, method)(url).status_code, expected.get(role, 403))
        self.client.logout()
        for name, method in self.EXPECTED:
            url = image_url(name, *([image.pk] if name in {"change", "replace", "sizes", "publish"} else []))
            self.assertEqual(getattr(self.client, method)(url).status_code, 302)

    def test_unknown_image_is_not_found(self):
        self.client.force_login(make_editor())
        for name in ("replace", "publish"):
            for pk in (999_999, 10**30):
                self.assertEqual(self.client.get(f"/admin/articles/image/{pk}/{name}/").status_code, 404)
