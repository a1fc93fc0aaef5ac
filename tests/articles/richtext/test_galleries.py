"""Galleries: several images of the library in one block, from the form to the page."""

import json
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.db import connection
from django.test import SimpleTestCase, TestCase
from django.test.utils import CaptureQueriesContext

from articles.feeds.channel import build_item
from articles.media.html import ResponsiveImage
from articles.models import Article, ImageUsage
from articles.revisions.blocks import blocks, top_level
from articles.revisions.diff import diff_blocks
from articles.richtext.rendering import count_words, render
from articles.richtext.vocabulary import clean, image_uuids, parse, validate_galleries
from articles.services.media import make_renditions
from articles.services.publishing import publish
from tests.articles.admin.editor import form_data
from tests.factories import make_article, make_draft, make_editor, make_image

UUIDS = [f"0b6f4c1e-8f43-4c53-9d36-6a8e2d1f0a1{number}" for number in range(7)]
TALL = ResponsiveImage(50, 100, {"jpeg": (("/media/a.jpg", 50),)})
IMAGES = dict.fromkeys(UUIDS, TALL)
PICTURES = {uuid: {"alt": f"Alt {uuid}", "caption": "Library", "credit": "N. N."} for uuid in UUIDS}


def figure(uuid, caption="In May"):
    return f'<figure data-image="{uuid}"><figcaption>{caption}</figcaption></figure>'


def gallery(count, **options):
    return f'<div data-gallery="">{"".join(figure(uuid, **options) for uuid in UUIDS[:count])}</div>'


def render_body(body, images=IMAGES):
    return render({"body": clean(body), "required_level": 0, "pictures": PICTURES}, images)


class SanitiserTests(SimpleTestCase):
    def test_holds_images_only_at_the_top_level(self):
        one, two = figure(UUIDS[0]), gallery(2)
        for before, after in {
            two: two,
            two.replace("<figure", '<figure data-size="wide"'): two,
            f'<div data-gallery="x" data-image="{UUIDS[3]}">{one}<p>a</p>b</div><p>c</p>': (
                f'<p>a</p><p>b</p><div data-gallery="">{one}</div><p>c</p>'
            ),
            f"<blockquote><p>a</p>{two}</blockquote><p>b</p>": f"<blockquote><p>a</p></blockquote>{two}<p>b</p>",
            f'<aside class="callout"><p>a</p>{two}</aside>': f'<aside class="callout"><p>a</p></aside>{two}',
            f'<div data-gallery=""><div data-gallery="">{one}</div></div>': f'<div data-gallery="">{one}</div>',
            '<div data-gallery=""><p>a</p></div>': "<p>a</p>",
            '<div data-gallery=""></div><p>a</p>': "<p>a</p>",
        }.items():
            with self.subTest(before):
                self.assertEqual(clean(before), after)
                self.assertEqual(clean(after), after)

    def test_one_image_and_seven_are_refused_with_a_sentence(self):
        for count, sentence in {1: "only one image", 7: "has 7 images. It can have at most 6"}.items():
            with self.assertRaisesMessage(ValidationError, sentence):
                validate_galleries(f"<p>a</p>{gallery(count)}")
        for count in (2, 6):
            validate_galleries(gallery(count))


class RenderTests(SimpleTestCase):
    def test_images_have_rows_captions_credits_and_sizes_of_their_own(self):
        html = render_body(gallery(5, caption="")).free_html
        self.assertIn('<div class="gallery gallery--5"><figure class="figure figure--tall"><picture><img', html)
        self.assertEqual((html.count("Library"), html.count("N. N."), html.count(f'alt="Alt {UUIDS[1]}"')), (5, 5, 1))
        self.assertEqual((html.count("27rem, "), html.count("18rem, ")), (2, 3))
        self.assertNotIn("Library", render_body(gallery(5)).free_html)

    def test_images_without_sizes_are_left_out(self):
        html = render_body(gallery(3), dict.fromkeys(UUIDS[:2], TALL)).free_html
        self.assertIn('<div class="gallery gallery--2">', html)
        self.assertEqual(html.count("<figure"), 2)
        html = render_body(gallery(3), {UUIDS[1]: TALL}).free_html
        self.assertTrue(html.startswith('<figure class="figure figure--tall figure--small">'))
        self.assertEqual(render_body(f"<p>a</p>{gallery(3)}", {}).free_html.strip(), "<p>a</p>")

    def test_footnotes_in_captions_are_numbered_and_captions_are_not_words_of_the_text(self):
        rendered = render_body(gallery(2, caption='In May<sup data-footnote="By hand."></sup>'))
        self.assertEqual(rendered.free_notes.count("By hand."), 2)
        self.assertIn('id="ref-2"', rendered.free_html)
        self.assertEqual((rendered.words_all, count_words(parse(gallery(4)))), (0, 0))
        self.assertIn("In May N. N.", rendered.plain_all)


class ComparisonTests(SimpleTestCase):
    def kinds(self, old, new):
        return [row.kind for row in diff_blocks(blocks(old, PICTURES), blocks(new, PICTURES))]

    def test_images_are_compared_one_by_one(self):
        self.assertEqual([line.text for line in blocks(gallery(2), PICTURES)], ["Image: In May N. N."] * 2)
        self.assertEqual(self.kinds(gallery(2), gallery(2)), ["same"])
        self.assertIn("added", self.kinds(gallery(2), gallery(3)))
        self.assertIn("changed", self.kinds(gallery(2), gallery(2).replace("In May", "In June", 1)))

    def test_gallery_differs_from_the_same_images_without_it(self):
        loose = "".join(top_level(gallery(4))).replace('<div data-gallery="">', "").replace("</div>", "")
        divided = gallery(4).replace("</figure><", "</figure></div>#<", 2).replace("</div>#", "", 1)
        divided = divided.replace("#", '<div data-gallery="">')
        for other in (loose, divided):
            self.assertNotEqual(set(self.kinds(gallery(4), other)), {"same"})


class SystemTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.images = [make_image(alt=f"Alt {n}", credit=f"Photo {n}") for n in range(2)]
        for image in cls.images:
            make_renditions.call(image.pk)
        figures = "".join(figure(image.uuid, f"Caption {n}") for n, image in enumerate(cls.images))
        cls.body = f'<p>Before.</p><div data-gallery="">{figures}</div>'
        cls.article = make_article(body=cls.body)

    def test_version_keeps_the_texts_and_the_library_knows_the_use(self):
        pictures = json.loads(self.article.live.content)["pictures"]
        self.assertEqual({details["alt"] for details in pictures.values()}, {"Alt 0", "Alt 1"})
        self.assertEqual(image_uuids(self.body), [str(image.uuid) for image in self.images])
        used = ImageUsage.objects.filter(article=self.article).values_list("image", flat=True)
        self.assertEqual(set(used), {image.pk for image in self.images})

    def test_publishing_it_takes_as_many_queries_as_single_images_do(self):
        loose = self.body.replace('<div data-gallery="">', "").replace("</div>", "")
        counts = []
        for body in (self.body, loose):
            draft = make_draft(body=body)
            with CaptureQueriesContext(connection) as queries:
                publish(item=draft)
            counts.append(len(queries))
        self.assertEqual(*counts)
        self.assertContains(self.client.get(self.article.get_absolute_url()), '<div class="gallery gallery--2">')

    def test_feeds_have_plain_images_one_after_another(self):
        html = build_item(self.article.live).html
        self.assertEqual((html.count("<figure>"), html.count("<img "), html.count("<figcaption>")), (2, 2, 2))
        self.assertNotIn("class=", html)

    def test_form_refuses_seven_images_and_keeps_the_text(self):
        self.client.force_login(make_editor())
        body = f'<div data-gallery="">{"".join(figure(uuid4()) for _ in range(7))}</div>'
        response = self.client.post("/admin/articles/article/add/", form_data(headline="Seven", body=body))
        self.assertContains(response, "A gallery in the text has 7 images.", status_code=200)
        self.assertContains(response, "data-gallery")
        self.assertFalse(Article.objects.filter(headline="Seven").exists())
