"""Lists of the newsroom: what they say when they are empty, and forms and filters in plain words."""

from django.contrib import admin
from django.contrib.auth.models import Permission
from django.test import RequestFactory, TestCase
from django.urls import NoReverseMatch, reverse

from subscriptions.models import Coupon, User
from tests.budget import takes_longer
from tests.factories import make_editor, make_grant, make_member, make_user
from tests.html import page_of, text_of
from truthlytics.audit.admin import AuditedAdmin
from truthlytics.publication.models import Publication


class NewsroomListTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.superuser = make_editor()

    def setUp(self):
        self.client.force_login(self.superuser)

    def lists(self):
        """Yield the admin and URL of each list. The pages of settings are forms, not lists."""
        for model, model_admin in admin.site._registry.items():
            try:
                url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
            except NoReverseMatch:
                continue  # pages of its own
            if isinstance(model_admin, AuditedAdmin) and not issubclass(model, Publication):
                yield model_admin, url

    @takes_longer("Many requests, one after the other.")
    def test_every_empty_list_says_what_it_is_for_and_offers_the_first_row(self):
        empty = 0
        for model_admin, url in self.lists():
            with self.subTest(url):
                self.assertRegex(str(model_admin.purpose), r"\w{3}.*[.]$")
                if model_admin.model._default_manager.exists():
                    continue
                empty += 1
                page = page_of(self.client.get(url))
                [box] = page.find_class("empty-list")
                self.assertIn(str(model_admin.purpose), text_of(box))
                request = RequestFactory().get(url)
                request.user = self.superuser
                if model_admin.has_add_permission(request) and not page.xpath("//form[@data-upload]"):
                    self.assertEqual([link.get("href") for link in box.iter("a")], [f"{url}add/"])
        self.assertGreater(empty, 15)

    @takes_longer("Many requests, one after the other.")
    def test_no_filter_speaks_of_empty_columns(self):
        make_grant(make_user())
        for _, url in self.lists():
            with self.subTest(url):
                filters = page_of(self.client.get(url)).xpath("//*[@id='changelist-filter']")
                self.assertNotIn("mpty", " ".join(text_of(found) for found in filters))
        page = self.client.get(reverse("admin:subscriptions_grant_changelist"), {"revoked_at__isempty": "0"})
        self.assertIn("Not revoked Revoked", text_of(page_of(page)))
        self.assertContains(page, "Nothing matches")

    def test_single_permissions_are_grouped_checkboxes_for_superusers_only(self):
        reader, permission = make_user(), Permission.objects.get(codename="view_topic")
        url = reverse("admin:subscriptions_user_change", args=[reader.pk])
        page = page_of(self.client.get(url))
        boxes = page.xpath("//input[@type='checkbox' and @name='user_permissions']")
        self.assertEqual(len(boxes), Permission.objects.count())
        self.assertFalse(page.xpath("//select[@name='user_permissions']"))
        data = {"display_name": "Ada", "is_active": "on", "user_permissions": [permission.pk]}
        self.client.post(url, data)
        self.assertEqual(list(User.objects.get(pk=reader.pk).user_permissions.all()), [permission])
        self.client.force_login(make_member("Publisher"))
        self.client.post(url, data | {"user_permissions": []})
        self.assertEqual(User.objects.get(pk=reader.pk).user_permissions.count(), 1)
        self.assertNotContains(self.client.get(url), "user_permissions")

    def test_dates_are_chosen_with_the_fields_of_the_browser(self):
        url = reverse("admin:subscriptions_coupon_add")
        page = page_of(self.client.get(url))
        for part, kind in (("0", "date"), ("1", "time")):
            [field] = page.xpath(f"//input[@name='ends_at_{part}']")
            self.assertEqual(field.get("type"), kind)
            self.assertTrue(page.xpath(f"//label[@for='{field.get('id')}']"))
        self.assertFalse(page.xpath("//script[contains(@src, 'DateTimeShortcuts')]"))
        data = {
            "code": "SUMMER",
            "kind": "percent",
            "percent": 20,
            "duration": "once",
            "periods": 1,
            "ends_at_0": "2030-06-30",
        }
        response = self.client.post(url, data | {"ends_at_1": "18:30"})
        self.assertEqual(response.status_code, 302)
        page = page_of(self.client.get(reverse("admin:subscriptions_coupon_change", args=[Coupon.objects.get().pk])))
        values = [page.xpath(f"//input[@name='ends_at_{part}']")[0].get("value") for part in "01"]
        self.assertEqual(values, ["2030-06-30", "18:30:00"])
