"""The look of a newsletter: header picture, accent colour, footer, and pictures in digests."""

from django.conf import settings
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone
from lxml.html import document_fromstring

from articles.services.media import delete_image, is_used
from tests.factories import make_article, make_image, make_member
from tests.html import page_of
from tests.truthlytics.newsletters.factories import make_issue, make_newsletter
from tests.truthlytics.newsletters.test_letter_blocks import sized_image
from truthlytics.newsletters.models import IssueArticle, Newsletter
from truthlytics.newsletters.rendering import render_variants
from truthlytics.publication.colours import contrast, schemes

FOOTER = "Write to us: https://example.org/desk <b>&"


class SettingTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.publisher = make_member("Publisher")
        cls.newsletter = make_newsletter(name="Weekly", slug="weekly")

    def setUp(self):
        self.client.force_login(self.publisher)
        self.url = reverse("admin:newsletters_newsletter_change", args=[self.newsletter.pk])

    def save(self, **fields):
        data = {"name": "Weekly", "slug": "weekly", "description": "A", "required_level": 0, "position": 0}
        return self.client.post(self.url, data | fields)

    def test_they_are_saved(self):
        image = sized_image(480, alt="Masthead")
        self.save(header=image.pk, accent="0F5C47", footer=FOOTER, shows_pictures="on")
        row = Newsletter.objects.get()
        self.assertEqual((row.header, row.accent, row.footer, row.shows_pictures), (image, "#0f5c47", FOOTER, True))
        self.save(accent="", footer="")
        row.refresh_from_db()
        self.assertEqual((row.header, row.accent, row.footer, row.shows_pictures), (None, "", "", False))

    def test_a_faint_colour_is_refused_with_the_nearest_that_can_be_read(self):
        response = self.save(accent="#ffcc00")
        [sentence] = response.context["adminform"].form.errors["accent"]
        self.assertIn("too hard to read", sentence)
        nearest = sentence.rstrip(".").rpartition(" ")[2]
        self.save(accent=nearest)
        row = Newsletter.objects.get()
        self.assertEqual(row.accent, nearest)
        light, dark = row.accents
        self.assertGreaterEqual(contrast(light, "#ffffff"), 4.5)
        self.assertGreaterEqual(contrast(dark, schemes()[1]["page"]), 4.5)

    def test_other_input_is_refused(self):
        for fields, sentence in (
            ({"accent": "red;}"}, "Enter a colour as # and six digits"),
            ({"header": make_image(alt="").pk}, "This image has no alt text or no credit."),
            ({"header": 10**9}, "Select a valid choice."),
        ):
            with self.subTest(fields):
                self.assertContains(self.save(**fields), sentence)
        self.assertEqual(Newsletter.objects.get().accent, "")

    def test_a_header_picture_is_kept_in_the_library(self):
        image = make_image()
        self.assertFalse(is_used(image))
        self.save(header=image.pk)
        self.assertTrue(is_used(image))
        page = self.client.get(reverse("admin:articles_image_change", args=[image.pk]))
        self.assertContains(page, "(header picture)")
        with self.assertRaisesMessage(Exception, "protected"):
            delete_image(image=image)


class LookTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.header = sized_image(480, 960, 1800, alt="Masthead", credit="Drawing: T. Est")
        cls.newsletter = make_newsletter(slug="weekly", header=cls.header, accent="#0f5c47", footer=FOOTER)
        article = make_article(lead=sized_image(480, 960, alt="A dam"))
        cls.issue = make_issue(
            cls.newsletter, article, kind="digest", slug="2026-11-29", state="sent", prepared_at=timezone.now()
        )

    def rendered(self):
        [variant] = render_variants(self.issue, timezone.now())
        return document_fromstring(variant.html), variant

    def test_emails_have_the_header_the_colour_and_the_footer(self):
        page, variant = self.rendered()
        image = page.xpath("//img")[0]
        self.assertEqual(image.get("src"), f"{settings.SITE_URL}/media/960.jpg")
        self.assertEqual((image.get("alt"), image.get("width")), ("Masthead", "536"))
        self.assertIn("#0f5c47", page.xpath("//a[text()='Unsubscribe']/@style")[0])
        self.assertIn(self.newsletter.accents[1], page.xpath("//style")[0].text)
        [footer] = page.xpath("//p[@class='footer']")
        self.assertEqual(footer.text_content(), FOOTER)
        self.assertEqual(footer.xpath("a/@href"), ["https://example.org/desk"])
        self.assertTrue(variant.text.startswith("[Masthead]\nDrawing: T. Est\n"))
        self.assertIn(FOOTER, variant.text)

    def test_the_page_of_an_issue_has_them_too(self):
        response = self.client.get(self.issue.get_absolute_url())
        page = page_of(response)
        self.assertEqual(page.xpath("//main//figure[@class='newsletter-header']//img/@alt"), ["Masthead"])
        self.assertEqual(page.xpath("//p[@class='newsletter-footer']")[0].text_content(), FOOTER)
        [address] = page.xpath("//link[contains(@href, 'theme')]/@href")
        sheet = self.client.get(address)
        self.assertEqual(sheet.headers["Content-Type"], "text/css; charset=utf-8")
        self.assertContains(sheet, "main { --accent: light-dark(#0f5c47, ")
        for wrong in ("/newsletters/weekly/theme-000000.css", "/newsletters/other/theme-0f5c47.css"):
            self.assertEqual(self.client.get(wrong).status_code, 404)

    def test_digests_have_a_picture_for_each_article_unless_that_is_off(self):
        page, variant = self.rendered()
        [image] = page.xpath("//td[@class='thumbnail']/a/img")
        self.assertEqual((image.get("src"), image.get("width")), (f"{settings.SITE_URL}/media/480.jpg", "160"))
        self.assertIn("[A dam]", variant.text)
        self.issue.newsletter.shows_pictures = False
        page, variant = self.rendered()
        self.assertEqual(page.xpath("//td[@class='thumbnail']"), [])
        self.assertNotIn("[A dam]", variant.text)

    def test_the_page_has_the_sentences_of_a_digest_for_readers_with_access(self):
        self.issue.articles.update(sentence="Why <b>we</b> looked.")
        self.assertContains(self.client.get(self.issue.get_absolute_url()), "Why &lt;b&gt;we&lt;/b&gt; looked.")
        self.newsletter.required_level = 10
        self.newsletter.save()
        self.assertNotContains(self.client.get(self.issue.get_absolute_url()), "looked.")

    def test_without_a_look_of_its_own_it_has_that_of_the_publication(self):
        Newsletter.objects.update(header=None, accent="", footer="")
        self.issue = type(self.issue).objects.get()
        page, variant = self.rendered()
        self.assertEqual(len(page.xpath("//img")), 1)
        self.assertIn(schemes()[0]["accent"], variant.html)
        self.assertNotContains(self.client.get(self.issue.get_absolute_url()), "weekly/theme-")
        self.assertEqual(IssueArticle.objects.count(), 1)
