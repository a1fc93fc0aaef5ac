"""Settings → Design: drafts, previews, publishing and restoring."""

from dataclasses import replace

from django.test import TestCase
from django.urls import reverse
from django.utils.translation import gettext as _

from tests.factories import make_article, make_member
from tests.truthlytics.publication.test_design import set_design
from truthlytics.audit.log import AuditEntry
from truthlytics.newsroom.design_publishing import publish_design
from truthlytics.newsroom.design_settings import SHOWN_EDITIONS
from truthlytics.publication import get_publication
from truthlytics.publication.design import Design
from truthlytics.publication.design_editions import DesignDraft, DesignEdition
from truthlytics.web.append_only import AppendOnlyError


def address(name, *arguments):
    return reverse(f"admin:truthlytics_designsettings_{name}", args=arguments)


class DesignTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.publisher, cls.colleague = make_member("Publisher"), make_member("Publisher")
        cls.article = make_article(headline="The harbour")

    def setUp(self):
        self.client.force_login(self.publisher)

    def send(self, name, **fields):
        values = {key: value for key, value in Design().as_json().items() if value is not False}
        return self.client.post(address(name), values | {"css_is_on": "on"} | fields)

    def preview(self, page="front", mode="light"):
        return self.client.get(address("preview_page", page), {"mode": mode})

    def test_a_draft_changes_nothing_for_readers_or_colleagues(self):
        before = self.client_class().get("/").content
        self.assertRedirects(self.send("save_draft", rules="off"), address("changelist"))
        self.assertEqual(self.client_class().get("/").content, before)
        self.assertContains(self.preview(), address("preview_css"))
        self.client.force_login(self.colleague)
        self.assertNotContains(self.preview(), 'stylesheet" href="' + address("preview_css"))
        self.assertEqual(self.client.get(address("preview_css")).content, b"")

    def test_previews_are_private_framed_by_ourselves_only_and_show_what_a_visitor_gets(self):
        self.send("save_draft", paper="#ffffff", css=".a { color: red }")
        for page in ("front", "article", "list"):
            response = self.preview(page, "dark")
            self.assertIn("no-store", response.headers["Cache-Control"])
            self.assertEqual(response.headers["X-Frame-Options"], "SAMEORIGIN")
            policy = response.headers["Content-Security-Policy"]
            self.assertIn("frame-ancestors 'self'", policy)
            self.assertNotIn("unsafe", policy)
            self.assertContains(response, '<html data-theme="dark"')
            self.assertContains(response, "The harbour")
            self.assertContains(response, "Log in")
            self.assertNotContains(response, 'src="/static/js')
        self.assertContains(self.client.get(address("preview_css")), ".a { color: red }")
        self.assertEqual(self.preview("other").status_code, 404)
        # The page itself may not be framed, and asks the preview to run no scripts.
        page = self.client.get(address("changelist"))
        self.assertEqual(page.headers["X-Frame-Options"], "DENY")
        self.assertContains(page, 'sandbox="allow-same-origin"')

    def test_publishing_shows_it_to_readers_keeps_it_and_what_was_before_and_logs_it(self):
        set_design(accent="#1a3f8b")
        self.send("save_draft", rules="off")
        self.assertRedirects(self.send("publish", rules="off", accent="#7a1f1f"), address("changelist"))
        self.assertEqual(get_publication().look, Design(rules="off", accent="#7a1f1f"))
        new, old = DesignEdition.objects.all()
        self.assertEqual((new.design.accent, new.published_by), ("#7a1f1f", self.publisher))
        self.assertEqual((old.design.accent, old.published_by), ("#1a3f8b", None))
        self.assertFalse(DesignDraft.objects.exists())
        entry = AuditEntry.objects.get(model="truthlytics.publication")
        self.assertEqual((entry.actor, entry.after["accent"]), (self.publisher, "#7a1f1f"))
        self.assertEqual(entry.after["design"]["rules"], "off")

    def test_publishing_twice_keeps_one(self):
        for _time in range(2):
            self.send("publish", rules="off")
        self.assertEqual(DesignEdition.objects.count(), 2)

    def test_published_designs_never_change(self):
        edition = publish_design(design=Design(rules="off"), by=self.publisher)
        with self.assertRaises(AppendOnlyError):
            edition.save()
        with self.assertRaises(AppendOnlyError):
            DesignEdition.objects.update(content={})

    def test_an_earlier_design_is_restored_as_a_draft(self):
        first = publish_design(design=Design(rules="off"), by=self.publisher)
        publish_design(design=Design(paper="#ffffff"), by=self.colleague)
        self.assertRedirects(self.client.post(address("restore", first.pk)), address("changelist"))
        self.assertEqual(get_publication().look.paper, "#ffffff")
        self.assertEqual(DesignDraft.objects.get(user=self.publisher).design, Design(rules="off"))
        self.assertEqual(self.client.post(address("restore", 99)).status_code, 404)

    def test_older_designs_are_on_further_pages(self):
        rows = [DesignEdition(content=Design().as_json()) for _number in range(SHOWN_EDITIONS + 1)]
        first, *_others = DesignEdition.objects.bulk_create(rows)
        page = self.client.get(address("changelist"))
        self.assertNotContains(page, address("restore", first.pk))
        older = self.client.get(address("changelist"), {"before": page.context["older"]})
        self.assertContains(older, address("restore", first.pk))
        for forged in ("x", "9" * 40, "-1"):
            self.assertEqual(self.client.get(address("changelist"), {"before": forged}).status_code, 200)

    def test_a_draft_is_discarded(self):
        self.send("save_draft", rules="off")
        self.client.post(address("discard_draft"))
        self.assertFalse(DesignDraft.objects.exists())

    def test_one_button_turns_additional_css_off_and_keeps_it(self):
        design = Design(rules="off", css=".a { display: none }")
        publish_design(design=design, by=self.colleague)
        self.client.post(address("turn_css_off"))
        self.assertEqual(get_publication().look, replace(design, css_is_on=False))
        self.assertNotContains(self.client.get(get_publication().theme_url), "display: none }\n.a")

    def test_refused_input_keeps_the_draft_and_comes_back(self):
        self.send("save_draft", rules="off")
        for fields, reason in {
            (("accent", "#ffd54f"),): "The nearest colour that works is",
            (("accent", "red}*{display:none"),): "Enter a colour as",
            (("accent_dark", "#1a3f8b"), ("accent", "#1a3f8b")): "on the dark page",
            (("accent_dark", "#ffdd88"),): "Enter a colour for light mode, too.",
            (("paper", "#222222"),): "Text on this colour is too hard to read",
            (("typefaces", "comic"),): "Select a valid choice.",
            (("css", "a { b: url(//e.example/x) }"),): "is not a file of this site",
        }.items():
            for name in ("save_draft", "publish"):
                with self.subTest(fields, name=name):
                    response = self.send(name, **dict(fields))
                    self.assertContains(response, reason, status_code=422)
                    field, value = fields[0]
                    self.assertEqual(response.context["form"][field].value(), value)
        self.assertEqual(DesignDraft.objects.get().design, Design(rules="off"))
        self.assertFalse(DesignEdition.objects.exists())

    def test_an_accent_is_compared_with_the_chosen_paper(self):
        accent = "#767676"
        self.assertEqual(self.send("publish", accent="#6b6b60", paper="#f4efe0").status_code, 422)
        self.assertEqual(self.send("publish", accent=accent, paper="").status_code, 422)
        self.assertEqual(self.send("publish", accent="#5c5c5c", paper="#ffffff").status_code, 302)

    def test_scripts_get_the_problems_as_json(self):
        url, headers = address("save_draft"), {"Accept": "application/json"}
        response = self.client.post(url, {"css": "a {"}, headers=headers)
        self.assertFalse(DesignDraft.objects.exists())
        self.assertIn(_("CSS") + ": A rule", " ".join(response.json()["problems"]))
        values = {key: value for key, value in Design(rules="off").as_json().items() if value}
        self.assertEqual(self.client.post(url, values, headers=headers).json(), {"problems": []})

    def test_a_design_invalidates_every_page_like_the_name(self):
        with self.assertNumQueries(0):
            get_publication()
        publish_design(design=Design(rules="off"), by=self.publisher)
        self.assertEqual(get_publication().look.rules, "off")
