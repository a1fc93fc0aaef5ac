"""The order of the sections: typed, stepped, refused, seen at once."""

from threading import Barrier, Thread

from django.db import connection
from django.test import TestCase, TransactionTestCase, override_settings
from django.urls import reverse

from articles.models import Section
from articles.services.section_order import OrderChanged, order_sections
from tests.factories import make_member, make_section
from tests.truthlytics.test_page_cache import MIDDLEWARE, Visitor
from truthlytics.cache import next_change
from truthlytics.roles import ROLES

URL = "/admin/articles/section/order/"


def names():
    return [section.name for section in Section.objects.in_masthead()]


class OrderTests(TestCase):
    def setUp(self):
        self.sections = [make_section(name=name) for name in "ABC"]
        self.client.force_login(make_member("Editor"))
        self.seen = ",".join(str(section.pk) for section in self.sections)

    def post(self, *places, **data):
        boxes = {f"place-{section.pk}": place for section, place in zip(self.sections, places, strict=False)}
        return self.client.post(URL, {"seen": self.seen, **boxes, **data})

    def test_numbers_order_them_and_the_masthead_follows(self):
        self.assertRedirects(self.post(3, 1, 2), reverse("admin:articles_section_changelist"))
        self.assertEqual(names(), ["B", "C", "A"])
        page = self.client.get("/latest/").content
        self.assertLess(page.index(b">B</a>"), page.index(b">A</a>"))

    def test_arrows_change_the_page_alone_until_it_is_saved(self):
        page = self.post(1, 2, 3, move=f"{self.sections[2].pk} up")
        self.assertEqual([section.name for section in page.context["sections"]], ["A", "C", "B"])
        self.assertContains(page, "Not saved yet.")
        self.assertEqual(names(), ["A", "B", "C"])
        for move in (f"{self.sections[0].pk} up", "x", "9 up", f"{self.sections[0].pk} sideways", "\x00"):
            page = self.post(1, 2, 3, move=move)
            self.assertEqual([section.name for section in page.context["sections"]], ["A", "B", "C"])

    def test_odd_numbers_are_no_error(self):
        self.post("x", "9" * 50, "-4")
        self.assertEqual(sorted(names()), ["A", "B", "C"])
        self.assertEqual(self.post(1, 2, 3, seen="x,,\x00").status_code, 409)

    def test_who_comes_second_is_told_and_shown_what_stands(self):
        make_section(name="New", position=9)
        page = self.post(3, 2, 1)
        self.assertContains(page, "in the meantime", status_code=409)
        self.assertContains(page, "New", status_code=409)
        self.assertEqual(names(), ["A", "B", "C", "New"])

    def test_each_role_by_method(self):
        for role in ROLES:
            self.client.force_login(make_member(role))
            expected = (200, 302) if role in {"Editor", "Publisher"} else (403, 403)
            with self.subTest(role):
                self.seen = ",".join(str(section.pk) for section in Section.objects.in_masthead())
                self.assertEqual((self.client.get(URL).status_code, self.post(1, 2, 3).status_code), expected)

    def test_the_way_there_is_in_the_list_for_who_may(self):
        changelist = reverse("admin:articles_section_changelist")
        self.assertContains(self.client.get(changelist), URL)
        self.client.force_login(make_member("Author"))
        self.assertNotContains(self.client.get(changelist), URL)


@override_settings(MIDDLEWARE=MIDDLEWARE, ALLOWED_HOSTS=["testserver"])
class AtOnceTests(TransactionTestCase):
    def test_kept_pages_follow_and_so_do_intros(self):
        next_change._known = None
        one, two = make_section(name="Alpha"), make_section(name="Beta")
        visitor = Visitor()
        for page in ("/latest/", one.get_absolute_url()):
            visitor.get(page)
        order_sections(order=[two.pk, one.pk], seen=[one.pk, two.pk])
        body = visitor.get("/latest/")["body"]
        self.assertLess(body.index(b"Beta"), body.index(b"Alpha"))
        one.refresh_from_db()
        one.intro = "Who decides."
        one.save()
        self.assertIn(b"Who decides.", visitor.get(one.get_absolute_url())["body"])

    def test_of_two_orders_at_once_one_is_told(self):
        keys = [make_section().pk for _ in range(3)]
        barrier, done = Barrier(2), []

        def order(wanted):
            try:
                barrier.wait()
                order_sections(order=wanted, seen=keys)
                done.append("ordered")
            except OrderChanged:
                done.append("told")
            finally:
                connection.close()

        wishes = [keys[::-1], [keys[1], keys[0], keys[2]]]
        threads = [Thread(target=order, args=[wish]) for wish in wishes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(done), ["ordered", "told"])
        self.assertIn([section.pk for section in Section.objects.in_masthead()], wishes)
