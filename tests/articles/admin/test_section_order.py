"""The order of sections: numbers, arrows, conflicts and cached pages."""

from threading import Barrier, Thread

from django.db import connection
from django.test import TestCase, override_settings
from django.urls import reverse

from articles.models import Section
from articles.services.section_order import OrderConflict, order_sections
from tests.budget import takes_longer
from tests.factories import make_member, make_section
from tests.transactions import TransactionTestCase
from tests.truthlytics.cache.visitor import MIDDLEWARE, Visitor
from truthlytics.cache import next_change
from truthlytics.roles import ROLES

URL = "/admin/articles/section/order/"


def names():
    return [section.name for section in Section.objects.in_masthead()]


class SectionOrderTests(TestCase):
    def setUp(self):
        self.sections = [make_section(name=name) for name in "ABC"]
        self.client.force_login(make_member("Editor"))
        self.seen = ",".join(str(section.pk) for section in self.sections)

    def post(self, *positions, **data):
        numbers = {f"place-{section.pk}": position for section, position in zip(self.sections, positions, strict=False)}
        return self.client.post(URL, {"seen": self.seen, **numbers, **data})

    def test_numbers_set_the_order_in_the_masthead(self):
        self.assertRedirects(self.post(3, 1, 2), reverse("admin:articles_section_changelist"))
        self.assertEqual(names(), ["B", "C", "A"])
        page = self.client.get("/latest/").content
        self.assertLess(page.index(b">B</a>"), page.index(b">A</a>"))

    def test_arrows_change_nothing_until_saved(self):
        page = self.post(1, 2, 3, move=f"{self.sections[2].pk} up")
        self.assertEqual([section.name for section in page.context["sections"]], ["A", "C", "B"])
        self.assertContains(page, "Not saved yet.")
        self.assertEqual(names(), ["A", "B", "C"])
        for move in (f"{self.sections[0].pk} up", "x", "9 up", f"{self.sections[0].pk} sideways", "\x00"):
            page = self.post(1, 2, 3, move=move)
            self.assertEqual([section.name for section in page.context["sections"]], ["A", "B", "C"])

    def test_invalid_numbers_are_ignored(self):
        self.post("x", "9" * 50, "-4")
        self.assertEqual(sorted(names()), ["A", "B", "C"])
        self.assertEqual(self.post(1, 2, 3, seen="x,,\x00").status_code, 409)

    def test_conflict_shows_the_current_order(self):
        make_section(name="New", position=9)
        page = self.post(3, 2, 1)
        self.assertContains(page, "in the meantime", status_code=409)
        self.assertContains(page, "New", status_code=409)
        self.assertEqual(names(), ["A", "B", "C", "New"])

    def test_access_by_role(self):
        for role in ROLES:
            self.client.force_login(make_member(role))
            expected = (200, 302) if role in {"Editor", "Publisher"} else (403, 403)
            with self.subTest(role):
                self.seen = ",".join(str(section.pk) for section in Section.objects.in_masthead())
                self.assertEqual((self.client.get(URL).status_code, self.post(1, 2, 3).status_code), expected)

    def test_list_links_to_the_order_page_for_editors(self):
        changelist = reverse("admin:articles_section_changelist")
        self.assertContains(self.client.get(changelist), URL)
        self.client.force_login(make_member("Author"))
        self.assertNotContains(self.client.get(changelist), URL)


@override_settings(MIDDLEWARE=MIDDLEWARE, ALLOWED_HOSTS=["testserver"])
class SectionOrderCacheTests(TransactionTestCase):
    def test_cached_pages_follow_order_and_intros(self):
        next_change._cached.clear()
        alpha, beta = make_section(name="Alpha"), make_section(name="Beta")
        visitor = Visitor()
        for page in ("/latest/", alpha.get_absolute_url()):
            visitor.get(page)
        order_sections(order=[beta.pk, alpha.pk], seen=[alpha.pk, beta.pk])
        body = visitor.get("/latest/")["body"]
        self.assertLess(body.index(b"Beta"), body.index(b"Alpha"))
        alpha.refresh_from_db()
        alpha.intro = "Who decides."
        alpha.save()
        self.assertIn(b"Who decides.", visitor.get(alpha.get_absolute_url())["body"])

    @takes_longer("Many requests, one after the other.")
    def test_second_of_two_concurrent_orders_is_a_conflict(self):
        ids = [make_section().pk for _ in range(3)]
        barrier, done = Barrier(2), []

        def order(new_order):
            try:
                barrier.wait()
                order_sections(order=new_order, seen=ids)
                done.append("ordered")
            except OrderConflict:
                done.append("conflict")
            finally:
                connection.close()

        orders = [ids[::-1], [ids[1], ids[0], ids[2]]]
        threads = [Thread(target=order, args=[new_order]) for new_order in orders]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(done), ["conflict", "ordered"])
        self.assertIn([section.pk for section in Section.objects.in_masthead()], orders)
