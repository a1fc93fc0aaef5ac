"""Autosave in the editor: one row per user, no effect on the history, no lost text."""

import uuid
from datetime import timedelta
from urllib.parse import parse_qs

import time_machine
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from articles.models import Article, Autosave, Presence, Revision
from tests.articles.admin.editor import AtMost, EditorTestCase, form_data
from tests.budget import takes_longer
from tests.factories import make_author, make_draft, make_editor, make_image, make_member, make_section, make_topic

JSON = {"Accept": "application/json"}


class AutosaveTestCase(EditorTestCase):
    def autosave(self, article, tab="one", sequence=1, client=None, **changes):
        data = form_data(article, **changes) | {"_tab": tab, "_sequence": sequence}
        return (client or self.client).post(self.url(article, "autosave"), data, headers=JSON)

    def begin(self, key, **changes):
        data = form_data(key=str(key), **changes) | {"_tab": "one", "_sequence": 1}
        return self.client.post(reverse("admin:articles_article_begin"), data, headers=JSON)


class AutosaveTests(AutosaveTestCase):
    def setUp(self):
        super().setUp()
        self.article = make_draft()

    def stored(self):
        return parse_qs(Autosave.objects.get().form_data)

    def test_autosave_changes_neither_article_nor_history(self):
        before = Article.objects.values().get()
        response = self.autosave(self.article, headline="Half a thou")
        self.assertEqual(response.status_code, 200)
        self.assertRegex(response.json()["saved"], r"^\d\d:\d\d$")
        self.assertEqual(self.stored()["headline"], ["Half a thou"])
        self.assertEqual(Article.objects.values().get(), before)
        self.assertFalse(Revision.objects.exists())

    def test_every_field_is_stored(self):
        author, topic, image = make_author(), make_topic(), make_image()
        self.autosave(self.article, authors=[author], topics=[topic.pk], lead=image.pk, seo_title="For engines")
        stored = self.stored()
        self.assertEqual(stored["topics"] + stored["lead"], [str(topic.pk), str(image.pk)])
        self.assertIn([str(author.pk)], stored.values())
        self.assertEqual(stored["seo_title"], ["For engines"])
        self.assertFalse({"csrfmiddlewaretoken", "_tab", "_save"} & stored.keys())

    def test_autosave_keeps_one_row_per_user(self):
        other = Client()
        other.force_login(make_editor())
        for number in (1, 2, 3):
            self.autosave(self.article, headline=f"Mine {number}", sequence=number)
        self.autosave(self.article, headline="Theirs", client=other)
        self.assertEqual(Autosave.objects.count(), 2)
        self.assertIn("Mine+3", Autosave.objects.get(user=self.editor).form_data)

    def test_late_older_request_is_ignored(self):
        self.autosave(self.article, headline="Newer", sequence=2)
        self.assertEqual(self.autosave(self.article, headline="Older", sequence=1).status_code, 200)
        self.assertEqual(self.stored()["headline"], ["Newer"])

    def test_second_tab_does_not_overwrite_the_first(self):
        self.autosave(self.article, headline="First tab", tab="one")
        response = self.autosave(self.article, headline="Second tab", tab="two")
        self.assertEqual((response.status_code, "held" in response.json()), (409, True))
        self.assertEqual(self.stored()["headline"], ["First tab"])

    def test_taking_over_in_a_second_tab_sets_the_first_text_aside(self):
        self.autosave(self.article, headline="First tab", tab="one")
        self.autosave(self.article, headline="Second tab", tab="two", _take="1")
        self.assertEqual(self.stored()["headline"], ["Second tab"])
        aside = Revision.objects.get()
        self.assertTrue(aside.set_aside and "First tab" in aside.content)
        self.assertEqual(self.autosave(self.article, headline="First tab again", tab="one").status_code, 409)

    def test_restored_text_is_continued_in_another_tab(self):
        self.autosave(self.article, headline="Left", tab="one", sequence=7)
        again = {"_restored_tab": "one", "_restored_sequence": 7}
        self.assertEqual(self.autosave(self.article, headline="Left, and on", tab="two", **again).status_code, 200)
        self.assertEqual(self.stored()["headline"], ["Left, and on"])
        self.assertFalse(Revision.objects.exists())

    def test_saving_clears_only_the_autosave_of_its_tab(self):
        self.autosave(self.article, headline="Kept", tab="one")
        self.save(self.article, headline="Saved elsewhere", _tab="two")
        self.assertTrue(Autosave.objects.exists())
        self.save(self.article, headline="Saved", _tab="one")
        self.assertFalse(Autosave.objects.exists())

    def test_editor_offers_only_differing_autosaved_text(self):
        self.autosave(self.article, headline="Left behind")
        response = self.client.get(self.url(self.article))
        self.assertContains(response, "You have unsaved changes from")
        self.assertContains(response, "Left behind")
        self.autosave(self.article, sequence=2)
        self.assertNotContains(self.client.get(self.url(self.article)), "You have unsaved changes")

    def test_editor_with_autosave_takes_at_most_28_queries(self):
        self.autosave(self.article, headline="Left", topics=[make_topic().pk], authors=[make_author()])
        self.client.get(self.url(self.article))
        with self.assertNumQueries(AtMost(28)):
            self.client.get(self.url(self.article))

    def test_autosave_is_private_to_its_user(self):
        self.autosave(self.article, headline="Private thought")
        self.client.force_login(make_editor())
        self.assertNotContains(self.client.get(self.url(self.article)), "Private thought")
        self.assertEqual(self.client.get(self.url(self.article, "merge")).status_code, 302)

    def test_discarding_keeps_a_newer_autosave(self):
        self.autosave(self.article, headline="Gone", tab="one", sequence=4)
        url = self.url(self.article, "drop")
        self.client.post(url, {"tab": "one", "sequence": 3})
        self.assertTrue(Autosave.objects.exists())
        self.assertRedirects(self.client.post(url, {"tab": "one", "sequence": 4}), self.url(self.article))
        self.assertFalse(Autosave.objects.exists())

    @takes_longer("Many kinds of invalid input are sent.")
    def test_oversized_and_invalid_data_get_a_response(self):
        response = self.autosave(self.article, body="<p>" + "x" * (2 * 1024 * 1024 + 10))
        self.assertEqual((response.status_code, "2 MB" in response.json()["said"]), (413, True))
        for changes in (
            {"headline": "a\x00b\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace")},
            {"based_on": "9" * 400},
            {"based_on": "x"},
            {"_sequence": "-1"},
            {"_tab": "\x00" * 300},
            {"section": "9" * 30},
            {"bylines-TOTAL_FORMS": "9" * 30},
            {"required_level": "\x00"},
            {"series": "x"},
        ):
            with self.subTest(changes):
                data = form_data(self.article) | {"_tab": "one", "_sequence": 99} | changes
                Autosave.objects.all().delete()
                self.assertEqual(
                    self.client.post(self.url(self.article, "autosave"), data, headers=JSON).status_code, 200
                )
                self.assertEqual(self.client.get(self.url(self.article)).status_code, 200)

    def test_autosave_takes_at_most_15_queries(self):
        self.autosave(self.article)
        with self.assertNumQueries(AtMost(15)):
            self.autosave(self.article, sequence=2, headline="Again")


class NewArticleTests(AutosaveTestCase):
    def test_first_autosave_creates_a_single_draft(self):
        key = uuid.uuid4()
        first, second = (self.begin(key, headline="A wor").json() for _ in range(2))
        article = Article.objects.get()
        self.assertEqual((article.uuid, article.created_by, article.state()), (key, self.editor, "draft"))
        self.assertEqual(
            (first["article"], first["change"], second["article"]), (article.pk, self.url(article), article.pk)
        )
        self.autosave(article, headline="A working title", sequence=2)
        self.assertEqual(Article.objects.get().headline, "A working title")

    def test_slug_is_generated_on_the_first_save(self):
        self.begin(uuid.uuid4(), headline="A w")
        article = Article.objects.get()
        form = self.client.get(self.url(article)).context["adminform"].form
        self.assertEqual(form["slug"].value(), "")
        self.save(article, headline="A working title", slug="")
        article.refresh_from_db()
        self.assertEqual((article.slug, article.revision_number), ("a-working-title", 1))
        self.assertEqual([save.number for save in Revision.objects.all()], [1])

    def test_form_posted_to_the_add_url_saves_the_same_draft(self):
        key, author = uuid.uuid4(), make_author()
        self.begin(key, headline="Started")
        article = Article.objects.get()
        response = self.client.post(self.add, form_data(key=str(key), headline="Whole", authors=[author], _tab="one"))
        self.assertRedirects(response, self.url(article))
        article.refresh_from_db()
        self.assertEqual((article.headline, [str(b) for b in article.bylines.all()]), ("Whole", [author.name]))
        self.assertFalse(Autosave.objects.exists())

    def test_reposted_add_form_with_changes_is_kept_as_conflict(self):
        key = uuid.uuid4()
        for body in ("<p>First.</p>", "<p>First.</p><p>More.</p>"):
            response = self.client.post(self.add, form_data(key=str(key), headline="Same", body=body))
        self.assertEqual(response.status_code, 409)
        self.assertContains(response, "More.", status_code=409)
        self.assertIn("More", Autosave.objects.get().form_data)

    def test_key_of_another_user_is_not_found(self):
        key = uuid.uuid4()
        self.begin(key, headline="Mine")
        self.client.force_login(make_editor())
        self.assertEqual(self.begin(key, headline="Taken over").status_code, 404)
        self.assertEqual(Article.objects.get().headline, "Mine")
        self.assertEqual(self.begin("no key").status_code, 400)


class LoginTests(AutosaveTestCase):
    def setUp(self):
        super().setUp()
        self.article = make_draft()

    def test_autosave_after_logout_redirects_and_stores_no_form(self):
        self.client.logout()
        response = self.autosave(self.article)
        self.assertEqual(response.status_code, 302)
        self.assertFalse(any("kept_form" in session.get_decoded() for session in Session.objects.all()))

    def test_stale_csrf_token_answers_403_and_can_be_renewed(self):
        self.client = Client(enforce_csrf_checks=True)
        self.client.force_login(self.editor)
        origin = {**JSON, "Origin": "http://testserver"}
        self.assertEqual(
            self.client.post(self.url(self.article, "autosave"), form_data(self.article), headers=origin).status_code,
            403,
        )
        token = self.client.get(reverse("admin:articles_article_token"), headers=JSON).json()
        self.assertEqual((token["person"], token["name"]), (self.editor.pk, "Edith Orr"))
        data = form_data(self.article) | {"_tab": "a", "_sequence": 1}
        fresh = {**origin, "X-CSRFToken": token["token"]}
        self.assertEqual(self.client.post(self.url(self.article, "autosave"), data, headers=fresh).status_code, 200)

    def test_articles_without_change_permission_are_not_found(self):
        foreign = make_draft()
        self.client.force_login(make_member("Author"))
        for name in ("autosave", "presence", "drop"):
            self.assertEqual(self.client.post(self.url(foreign, name), form_data(foreign)).status_code, 404)
        self.assertEqual(self.client.get(self.url(foreign, "merge")).status_code, 404)
        self.client.force_login(make_member("Moderator"))
        self.assertIn(self.begin(uuid.uuid4()).status_code, {403, 404})
        self.assertFalse(Autosave.objects.exists() or Presence.objects.exists())


class PresenceTests(AutosaveTestCase):
    def setUp(self):
        super().setUp()
        self.article = make_draft()
        self.tom = Client()
        self.tom.force_login(make_editor(display_name="Tom Verbeek"))

    def report_presence(self, client=None, based_on=0):
        return (client or self.client).post(self.url(self.article, "presence"), {"based_on": based_on}).json()

    def test_presence_names_other_users_only(self):
        for _ in range(2):  # two windows of one user
            self.assertEqual(self.report_presence()["others"], [])
        self.assertEqual(self.report_presence(self.tom)["others"], ["Edith Orr"])
        self.assertEqual(self.autosave(self.article).json()["others"], ["Tom Verbeek"])

    def test_presence_expires_after_a_minute(self):
        with time_machine.travel(timezone.now() - timedelta(seconds=61)):
            Presence.objects.create(article=self.article, user=make_editor(), seen_at=timezone.now())
        self.assertEqual(self.report_presence()["others"], [])

    def test_presence_reports_a_newer_revision(self):
        self.assertIsNone(self.report_presence()["newer"])
        self.tom.post(self.url(self.article), form_data(self.article, headline="Newer"))
        newer = self.report_presence()["newer"]
        self.assertEqual((newer["by"], newer["own"]), ("Tom Verbeek", False))
        self.assertTrue(self.report_presence(self.tom)["newer"]["own"])
        self.assertIsNone(self.report_presence(based_on=1)["newer"])


class NeverSavedDraftTests(AutosaveTestCase):
    """A draft that was only saved automatically, as colleagues see it."""

    def setUp(self):
        super().setUp()
        self.section, self.author = make_section(name="Harbour"), make_author(name="Ines Calloway")
        fields = {"headline": "Half a draft", "body": "<p>The crane fell.</p>", "section": self.section.pk}
        self.begin(uuid.uuid4(), authors=[self.author], **fields)
        self.article = Article.objects.get()
        self.colleague = Client()
        self.colleague.force_login(make_editor(display_name="Colleague"))

    def test_list_shows_section_authors_and_that_it_was_never_saved(self):
        page = self.colleague.get(reverse("admin:articles_article_changelist"))
        for shown in ("Half a draft", "Harbour", "Ines Calloway", "only saved automatically so far"):
            self.assertContains(page, shown)
        self.save(self.article, headline="Half a draft")
        page = self.colleague.get(reverse("admin:articles_article_changelist"))
        self.assertNotContains(page, "only saved automatically so far")

    def test_colleagues_can_read_it(self):
        self.assertContains(self.colleague.get(self.url(self.article)), "It is only saved automatically so far")
        page = self.colleague.get(self.url(self.article, "preview"))
        self.assertContains(page, "Only saved automatically so far, by")
        frame = self.url(self.article, "preview_page") + "?text=unsaved"
        self.assertContains(self.colleague.get(frame), "The crane fell.")
        self.assertNotContains(self.client.get(self.url(self.article)), "It is only saved automatically so far")

    def test_other_authors_and_later_autosaves_stay_private(self):
        author = Client()
        author.force_login(make_member("Author"))
        frame = self.url(self.article, "preview_page") + "?text=unsaved"
        self.assertEqual(author.get(frame).status_code, 404)
        self.save(self.article, headline="Half a draft", body="<p>Saved.</p>")
        self.autosave(self.article, tab="two", body="<p>A secret thought.</p>")
        self.assertNotContains(self.colleague.get(frame), "A secret thought.")
