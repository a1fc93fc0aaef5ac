"""Ordering sections by mouse and keyboard, and merging topics, in a browser."""

from playwright.sync_api import expect

from articles.models import Section, Topic
from tests.browser.base import BrowserTestCase, axe_violations
from tests.factories import make_article, make_author, make_editor, make_image, make_section, make_series, make_topic

ORDER = "/admin/articles/section/order/"


def names():
    return [section.name for section in Section.objects.in_masthead()]


class TaxonomyAdminTestCase(BrowserTestCase):
    def setUp(self):
        super().setUp()
        for name in ("Alpha", "Beta", "Gamma"):
            make_section(name=name)
        self.old, self.new = make_topic(name="Harbours"), make_topic(name="Ports")
        make_article(topics=[self.old], section=Section.objects.get(name="Alpha"))
        self.log_in(make_editor())

    def save(self):
        self.page.get_by_role("button", name="Save order").click()
        expect(self.page.get_by_text("Order saved")).to_be_visible()


class TaxonomyAdminTests(TaxonomyAdminTestCase):
    def test_sections_can_be_reordered_by_mouse_and_keyboard(self):
        self.page.goto(ORDER)
        rows = self.page.locator("[data-row]")
        handle = rows.filter(has_text="Gamma").locator("[data-drag-handle]")
        handle.drag_to(rows.filter(has_text="Alpha"), target_position={"x": 200, "y": 4})
        expect(rows.first).to_contain_text("Gamma")
        expect(self.page.get_by_role("status")).to_contain_text("1 of 3. Not saved yet.")
        box = self.page.get_by_label("Position of Beta")
        box.press("Alt+ArrowUp")
        expect(box).to_be_focused()
        self.page.get_by_role("button", name="Move Gamma down").press("Enter")
        expect(self.page.get_by_role("button", name="Move Gamma down")).to_be_focused()
        self.save()
        self.assertEqual(names(), ["Beta", "Gamma", "Alpha"])

    def test_sections_can_be_dragged_by_touch(self):
        page = self.new_page(has_touch=True)
        self.log_in(make_editor(), page)
        page.goto(ORDER)
        handles = [box.bounding_box() for box in page.locator("[data-drag-handle]").all()]
        start, end = ({"x": box["x"] + 4, "y": box["y"] + 4} for box in (handles[0], handles[2]))
        session = page.context.new_cdp_session(page)
        for kind, points in (("touchStart", [start]), ("touchMove", [end]), ("touchMove", [end]), ("touchEnd", [])):
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        expect(page.get_by_role("status")).to_contain_text("Position of Alpha: 3 of 3.")
        expect(page.locator("[data-row]").last).to_contain_text("Alpha")

    def test_portrait_is_chosen_from_the_library(self):
        author = make_author(portrait=make_image(title="Old portrait"))
        new = make_image(title="New portrait")
        self.page.goto(f"/admin/articles/author/{author.pk}/change/")
        expect(self.page.locator("[data-image-name]")).to_have_text("Old portrait")
        expect(self.page.locator("select[name=portrait]")).to_be_hidden()
        self.page.get_by_role("button", name="Replace: Portrait").click()
        self.page.locator("#picker").get_by_role("button", name="New portrait").click()
        expect(self.page.locator("[data-image-name]")).to_have_text("New portrait")
        self.assertEqual(axe_violations(self.page), [])
        self.page.get_by_role("button", name="Save", exact=True).click()
        expect(self.page.locator(".messagelist")).to_contain_text("changed")
        author.refresh_from_db()
        self.assertEqual(author.portrait, new)

    def test_axe_reports_no_violations(self):
        page = self.new_page()
        self.log_in(make_editor(), page)
        author, series = make_author(portrait=make_image()), make_series()
        topic = f"/admin/articles/topic/{self.old.pk}/"
        for path in [
            ORDER,
            "/admin/articles/section/",
            "/admin/articles/topic/",
            f"{topic}change/",
            f"{topic}merge/",
            f"{topic}merge/?into={self.new.pk}",
            f"/admin/articles/author/{author.pk}/change/",
            f"/admin/articles/series/{series.pk}/change/",
        ]:
            page.goto(path)
            for scheme, width in (("light", 1440), ("dark", 390)):
                with self.subTest(path, scheme=scheme, width=width):
                    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                    page.set_viewport_size({"width": width, "height": 900})
                    self.assertEqual(axe_violations(page), [])
                    self.assertLessEqual(page.evaluate("document.documentElement.scrollWidth"), width)


class WithoutScriptTests(TaxonomyAdminTestCase):
    script = False

    def test_sections_can_be_moved_and_numbered(self):
        self.page.goto(ORDER)
        self.page.get_by_role("button", name="Move Beta up").click()
        self.page.get_by_label("Position of Gamma").fill("1")
        self.page.get_by_label("Position of Beta").fill("5")
        self.save()
        self.assertEqual(names(), ["Gamma", "Alpha", "Beta"])

    def test_topics_can_be_merged(self):
        self.page.goto(f"/admin/articles/topic/{self.old.pk}/change/")
        self.page.get_by_role("link", name="Merge into another topic…").click()
        self.page.get_by_label("Merge into").select_option("Ports")
        self.page.get_by_role("button", name="Preview merge").click()
        self.page.get_by_role("button", name="Merge into “Ports”").click()
        expect(self.page.get_by_text("Its URL redirects there")).to_be_visible()
        self.assertEqual(Topic.objects.get(pk=self.old.pk).merged_into, self.new)
