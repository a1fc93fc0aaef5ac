"""Images, buttons and embeds in letters: what is stored, what emails and pages show, and what keeps an issue back."""

from django.conf import settings
from django.test import SimpleTestCase, TestCase
from django.urls import reverse
from django.utils import timezone
from lxml.html import document_fromstring

from articles.models import Image, Rendition
from articles.richtext.short_text import clean_letter, clean_short_text
from articles.richtext.vocabulary import clean
from articles.services.media import is_used
from articles.services.publishing import NotReadyError
from tests.factories import make_image, make_member
from tests.html import page_of
from tests.truthlytics.newsletters.factories import make_address, make_issue, make_newsletter
from truthlytics.newsletters.models import Issue, IssueImage
from truthlytics.newsletters.rendering import render_variants
from truthlytics.newsletters.services.scheduling import work_on

UUID = "6a3f2d3c-7c0f-4f4e-9d5c-111111111111"
BUTTON = '<p data-button=""><a href="https://example.org/" rel="noopener">Read on</a></p>'
FIGURE = f'<figure data-image="{UUID}"></figure>'
EMBED = '<div data-embed="https://vimeo.com/1" data-title="A film"></div>'


def figure(uuid, caption=""):
    return f'<figure data-image="{uuid}"><figcaption>{caption}</figcaption></figure>'


def sized_image(*widths, **fields):
    """An image with JPEGs of these widths, of which there are no files."""
    image = make_image(**fields)
    Image.objects.filter(pk=image.pk).update(width=2400, height=1600)
    for width in widths:
        Rendition.objects.create(
            image=image, original=image.sha256, format="jpeg", width=width, height=width * 2 // 3, file=f"{width}.jpg"
        )
    return image


class SanitisingTests(SimpleTestCase):
    def test_what_the_editor_makes_stays(self):
        for body in (figure(UUID, "A <em>dam</em>"), BUTTON, EMBED, "<p>a</p><hr><p>b</p>"):
            with self.subTest(body):
                self.assertEqual(clean_letter(body), body)
                self.assertEqual(clean_letter(clean_letter(body)), body)

    def test_what_is_hostile_goes(self):
        for body, expected in (
            ('<figure data-image="https://evil.example/x.png"></figure>', ""),
            ('<img src="data:image/png;base64,AAAA"><img src="https://evil.example/pixel.gif">', ""),
            ('<figure><img src="https://evil.example/x.png"><figcaption>A</figcaption></figure>', "<p>A</p>"),
            ('<p data-button><a href="javascript:x()">Go</a></p>', '<p><a rel="noopener">Go</a></p>'),
            ('<p data-button><a href="data:text/html,x">Go</a></p>', '<p><a rel="noopener">Go</a></p>'),
            ('<div data-embed="javascript:x()" data-title="A"></div>', ""),
            ('<div data-embed="http://evil.example/" onclick="x()">b</div>', "<p>b</p>"),
            (f'<figure data-image="{UUID}" data-size="wide" style="x" onload="x()"></figure>', FIGURE),
        ):
            with self.subTest(body):
                self.assertEqual(clean_letter(body), expected)

    def test_a_button_is_a_link_on_a_line_of_its_own(self):
        for body, expected in (
            ('<p data-button>See <a href="/plans/">the plans</a></p>', '<p>See <a href="/plans/">the plans</a></p>'),
            ('<p data-button><a href="/a/"></a></p>', ""),
            (
                '<p data-button><a href="/a/"><strong>A</strong> b</a></p>',
                '<p data-button=""><a href="/a/">A b</a></p>',
            ),
            (
                '<ul><li><p data-button><a href="/a/">A</a></p></li></ul>',
                '<ul><li><p><a href="/a/">A</a></p></li></ul>',
            ),
        ):
            with self.subTest(body):
                self.assertEqual(clean(body), expected)

    def test_galleries_become_images_and_other_short_texts_have_none(self):
        gallery = f"<div data-gallery>{figure(UUID)}{figure(UUID)}</div>"
        self.assertEqual(clean_letter(gallery), figure(UUID) * 2)
        self.assertEqual(clean_short_text(figure(UUID) + BUTTON + EMBED), BUTTON.replace(' data-button=""', ""))


class RenderingTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.image = sized_image(480, 1200, 1800, alt="A dam", caption="The dam", credit="Photo: T. Est")
        cls.newsletter = make_newsletter()
        cls.body = f"<p>Dear readers.</p>{figure(cls.image.uuid)}{BUTTON}{EMBED}<hr>"

    def letter(self, **fields):
        return make_issue(self.newsletter, **{"kind": "letter", "body": self.body} | fields)

    def rendered(self, issue):
        [variant] = render_variants(issue, timezone.now())
        return variant

    def test_the_email_has_them_in_a_form_that_every_mail_program_knows(self):
        html = self.rendered(self.letter()).html
        page = document_fromstring(html)
        [image] = page.xpath("//div[@class='figure']/img")
        # An absolute address of a file of at most 1,200 px, which is public.
        self.assertEqual(image.get("src"), f"{settings.SITE_URL}/media/1200.jpg")
        self.assertEqual((image.get("alt"), image.get("width"), image.get("height")), ("A dam", "536", "357"))
        [button] = page.xpath("//table[@class='btn']//td/a")
        self.assertEqual((button.get("href"), button.text), ("https://example.org/", "Read on"))
        [embed] = page.xpath("//table[@class='embed']//td/a")
        self.assertEqual(embed.get("href"), "https://vimeo.com/1")
        self.assertIn("A film", embed.text_content())
        for tag in ("figure", "figcaption", "picture", "source", "script", "iframe"):
            self.assertEqual(page.xpath(f"//{tag}"), [])

    def test_the_plain_text_says_the_same(self):
        text = self.rendered(self.letter()).text
        expected = (
            "Dear readers.\n\n[A dam]\nThe dam Photo: T. Est\n\nRead on (https://example.org/)\n\n"
            "Vimeo A film (https://vimeo.com/1)\n\n* * *"
        )
        self.assertIn(expected, text)

    def test_the_page_shows_what_was_sent(self):
        make_address(self.newsletter)
        issue = self.letter()
        work_on.call(issue_id=issue.pk)
        Image.objects.update(caption="Another caption")
        issue.refresh_from_db()
        page = page_of(self.client.get(issue.get_absolute_url()))
        self.assertIn("The dam", page.xpath("//main//figure")[0].text_content())
        self.assertEqual(page.xpath("//main//a[@class='button']/text()"), ["Read on"])
        self.assertEqual(page.xpath("//main//div[contains(@class, 'embed')]/a/@href"), ["https://vimeo.com/1"])

    def test_an_image_that_readers_cannot_see_keeps_the_issue_back(self):
        lacking = sized_image(480, alt="")
        for uuid, sentence in (
            (UUID, "An image was deleted from the library."),
            (lacking.uuid, "has no alt text or no credit."),
            (make_image().uuid, "is still being processed."),
        ):
            with self.subTest(sentence), self.assertRaises(NotReadyError) as caught:
                self.rendered(self.letter(body=figure(uuid)))
            self.assertIn(sentence, caught.exception.reasons[0])

    def test_an_image_in_an_issue_cannot_be_deleted(self):
        self.client.force_login(make_member("Editor"))
        issue = self.letter(state="draft", send_at=None, body="")
        url = reverse("admin:newsletters_issue_change", args=[issue.pk])
        self.assertFalse(is_used(self.image))
        self.client.post(url, {"subject": "A", "body": self.body})
        self.assertTrue(is_used(self.image))
        image_page = reverse("admin:articles_image_change", args=[self.image.pk])
        self.assertContains(self.client.get(image_page), f'<a href="{url}">A</a>', html=True)
        self.assertContains(self.client.get(url), f'"uuid": "{self.image.uuid}"')
        self.assertNotContains(
            self.client.get(reverse("admin:articles_image_changelist"), {"use": "none"}), str(self.image.uuid)
        )
        self.client.post(url, {"subject": "A", "body": ""})
        self.assertFalse(IssueImage.objects.exists())
        self.assertFalse(is_used(self.image))

    def test_the_editor_compares_texts_with_images(self):
        self.client.force_login(make_member("Editor"))
        issue = self.letter(state="draft", send_at=None)
        url = reverse("admin:newsletters_issue_change", args=[issue.pk])
        response = self.client.post(url, {"subject": "A", "body": f"{BUTTON}{EMBED}", "seen": "another"})
        self.assertContains(response, "What saving again would change")
        self.assertEqual(Issue.objects.get().body, clean_letter(self.body))
