"""Accessibility and overflow checks of the style guide, and of dossiers on the site and in the newsroom."""

from tests.browser.base import BrowserTestCase, axe_violations
from tests.factories import make_article, make_dossier, make_editor

# The style guide nests whole pages, so landmarks and headings repeat.
RULES_BROKEN_BY_NESTING = (
    "heading-order",
    "landmark-unique",
    "landmark-no-duplicate-main",
    "landmark-complementary-is-top-level",
    "landmark-banner-is-top-level",
    "landmark-contentinfo-is-top-level",
    "landmark-no-duplicate-banner",
    "landmark-no-duplicate-contentinfo",
    "page-has-heading-one",
)


class StylesTests(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.editor = make_editor()

    def check(self, url, *, without=()):
        """Check the page in the light theme at desktop width and in the dark theme at phone width."""
        page = self.new_page()
        self.log_in(self.editor, page)
        page.goto(url)
        for scheme, width in (("light", 1440), ("dark", 360)):
            with self.subTest(url, scheme=scheme):
                page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                page.set_viewport_size({"width": width, "height": 900})
                self.assertEqual(page.evaluate("document.documentElement.scrollWidth - innerWidth"), 0)
                self.wait_for_editors(page)
                self.assertEqual(axe_violations(page, rules={rule: {"enabled": False} for rule in without}), [])
        page.context.close()

    def test_style_guide(self):
        self.check("/admin/styles/", without=RULES_BROKEN_BY_NESTING)
        self.check("/admin/styles/newsroom/", without=RULES_BROKEN_BY_NESTING)

    def test_dossier(self):
        article = make_article()
        entry = {"date": "2024-11", "text": "It was so.", "article": article, "source": "https://example.org/a"}
        dossier = make_dossier(article, make_article(), entries=[entry])
        for url in (dossier.get_absolute_url(), article.get_absolute_url()):
            self.check(url)
        for name in ("change", "publish"):
            self.check(f"/admin/articles/dossier/{dossier.pk}/{name}/")
