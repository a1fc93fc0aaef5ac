"""The front page: its images at every width, its layout with few articles, and what is new since the last visit."""

import io
from datetime import timedelta

from django.utils import timezone
from PIL import Image as Pillow
from playwright.sync_api import expect

from articles.models import Version
from tests.browser.base import BrowserTestCase
from tests.factories import make_article, make_image, make_section
from truthlytics.cache.invalidation import site_generations

WIDTHS = (480, 720, 960, 1200, 1800)
# The box of each large image, the width of the image that fills it, and the width of the file that was chosen.
IMAGES = """() => {
  const images = [...document.querySelectorAll(":is(.front__lead, .front__secondary, .front__item) img")];
  for (const image of images) image.loading = "eager";
  return Promise.all(images.map(async (image) => {
    await image.decode();
    const { width, height } = image.getBoundingClientRect();
    const ratio = image.getAttribute("width") / image.getAttribute("height");
    const chosen = Number(image.currentSrc.match(/(\\d+)\\.jpg$/)[1]);
    return { width, height, ratio, needed: Math.max(width, height * ratio), chosen };
  }));
}"""
HOUR = timedelta(hours=1)


def pixel():
    buffer = io.BytesIO()
    Pillow.new("RGB", (3, 2), "teal").save(buffer, "JPEG")
    return buffer.getvalue()


class FrontPageTestCase(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.image, self.sections = make_image(), [make_section() for _ in range(4)]
        self.page.route("**/media/*", lambda route: route.fulfill(body=pixel(), content_type="image/jpeg"))

    def make_articles(self, count, **fields):
        for number in range(count):
            make_article(lead=self.image, section=self.sections[number % 3], **fields)
        self.set_shape(1800, 1200)

    def set_shape(self, width, height):
        """Give all lead images this shape, and files of all widths."""
        files = [[f"/media/{width}.jpg", width] for width in WIDTHS]
        shape = {"width": width, "height": height, "sources": {"jpeg": files}}
        for version in Version.objects.all():
            Version.objects.filter(pk=version.pk).update(head=version.head | {"lead": version.head["lead"] | shape})
        site_generations().bump_all()

    def go(self, width=1440):
        self.page.set_viewport_size({"width": width, "height": 900})
        self.page.goto("/")

    def box(self, selector):
        return self.page.locator(selector).first.bounding_box()


class ImageTests(FrontPageTestCase):
    def test_files_are_as_wide_as_their_boxes_need(self):
        self.make_articles(15)
        for shape in ((1800, 1200), (1800, 900)):
            self.set_shape(*shape)
            for width in (360, 768, 1024, 1440):
                self.go(width)
                images = self.page.evaluate(IMAGES)
                self.assertEqual(len(images), 6)
                for image in images:
                    with self.subTest(shape=shape, viewport=width, **image):
                        self.assertGreaterEqual(image["chosen"], min(image["needed"] - 1, WIDTHS[-1]))
                        # A box that is as high as its titles would cut a landscape picture to an upright one.
                        self.assertLessEqual(image["height"], image["width"] / 1.5 + 1)


class FewArticlesTests(FrontPageTestCase):
    def test_a_single_article_has_the_whole_width(self):
        self.make_articles(1)
        for width in (768, 1024, 1440):
            self.go(width)
            with self.subTest(width=width):
                self.assertEqual(self.box(".front__lead")["width"], self.box(".masthead__bar")["width"])
        expect(self.page.locator(".front__latest")).to_have_count(0)

    def test_others_take_the_place_of_the_latest_beside_the_lead(self):
        for count in (2, 3):
            make_article(lead=self.image, section=self.sections[count])
            if count == 2:
                make_article(lead=self.image, section=self.sections[0])
            self.set_shape(1800, 1200)
            self.go()
            lead, others = self.box(".front__lead"), self.page.locator(".front__secondary > .teaser")
            expect(others).to_have_count(count - 1)
            for other in others.all():
                self.assertGreater(other.bounding_box()["x"], lead["x"] + lead["width"])


class RowTests(FrontPageTestCase):
    def test_rows_take_turns_in_size(self):
        self.make_articles(24)
        self.go()
        sizes = "(all) => all.map((one) => parseFloat(getComputedStyle(one).fontSize))"
        large, small, third = self.page.locator(".front__item .teaser__headline").evaluate_all(sizes)
        self.assertGreater(large, small)
        self.assertEqual(large, third)


class SinceLastVisitTests(FrontPageTestCase):
    def setUp(self):
        super().setUp()
        self.make_articles(4, at=timezone.now() - 100 * HOUR)
        self.line = self.page.locator(".front__since")

    def visited(self, ago):
        """Set the time of the last visit."""
        seen = (timezone.now() - ago).timestamp() * 1000
        self.page.evaluate("(seen) => localStorage.setItem('visit', JSON.stringify({ seen }))", seen)

    def test_new_articles_are_counted_after_a_return(self):
        self.go()
        expect(self.line).to_be_hidden()
        self.page.reload()
        expect(self.line).to_be_hidden()
        self.visited(50 * HOUR)
        self.page.reload()
        expect(self.line).to_be_hidden()
        self.make_articles(2, at=timezone.now() - HOUR)
        self.visited(50 * HOUR)
        lead = self.box(".front__lead")
        self.page.reload()
        day = timezone.now() - 50 * HOUR
        expect(self.line).to_have_text(f"2 new articles since your last visit on {day:%A}")
        self.assertEqual(self.box(".front__lead"), lead)
        self.page.reload()  # the same visit
        expect(self.line).to_be_visible()
        self.assertEqual(self.axe(), [])

    def test_it_has_room_on_a_phone(self):
        self.go(320)
        self.visited(200 * HOUR)
        self.page.reload()
        expect(self.line).to_contain_text("More than 4 new articles")
        line, lead = self.line.bounding_box(), self.box(".front__lead")
        self.assertLessEqual(line["y"] + line["height"], lead["y"])
        self.assertGreaterEqual(line["y"], self.box("main")["y"])
        self.assertEqual(self.page.evaluate("document.documentElement.scrollWidth"), 320)


class WithoutScriptTests(FrontPageTestCase):
    script = False

    def test_nothing_is_shown(self):
        self.make_articles(1)
        self.go()
        expect(self.page.locator(".front__since")).to_be_hidden()
