"""Publication times and the calendar in a browser: by mouse, by keyboard and without script."""

from datetime import timedelta

from django.test import override_settings
from django.utils import timezone
from playwright.sync_api import expect

from articles.models import Article
from articles.services.expiry import schedule_expiry
from tests.browser.base import BrowserTestCase, axe_violations
from tests.factories import make_article, make_draft, make_edition, make_editor

ZONE = "Europe/Amsterdam"


@override_settings(TIME_ZONE=ZONE)
class CalendarTestCase(BrowserTestCase):
    def setUp(self):
        super().setUp()
        # Mid-month, so that all days used are on one page.
        self.monday = (timezone.localdate().replace(day=15) + timedelta(days=40)).replace(day=15)
        at = timezone.make_aware(timezone.datetime(self.monday.year, self.monday.month, 15, 9, 30))
        self.plan = make_article(headline="The plan", at=at)
        self.month = f"/admin/calendar/{self.monday.year}/{self.monday.month}/"
        self.log_in(make_editor())

    def button(self, name):
        return self.page.get_by_role("button", name=name)

    def fill(self, day, hour):
        self.page.get_by_label("Date", exact=True).fill(day)
        self.page.get_by_label(f"Time ({ZONE})").fill(hour)


class CalendarTests(CalendarTestCase):
    def test_schedule_button_shows_the_local_time_and_asks_on_dst_change(self):
        draft = make_draft()
        self.page.goto(f"/admin/articles/article/{draft.pk}/publish/")
        expect(self.button("Publish now")).to_be_visible()
        self.page.get_by_label("Schedule", exact=True).check()
        year = self.monday.year + 1
        self.fill(f"{year}-11-26", "09:00")
        expect(self.button(f"Nov {year}, 09:00 CET")).to_be_visible()
        last_sunday = max(day for day in range(25, 32) if timezone.datetime(year, 10, day).weekday() == 6)
        self.fill(f"{year}-10-{last_sunday}", "02:30")
        self.page.get_by_label("After the clocks go back").check()
        self.button(f"Oct {year}, 02:30 CET").click()
        expect(self.page.get_by_text("Version 1 is scheduled for")).to_be_visible()
        draft.refresh_from_db()
        self.assertEqual((draft.upcoming_at.hour, draft.upcoming_at.minute), (1, 30))

    def press(self, key):
        """Press a key once the scripts that listen to it have run."""
        self.page.wait_for_load_state()
        self.page.keyboard.press(key)

    def test_article_is_rescheduled_by_drag_and_months_change_by_keyboard(self):
        self.page.goto(self.month)
        day = self.page.locator(f"[data-day='{self.monday.replace(day=17)}']")
        self.page.locator(".calendar-event", has_text="The plan").drag_to(day)
        expect(self.page.get_by_text("rescheduled from")).to_be_visible()
        expect(day).to_contain_text("The plan")
        self.plan.refresh_from_db()
        local = timezone.localtime(self.plan.upcoming_at)
        self.assertEqual((local.day, local.hour, local.minute), (17, 9, 30))
        self.press("ArrowRight")
        expect(self.page).not_to_have_url(self.month)
        self.press("ArrowLeft")
        expect(self.page.get_by_text("The plan").first).to_be_visible()
        self.press("t")
        expect(self.page.get_by_role("heading", level=1)).to_have_text(f"{timezone.localdate():%B %Y}")

    def test_article_is_rescheduled_by_keyboard(self):
        self.page.goto(self.month)
        self.page.get_by_role("link", name="Reschedule The plan").press("Enter")
        self.fill(str(self.monday.replace(day=18)), "10:00")
        self.button("10:00 CE").press("Enter")
        expect(self.page.locator(f"[data-day='{self.monday.replace(day=18)}']")).to_contain_text("10:00")

    def test_calendar_and_action_pages_pass_axe(self):
        live = make_article()
        schedule_expiry(item=live, at=timezone.now() + timedelta(hours=1))
        make_edition(at=timezone.now() + timedelta(hours=2))
        Article.objects.filter(pk=make_draft().pk).update(due_on=timezone.localdate())
        page = self.new_page()
        self.log_in(make_editor(), page)
        article_url = f"/admin/articles/article/{live.pk}/"
        for path in [
            "/admin/calendar/",
            "/admin/calendar/week/",
            self.month,
            f"/admin/calendar/move/{self.plan.pk}/",
            f"{article_url}end/",
            f"{article_url}keep/",
            f"{article_url}withdraw/",
            f"{article_url}publish/",
        ]:
            page.goto(path)
            for scheme, width in (("light", 1440), ("dark", 390)):
                with self.subTest(path, scheme=scheme, width=width):
                    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                    page.set_viewport_size({"width": width, "height": 900})
                    self.assertEqual(axe_violations(page), [])
                    self.assertLessEqual(page.evaluate("document.documentElement.scrollWidth"), width)


class WithoutScriptTests(CalendarTestCase):
    script = False

    def test_time_is_confirmed_in_a_second_step(self):
        self.page.goto(f"/admin/articles/article/{make_draft().pk}/publish/")
        self.page.get_by_label("Schedule", exact=True).check()
        self.fill(str(self.monday), "09:00")
        self.button("Schedule for …").click()
        self.button(f"Schedule for {self.monday:%a} 15 {self.monday:%b}").click()
        expect(self.page.get_by_text("Version 1 is scheduled for")).to_be_visible()

    def test_article_is_rescheduled(self):
        self.page.goto(self.month)
        self.page.get_by_role("link", name="Reschedule The plan").click()
        self.fill(str(self.monday.replace(day=18)), "10:00")
        self.button("Reschedule for …").click()
        self.button("10:00 CE").click()
        expect(self.page.get_by_text("rescheduled from")).to_be_visible()
