"""Images that AI has made or changed are labelled wherever readers see them, whatever the article states."""

import io
import json

from django.test import TestCase
from django.utils import timezone
from lxml.html import document_fromstring
from PIL import Image as Pillow
from PIL.PngImagePlugin import PngInfo

from articles.media.renditions import create_first_renditions
from articles.models import Article, Image
from articles.services.denormalise import rerender_showing
from articles.services.image_updates import outdated_items, update_image
from articles.services.media import image_changed, replace_file
from tests.articles.admin.image_library import ImageLibraryTestCase, image_url
from tests.articles.media.test_image_metadata import jpeg
from tests.factories import (
    make_article,
    make_author,
    make_editor,
    make_image,
    make_page,
)
from tests.schemas import vocabulary_errors
from tests.truthlytics.newsletters.factories import make_issue, make_newsletter
from truthlytics.newsletters.rendering import render_variants

MADE, CHANGED = "Image made by AI", "Image changed by AI"
PICTURES = "Pictures with this text were made or changed by AI."
SOURCES = "https://schema.org/"
IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"


def xmp(source):
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'
        f' Iptc4xmpExt:DigitalSourceType="{source}"/></rdf:RDF></x:xmpmeta>'
    ).encode()


def shown_image(source="", **fields):
    """Return an image with renditions, from a file that names its `source`."""
    image = make_image(file=jpeg(xmp=xmp(IPTC + source)) if source else None, **fields)
    create_first_renditions(image)
    return image


def mark(image, use="made"):
    """Mark the image as an editor does later, after it was published."""
    image.mark_ai_use(use)
    image.save()
    rerender_showing(image)


def figure(image):
    return f'<figure data-image="{image.uuid}"></figure>'


class FileTests(TestCase):
    def test_sources_by_ai_in_files(self):
        for source, use in [
            ("trainedAlgorithmicMedia", "made"),
            ("compositeWithTrainedAlgorithmicMedia", "changed"),
            ("compositeSynthetic", "changed"),
            ("digitalCapture", ""),
            ("algorithmicMedia", ""),
            ("x" * 50_000, ""),
            ("trainedAlgorithmicMedia<script>", ""),
        ]:
            with self.subTest(source[:40]):
                image = make_image(file=jpeg(xmp=xmp(IPTC + source.replace("<", "&lt;"))), title=source[:9])
                self.assertEqual((image.ai_use, bool(image.ai_marked_at)), (use, bool(use)))
                Image.objects.all().delete()

    def test_entities_and_large_metadata_are_not_read(self):
        bomb = b'<!DOCTYPE x [<!ENTITY a "trainedAlgorithmicMedia">]>' + xmp(IPTC + "&a;")
        for packet in (bomb, xmp(IPTC + "trainedAlgorithmicMedia") + b" " * 1_100_000):
            image = make_image(file=png(packet))
            self.assertEqual(image.ai_use, "")
            image.delete()

    def test_a_new_file_by_ai_marks_the_image_and_another_one_does_not_unmark_it(self):
        image = make_image()
        replace_file(image=image, file=jpeg(xmp=xmp(IPTC + "trainedAlgorithmicMedia")))
        self.assertEqual(image.ai_use, "made")
        replace_file(image=image, file=jpeg())
        self.assertEqual(image.ai_use, "made")


def png(packet):
    """A PNG has no limit of 64 kB for its metadata."""
    file, info = io.BytesIO(), PngInfo()
    info.add_itxt("XML:com.adobe.xmp", packet.decode())
    Pillow.new("RGB", (60, 40)).save(file, "PNG", pnginfo=info)
    file.seek(0)
    return file


class LabelTests(TestCase):
    def labels(self, address):
        page = document_fromstring(self.client.get(address).content)
        return [mark.text_content().strip() for mark in page.xpath('//small[@class="figure__ai"]')]

    def graph(self, address):
        page = document_fromstring(self.client.get(address).content)
        return json.loads(page.xpath('(//script[@type="application/ld+json"])[1]')[0].text)

    def test_lead_body_gallery_and_embed(self):
        lead, one, two, three = (shown_image() for _number in range(4))
        lead_by_ai = shown_image("trainedAlgorithmicMedia")
        mark(one)
        mark(three, "changed")
        embed = f'<div data-embed="https://video.example/1" data-title="T" data-image="{one.uuid}"></div>'
        body = f"<p>Words.</p>{figure(one)}<div data-gallery>{figure(two)}{figure(three)}</div>{embed}"
        article = make_article(lead=lead_by_ai, body=body, ai_uses=["none"])
        self.assertEqual(self.labels(article.get_absolute_url()), [MADE, MADE, CHANGED, MADE])
        self.assertContains(self.client.get(article.get_absolute_url()), PICTURES)
        self.assertEqual(self.labels(make_article(lead=lead).get_absolute_url()), [])

    def test_picture_marked_later(self):
        image = shown_image()
        article = make_article(lead=image, ai_uses=["none"])
        content, path = article.live.content, article.get_absolute_url()
        self.assertEqual(self.labels(path), [])
        mark(image)
        article = Article.objects.get(pk=article.pk)
        self.assertEqual(self.labels(path), [MADE])
        self.assertContains(self.client.get(path), PICTURES)
        self.assertEqual(article.live.content, content)
        answer = self.client.get(f"{path.rstrip('/')}.json").json()
        self.assertEqual((answer["ai_uses"], answer["ai_labels"]), (["pictures"], [PICTURES]))
        # The record gets it with the next version, which is offered.
        [outdated] = outdated_items(image)
        self.assertEqual(outdated.differences, [("use of AI", "", "Made by AI")])
        update_image(item=article, image=image, by=make_editor())
        pictures = json.loads(Article.objects.get(pk=article.pk).live.content)["pictures"]
        self.assertEqual(pictures[str(image.uuid)]["ai_use"], "made")
        self.assertEqual(self.labels(f"{path}versions/1/"), [MADE])

    def test_structured_data_feed_and_markdown(self):
        article = make_article(lead=shown_image("compositeSynthetic"), ai_uses=["none"])
        path = article.get_absolute_url()
        [image] = self.graph(path)["image"]
        source = {"@id": f"{SOURCES}CompositeWithTrainedAlgorithmicMediaDigitalSource"}
        self.assertEqual((image["digitalSourceType"], image["creditText"]), (source, f"Drawing: T. Est · {CHANGED}"))
        self.assertEqual(vocabulary_errors([self.graph(path)]), [])
        self.assertIn(PICTURES, self.client.get("/feeds/feed.json").content.decode())
        body = figure(shown_image("trainedAlgorithmicMedia"))
        markdown = self.client.get(f"{make_article(body=f'<p>A.</p>{body}').get_absolute_url().rstrip('/')}.md")
        self.assertContains(markdown, f"Drawing: T. Est · {MADE}")

    def test_other_pictures_of_the_article_are_not_said_to_be_by_ai(self):
        article = make_article(lead=shown_image(), body=f"<p>A.</p>{figure(shown_image('trainedAlgorithmicMedia'))}")
        [image] = self.graph(article.get_absolute_url())["image"]
        self.assertIsInstance(image, str)

    def test_page_letter_digest_and_author(self):
        image = shown_image("trainedAlgorithmicMedia")
        page = make_page(body=f"<p>About us.</p>{figure(image)}")
        self.assertEqual(self.labels(page.get_absolute_url()), [MADE])
        author = make_author(portrait=image)
        make_article(authors=[author])
        self.assertEqual(self.labels(author.get_absolute_url()), [MADE])
        letter = make_issue(make_newsletter(header=image), kind="letter", body="<p>Dear readers.</p>")
        other = make_issue(article=make_article(lead=image))
        for issue in (letter, other):
            [variant] = render_variants(issue, timezone.now())
            self.assertIn(MADE, variant.html)

    def test_pages_that_are_cached_get_the_label_at_once(self):
        image = shown_image()
        page = make_page(body=f"<p>About us.</p>{figure(image)}")
        self.assertEqual(self.labels(page.get_absolute_url()), [])
        with self.captureOnCommitCallbacks(execute=True):
            image.mark_ai_use("changed")
            image.save()
            image_changed(image=image, fields=["ai_use"])
        self.assertEqual(self.labels(page.get_absolute_url()), [CHANGED])

    def test_label_is_no_text_of_the_article(self):
        article = make_article(body=f"<p>Words.</p>{figure(shown_image('trainedAlgorithmicMedia'))}")
        self.assertNotIn(MADE, article.live.plain_all)


class LibraryTests(ImageLibraryTestCase):
    def test_editors_mark_an_image_and_the_history_says_so(self):
        image = make_image()
        data = {"alt": "A", "credit": "B", "licence": "", "focal_x": 50, "focal_y": 50, "ai_use": "made"}
        self.client.post(image_url("change", image.pk), data, follow=True)
        image.refresh_from_db()
        self.assertEqual(image.ai_use, "made")
        marked_at = image.ai_marked_at
        page = self.client.get(image_url("change", image.pk))
        self.assertContains(page, "marked since")
        history = self.client.get(image_url("history", image.pk))
        self.assertContains(history, "Use of AI")
        self.client.post(image_url("change", image.pk), data | {"alt": "C"})
        image.refresh_from_db()
        self.assertEqual(image.ai_marked_at, marked_at)
        refused = self.client.post(image_url("change", image.pk), data | {"ai_use": "partly"})
        self.assertContains(refused, "Select a valid choice")
        self.client.post(image_url("change", image.pk), data | {"ai_use": ""})
        image.refresh_from_db()
        self.assertEqual((image.ai_use, image.ai_marked_at), ("", None))
