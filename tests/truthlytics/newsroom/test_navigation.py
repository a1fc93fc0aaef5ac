"""The areas of the newsroom: who sees them, and in which one a newcomer looks for what."""

from django.test import TestCase, tag
from django.urls import reverse

from tests.factories import make_editor, make_member, make_user
from truthlytics.newsroom.navigation import all_areas

DASHBOARD = reverse("admin:index")
# What newcomers want to do, and the area and page on which they find it.
TASKS = {
    "write an article": ("Write", "Articles"),
    "add an author": ("Write", "Authors"),
    "see what is planned for Friday": ("Write", "Calendar"),
    "find a photo": ("Write", "Images"),
    "answer a reported error": ("Write", "Reported errors"),
    "take an article off the site": ("Write", "Articles"),
    "change the lead story": ("Front page and sections", "Front page"),
    "add a section": ("Front page and sections", "Sections"),
    "merge two topics": ("Front page and sections", "Topics"),
    "change the imprint": ("Front page and sections", "Pages"),
    "change the footer": ("Front page and sections", "Menus"),
    "send a letter to readers": ("Newsletters", "Newsletter issues"),
    "change who a newsletter is from": ("Newsletters", "Newsletters"),
    "find out why somebody gets no newsletter": ("Newsletters", "Newsletter readers"),
    "see who cancelled": ("Readers and money", "Subscriptions"),
    "change a price": ("Readers and money", "Plans and prices"),
    "refund a payment": ("Readers and money", "Payments"),
    "record a bank transfer": ("Readers and money", "Orders"),
    "make a coupon": ("Readers and money", "Coupons"),
    "see what was earned": ("Readers and money", "Revenue"),
    "close the month for the tax adviser": ("Readers and money", "Bookkeeping"),
    "invite a colleague": ("Readers and money", "Users"),
    "approve comments": ("Comments", "Comments"),
    "lift a suspension": ("Comments", "Suspensions"),
    "change the logo": ("Publication", "Settings"),
    "move in from WordPress": ("Publication", "Import"),
    "see who changed what": ("Publication", "Audit log"),
}


class AreaTests(TestCase):
    def areas(self, user):
        self.client.force_login(user)
        context = self.client.get(DASHBOARD).context
        return {str(area["name"]): [str(item["name"]) for item in area["items"]] for area in context["nav_areas"]}

    @tag("all_features")
    def test_each_task_is_found_in_one_area(self):
        areas = self.areas(make_editor())
        for task, (area, page) in TASKS.items():
            with self.subTest(task):
                self.assertIn(page, areas[area])
        pages = [page for items in areas.values() for page in items]
        self.assertEqual(len(pages), len(set(pages)), "A page stands in one area only.")

    def test_nobody_sees_an_area_without_anything_to_do_in_it(self):
        self.assertEqual(list(self.areas(make_member("Author"))), ["Write", "Front page and sections"])
        self.assertEqual(list(self.areas(make_member("Moderator"))), ["Readers and money", "Comments"])
        self.assertEqual(list(self.areas(make_member("Publisher"))), [str(area.name) for area in all_areas()])
        self.assertEqual(self.areas(make_user(is_staff=True)), {})
        self.assertContains(self.client.get(DASHBOARD), "You don’t have access to any section yet.")

    def test_menu_and_dashboard_show_the_same(self):
        self.client.force_login(make_member("Publisher"))
        page = self.client.get(DASHBOARD)
        for area in page.context["nav_areas"]:
            for item in area["items"]:
                with self.subTest(item["url"]):
                    self.assertContains(page, f'href="{item["url"]}"', status_code=200)
                    self.assertGreaterEqual(page.content.decode().count(f'href="{item["url"]}"'), 2)

    def test_the_current_page_is_marked(self):
        self.client.force_login(make_member("Publisher"))
        page = self.client.get(reverse("admin:subscriptions_plan_changelist"))
        [area] = [area for area in page.context["nav_areas"] if area["here"]]
        self.assertEqual(str(area["name"]), "Readers and money")
        self.assertContains(page, 'aria-current="page"', count=2)
