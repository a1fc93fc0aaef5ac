"""Settings → Design in German, and every kind of design without violations of axe."""

from itertools import product

from playwright.sync_api import expect

from articles.services.media import make_renditions
from tests.browser.base import BrowserTestCase
from tests.factories import make_article, make_author, make_image, make_member, make_section
from tests.truthlytics.publication.test_design import set_design
from truthlytics.publication import get_publication
from truthlytics.publication.design import OPTIONS

PAGE = "/admin/truthlytics/designsettings/"
BODY = "<p>It was a long day at the harbour, and nobody knew why.</p><h2>Why</h2><p>The tide was <em>late</em>.</p>"
COLOURS = (
    {},
    {"accent": "#1a3f8b", "paper": "#ffffff"},
    {"accent": "#7a1f1f", "paper": "#fff1e5", "accent_dark": "#ffb4a8"},
)
LAYOUTS = (
    {"masthead": "left", "density": "open", "corners": "rounded", "width": "wide"},
    {"masthead": "compact", "density": "dense", "rules": "off", "pictures": "off", "initial": "off", "date": "off"},
)


class DesignTests(BrowserTestCase):
    def setUp(self):
        super().setUp()
        section, image = make_section(name="Port"), make_image()
        make_renditions.call(image.pk)
        articles = [make_article(headline=f"Ship {n}", section=section, body=BODY, lead=image) for n in range(4)]
        self.article = make_article(headline="The harbour", section=section, body=BODY, authors=[make_author()])
        self.assertEqual(len(articles), 4)

    def frame(self):
        return self.page.frame_locator("[data-design-frame]")

    def colour_of(self, locator):
        return locator.evaluate("element => getComputedStyle(element).color")

    def submit(self, button):
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=button, exact=True).click()

    def test_a_publisher_makes_publishes_and_restores_a_design_in_german(self):
        page = self.page
        self.log_in(make_member("Publisher"))
        page.context.add_cookies([{"name": "language", "value": "de", "domain": "localhost", "path": "/admin/"}])
        page.goto(PAGE)
        self.assertEqual(self.axe(only="color-contrast"), [])
        # Each change is saved and previewed by itself.
        page.get_by_label("Akzentfarbe", exact=True).fill("#7a1f1f")
        expect(page.get_by_text("Als Ihr Entwurf gespeichert.")).to_be_visible()
        expect(self.frame().locator(".masthead__subscribe")).to_have_css("color", "rgb(122, 31, 31)")
        page.get_by_label("Papierfarbe").fill("#222222")
        expect(page.get_by_text("Papierfarbe: Text auf dieser Farbe ist zu schlecht lesbar")).to_be_visible()
        page.get_by_label("Papierfarbe").fill("#ffffff")
        page.get_by_label("CSS", exact=True).fill(".teaser__headline { color: rgb(1, 2, 3) }")
        expect(self.frame().locator(".teaser__headline").first).to_have_css("color", "rgb(1, 2, 3)")
        self.assertEqual(get_publication().accent, "")
        for name in ("Artikel", "Handy", "Dunkel"):
            with page.expect_navigation():
                page.get_by_role("link", name=name, exact=True).click()
        expect(self.frame().locator("html[data-theme=dark] .page-header__title")).to_be_visible()
        self.submit("Veröffentlichen")
        expect(page.get_by_text("Leser sehen jetzt: Gestaltung")).to_be_visible()
        page.goto("/")
        expect(page.locator(".teaser__headline").first).to_have_css("color", "rgb(1, 2, 3)")
        page.goto(PAGE)
        self.assertEqual(self.axe(), [])
        self.submit("Zusätzliches CSS für Leser ausschalten")
        page.locator("li", has_text="was Leser vorher gesehen haben").get_by_role("button").click()
        expect(page.get_by_text("ist jetzt Ihr Entwurf.")).to_be_visible()
        self.submit("Veröffentlichen")
        page.goto("/")
        expect(page.locator("link[href*=theme-]")).to_have_count(0)
        page.set_viewport_size({"width": 360, "height": 800})
        page.goto(PAGE)
        self.assertLessEqual(page.evaluate("document.documentElement.scrollWidth"), 360)

    def test_no_design_has_violations(self):
        """Four pairs of typefaces, three pairs of colours, light and dark: 24, with either layout in turn."""
        page, urls = self.page, ("/", self.article.get_absolute_url())
        typefaces = list(OPTIONS["typefaces"])[1:]
        for number, (typeface, colours) in enumerate(product(typefaces, COLOURS)):
            set_design(typefaces=typeface, **colours, **LAYOUTS[number % 2])
            page.set_viewport_size({"width": (1440, 360)[number // 2 % 2], "height": 900})
            for url in urls:
                with self.subTest(typeface, colours=colours, url=url):
                    page.emulate_media(color_scheme="light")
                    page.goto(url)
                    self.assertEqual(self.axe(), [])
                    overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
                    self.assertLessEqual(overflow, 0)
                    # Nothing but colours differs in dark mode.
                    page.emulate_media(color_scheme="dark")
                    self.assertEqual(self.axe(only="color-contrast"), [])
