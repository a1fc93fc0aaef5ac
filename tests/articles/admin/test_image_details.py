"""Details of an image beside the text: who may change them, and what happens to published articles."""

from django.test import TestCase
from django.urls import reverse

from articles.models import Image
from tests.factories import make_article, make_editor, make_image, make_staff
from truthlytics.audit.log import AuditEntry


class ImageDetailsTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.editor = make_editor(display_name="Edith Orr")
        cls.author = make_staff("articles.view_image", "articles.add_image", "articles.add_article")
        cls.image = make_image(by=cls.editor)
        cls.data = {"alt": "Cranes", "credit": "N. N.", "focal_x": 10, "focal_y": 20}

    def setUp(self):
        self.client.force_login(self.editor)

    def url(self, image=None):
        return reverse("admin:articles_image_details", args=[(image or self.image).pk])

    def save(self, image=None, **changes):
        return self.client.post(self.url(image), self.data | changes, headers={"Accept": "application/json"})

    def test_fields_are_read_and_saved_with_a_log_entry(self):
        values = {"alt": "A teal field", "credit": "Drawing: T. Est", "focal_x": 50, "focal_y": 50}
        self.assertEqual(self.client.get(self.url()).json(), {"fields": values, "reason": ""})
        answer = self.save().json()
        self.assertEqual((answer["saved"]["alt"], "outdated" in answer), ("Cranes", False))
        self.image.refresh_from_db()
        self.assertEqual((self.image.credit, self.image.focal), ("N. N.", (10, 20)))
        self.assertEqual(AuditEntry.objects.about(self.image).first().message, "Image details changed.")

    def test_published_articles_are_named_with_the_place_to_update_them(self):
        make_article(body=f'<p>Text.</p><figure data-image="{self.image.uuid}"></figure>')
        answer = self.save().json()
        self.assertEqual(answer["outdated"], "Image saved. Published versions still have its earlier details.")
        self.assertEqual(answer["publish"], reverse("admin:articles_image_publish", args=[self.image.pk]))

    def test_invalid_values_are_refused_with_sentences(self):
        response = self.save(alt=" ", focal_x=101)
        self.assertContains(response, "Alt text: This field is required.", status_code=422)
        self.assertContains(response, "Focal point, percent from the left", status_code=422)
        self.assertEqual(Image.objects.get().focal, (50, 50))

    def test_others_are_told_why_they_may_not_change_it(self):
        self.client.force_login(self.author)
        reason = "You cannot change this image, because Edith Orr uploaded it. Ask an editor."
        self.assertEqual(self.client.get(self.url()).json()["reason"], reason)
        self.assertContains(self.save(), "Edith Orr", status_code=403)
        self.assertEqual(Image.objects.get().alt, "A teal field")

    def test_uploader_may_change_an_image_until_it_is_published(self):
        own = make_image(by=self.author)
        self.client.force_login(self.author)
        self.assertEqual(self.save(own).status_code, 200)
        make_article(body=f'<p>Text.</p><figure data-image="{own.uuid}"></figure>')
        self.assertContains(self.save(own), "because it has been published", status_code=403)
