"""Settings → Crawlers: publishers choose what crawlers may do, and see what they did."""

import json
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.test import SimpleTestCase, TestCase
from django.utils import timezone

from tests.factories import make_member
from tests.truthlytics.crawlers.signing import Signer
from truthlytics.audit.log import AuditEntry
from truthlytics.crawlers.models import CrawlerDay, Fetched, SignedAgent
from truthlytics.newsroom.crawler_forms import check_lines
from truthlytics.publication import get_publication
from truthlytics.publication.models import Publication

PAGE = "/admin/truthlytics/crawlersettings/"
ALLOWED = {"allow_search": "on", "allow_assistants": "on", "allow_training": "on"}


class SettingsTestCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.publisher = make_member("Publisher")

    def setUp(self):
        self.client.force_login(self.publisher)

    def robots(self):
        return self.client.get("/robots.txt").content.decode()


class RulesTests(SettingsTestCase):
    def test_saved_choices_are_live_and_in_the_audit_log(self):
        before = self.robots()
        form = {"allow_search": "on", "allow_training": "", "except_training": ["CCBot"], "refuse_crawlers": "on"}
        self.assertRedirects(self.client.post(f"{PAGE}rules/", form), PAGE)
        publication = get_publication()
        self.assertEqual(publication.crawler_exceptions, ["CCBot"])
        self.assertTrue(publication.refuse_crawlers)
        self.assertIn("User-agent: GPTBot\n", self.robots())
        self.assertNotIn("CCBot", self.robots())
        entry = AuditEntry.objects.about(publication).first()
        self.assertEqual((entry.before["allow_training"], entry.after["allow_training"]), (True, False))
        self.client.post(f"{PAGE}rules/", ALLOWED)
        self.assertEqual(self.robots(), before)

    def test_a_preview_saves_nothing(self):
        response = self.client.post(f"{PAGE}rules/preview/", {"allow_search": "on"})
        self.assertContains(response, "User-agent: GPTBot")
        self.assertContains(response, "which are not saved yet")
        self.assertNotIn("GPTBot", self.robots())
        self.assertFalse(Publication.objects.exists())

    def test_names_that_are_not_in_the_list_are_refused(self):
        form = ALLOWED | {"except_search": ["Evil\nDisallow: /"]}
        for path in ("rules/", "rules/preview/"):
            response = self.client.post(PAGE + path, form)
            self.assertContains(response, "is not one of the available choices", status_code=422)
        self.assertEqual(get_publication().crawler_exceptions, [])


class TrustTests(SettingsTestCase):
    def test_entries_are_published_and_can_be_taken_back(self):
        form = {"member": "https://a.example/\nhttps://a.example/  https://b.example/", "contact": "desk@news.example"}
        self.assertRedirects(self.client.post(f"{PAGE}trust/", form), PAGE)
        self.assertEqual(
            self.client.get("/trust.txt").content.decode(),
            "member=https://a.example/\nmember=https://b.example/\ncontact=desk@news.example\ndatatrainingallowed=yes\n",
        )
        self.assertContains(self.client.get(PAGE), "member=https://b.example/")
        self.client.post(f"{PAGE}trust/", {})
        self.assertEqual(self.client.get("/trust.txt").status_code, 404)

    def test_a_refused_form_keeps_what_was_typed(self):
        response = self.client.post(f"{PAGE}trust/", {"vendor": "not an address", "social": "https://s.example/@a"})
        self.assertContains(response, "“not” is not an address", status_code=422)
        self.assertContains(response, "https://s.example/@a", status_code=422)
        self.assertFalse(get_publication().trust_txt)


class TrustLineTests(SimpleTestCase):
    def test_lines_are_addresses(self):
        check_lines(["https://news.example/", "http://news.example/@a?b=c"], emails=False)
        check_lines(["mailto:desk@news.example", "desk@news.example"], emails=True)
        for line in (
            "news.example", "javascript:alert(1)", "https://", "https://localhost/", "https://a:b@news.example/",
            "https://news.example/\u202e", "https://[", "desk@news.example", f"https://news.example/{'a' * 300}",
        ):  # fmt: skip
            with self.subTest(line), self.assertRaises(ValidationError):
                check_lines([line], emails=False)
        with self.assertRaises(ValidationError):
            check_lines(["https://news.example/"] * 101, emails=False)


class AgentTests(SettingsTestCase):
    def add(self, **form):
        return self.client.post(f"{PAGE}agents/", {"name": "Explorer", "kind": "search"} | form)

    def test_pasted_keys_are_known_until_the_agent_is_removed(self):
        signer = Signer()
        self.assertRedirects(self.add(directory=json.dumps(signer.directory)), PAGE)
        self.assertEqual(list(SignedAgent.objects.known_keys()), [signer.stored[0]["thumbprint"]])
        agent = SignedAgent.objects.get()
        self.assertEqual((agent.fetch_at, AuditEntry.objects.about(agent).first().action), (None, "added"))
        self.assertRedirects(self.client.post(f"{PAGE}agents/{agent.pk}/removal/"), PAGE)
        self.assertEqual(SignedAgent.objects.known_keys(), {})
        self.assertEqual(AuditEntry.objects.filter(model="truthlytics.signedagent").first().action, "removed")

    def test_a_site_is_asked_by_tick_only(self):
        self.assertRedirects(self.add(host=" https://Agent.example/ "), PAGE)
        agent = SignedAgent.objects.get()
        self.assertEqual((agent.host, agent.keys), ("agent.example", []))
        self.assertLessEqual(agent.fetch_at, timezone.now())
        agent.record_failure(SignedAgent.Problem.UNREACHABLE, timezone.now() + timedelta(hours=1))
        self.assertContains(self.client.get(PAGE), "It does not answer.")
        self.client.post(f"{PAGE}agents/{agent.pk}/keys/")
        agent.refresh_from_db()
        self.assertLessEqual(agent.fetch_at, timezone.now())

    def test_what_cannot_be_is_refused_with_a_reason(self):
        keys = json.dumps(Signer().directory)
        for form, reason in [
            ({}, "one of the two"),
            ({"host": "agent.example", "directory": keys}, "one of the two"),
            ({"host": "192.168.0.1"}, "public site"),
            ({"host": "agent.example/path"}, "public site"),
            ({"host": "user@agent.example"}, "public site"),
            ({"directory": "{"}, "not a key directory"),
            ({"directory": keys, "kind": "person"}, "valid choice"),
            ({"directory": keys, "name": " "}, "required"),
        ]:
            with self.subTest(form):
                self.assertContains(self.add(**form), reason, status_code=422)
        self.add(directory=keys)
        self.assertContains(self.add(directory=keys, name="explorer"), "with this name", status_code=422)
        self.assertEqual(SignedAgent.objects.count(), 1)


class NumbersTests(SettingsTestCase):
    def test_page_shows_thirty_days_of_each_crawler(self):
        today = timezone.localdate()
        CrawlerDay.objects.add(today - timedelta(days=40), {"Old": Fetched(1)})
        CrawlerDay.objects.add(today - timedelta(days=29), {"GPTBot": Fetched(1200, 200, 3)})
        CrawlerDay.objects.add(today, {"GPTBot": Fetched(34), "Googlebot": Fetched(5)})
        page = self.client.get(PAGE)
        self.assertEqual([name for name, _sums in page.context["totals"]], ["GPTBot", "Googlebot"])
        self.assertContains(page, "<td>1,234</td>", html=True)
        days = self.client.get(PAGE, {"crawler": "GPTBot"}).context["days"]
        self.assertEqual([(row.day, row.requests) for row in days], [(today, 34), (today - timedelta(days=29), 1200)])
        self.assertFalse(CrawlerDay.objects.filter(name="Old").exists())

    def test_a_name_that_is_not_known_shows_nothing(self):
        page = self.client.get(PAGE, {"crawler": "<script>"})
        self.assertEqual(page.status_code, 200)
        self.assertNotContains(page, "&lt;script&gt;")
