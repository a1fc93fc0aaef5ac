"""axe finds nothing on the style pages nor on dossiers, read and written, and nothing pushes them sideways."""

from tests.browser.base import BrowserTestCase
from tests.factories import make_article, make_dossier, make_editor

# Whole pages stand in this one: their headings begin anew, and what they call their parts comes several times.
SEVERAL = ("heading-order", "landmark-unique", "landmark-no-duplicate-main", "landmark-complementary-is-top-level",
           "landmark-banner-is-top-level", "landmark-contentinfo-is-top-level", "landmark-no-duplicate-banner",
           "landmark-no-duplicate-contentinfo", "page-has-heading-one")  # fmt: skip


class StylesTests(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.editor = make_editor()

    def look(self, address, *, without=()):
        """By day as wide as a desk, and by night on a phone."""
        from axe_playwright_python.sync_playwright import Axe

        # axe tries styles of its own, which our policy would refuse.
        page = self.new_page(bypass_csp=True)
        self.log_in(self.editor, page)
        page.goto(address)
        for scheme, width in (("light", 1440), ("dark", 360)):
            with self.subTest(address, scheme=scheme):
                page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                page.set_viewport_size({"width": width, "height": 900})
                self.assertEqual(page.evaluate("document.documentElement.scrollWidth - innerWidth"), 0)
                self.wait_for_editors(page)
                options = {"preload": False, "rules": {rule: {"enabled": False} for rule in without}}
                found = Axe().run(page, options=options).response["violations"]
                self.assertEqual([f"{v['id']}: {node['html'][:160]}" for v in found for node in v["nodes"]], [])
        page.context.close()

    def test_every_component(self):
        self.look("/admin/styles/", without=SEVERAL)
        self.look("/admin/styles/newsroom/", without=SEVERAL)

    def test_a_dossier(self):
        article = make_article()
        entry = {"date": "2024-11", "text": "It was so.", "article": article, "source": "https://example.org/a"}
        dossier = make_dossier(article, make_article(), entries=[entry])
        for address in (dossier.get_absolute_url(), article.get_absolute_url()):
            self.look(address)
        for name in ("change", "publish"):
            self.look(f"/admin/articles/dossier/{dossier.pk}/{name}/")
