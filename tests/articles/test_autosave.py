"""Unsaved words: one slot a person, never the history, never lost to another page or a second request."""

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
from tests.factories import make_author, make_draft, make_editor, make_image, make_member, make_topic

JSON = {"Accept": "application/json"}


class AutosaveTestCase(EditorTestCase):
    def keep(self, article, tab="one", sequence=1, client=None, **changes):
        data = form_data(article, **changes) | {"_tab": tab, "_sequence": sequence}
        return (client or self.client).post(self.url(article, "autosave"), data, headers=JSON)

    def begin(self, key, **changes):
        data = form_data(key=str(key), **changes) | {"_tab": "one", "_sequence": 1}
        return self.client.post(reverse("admin:articles_article_begin"), data, headers=JSON)


class SlotTests(AutosaveTestCase):
    def setUp(self):
        super().setUp()
        self.article = make_draft()

    def words(self):
        return parse_qs(Autosave.objects.get().form_data)

    def test_words_are_kept_and_neither_article_nor_history_change(self):
        before = Article.objects.values().get()
        response = self.keep(self.article, headline="Half a thou")
        self.assertEqual(response.status_code, 200)
        self.assertRegex(response.json()["saved"], r"^\d\d:\d\d$")
        self.assertEqual(self.words()["headline"], ["Half a thou"])
        self.assertEqual(Article.objects.values().get(), before)
        self.assertFalse(Revision.objects.exists())

    def test_every_field_is_kept(self):
        author, topic, image = make_author(), make_topic(), make_image()
        self.keep(self.article, authors=[author], topics=[topic.pk], lead=image.pk, seo_title="For engines")
        words = self.words()
        self.assertEqual(words["topics"] + words["lead"], [str(topic.pk), str(image.pk)])
        self.assertIn([str(author.pk)], words.values())
        self.assertEqual(words["seo_title"], ["For engines"])
        self.assertFalse({"csrfmiddlewaretoken", "_tab", "_save"} & words.keys())

    def test_there_is_one_slot_a_person_and_each_has_their_own(self):
        other = Client()
        other.force_login(make_editor())
        for number in (1, 2, 3):
            self.keep(self.article, headline=f"Mine {number}", sequence=number)
        self.keep(self.article, headline="Theirs", client=other)
        self.assertEqual(Autosave.objects.count(), 2)
        self.assertIn("Mine+3", Autosave.objects.get(user=self.editor).form_data)

    def test_an_older_request_that_comes_late_does_not_win(self):
        self.keep(self.article, headline="Newer", sequence=2)
        self.assertEqual(self.keep(self.article, headline="Older", sequence=1).status_code, 200)
        self.assertEqual(self.words()["headline"], ["Newer"])

    def test_another_page_of_the_same_person_does_not_write_over_it(self):
        self.keep(self.article, headline="First page", tab="one")
        response = self.keep(self.article, headline="Second page", tab="two")
        self.assertEqual((response.status_code, "held" in response.json()), (409, True))
        self.assertEqual(self.words()["headline"], ["First page"])

    def test_going_on_in_the_second_page_puts_the_first_ones_words_aside(self):
        self.keep(self.article, headline="First page", tab="one")
        self.keep(self.article, headline="Second page", tab="two", _take="1")
        self.assertEqual(self.words()["headline"], ["Second page"])
        aside = Revision.objects.get()
        self.assertTrue(aside.set_aside and "First page" in aside.content)
        self.assertEqual(self.keep(self.article, headline="First page again", tab="one").status_code, 409)

    def test_restored_words_are_gone_on_with(self):
        self.keep(self.article, headline="Left", tab="one", sequence=7)
        again = {"_restored_tab": "one", "_restored_sequence": 7}
        self.assertEqual(self.keep(self.article, headline="Left, and on", tab="two", **again).status_code, 200)
        self.assertEqual(self.words()["headline"], ["Left, and on"])
        self.assertFalse(Revision.objects.exists())

    def test_a_save_on_purpose_clears_the_slot_of_its_page_alone(self):
        self.keep(self.article, headline="Kept", tab="one")
        self.save(self.article, headline="Saved elsewhere", _tab="two")
        self.assertTrue(Autosave.objects.exists())
        self.save(self.article, headline="Saved", _tab="one")
        self.assertFalse(Autosave.objects.exists())

    def test_the_desk_offers_what_was_left_and_no_more_than_that(self):
        self.keep(self.article, headline="Left behind")
        response = self.client.get(self.url(self.article))
        self.assertContains(response, "You have unsaved changes from")
        self.assertContains(response, "Left behind")
        self.keep(self.article, sequence=2)
        self.assertNotContains(self.client.get(self.url(self.article)), "You have unsaved words")

    def test_the_desk_with_unsaved_words_takes_at_most_25_queries(self):
        self.keep(self.article, headline="Left", topics=[make_topic().pk], authors=[make_author()])
        self.client.get(self.url(self.article))
        with self.assertNumQueries(AtMost(25)):
            self.client.get(self.url(self.article))

    def test_nobody_else_is_shown_them(self):
        self.keep(self.article, headline="Private thought")
        self.client.force_login(make_editor())
        self.assertNotContains(self.client.get(self.url(self.article)), "Private thought")
        self.assertEqual(self.client.get(self.url(self.article, "words")).status_code, 302)

    def test_they_can_be_dropped_but_not_those_that_came_since(self):
        self.keep(self.article, headline="Gone", tab="one", sequence=4)
        url = self.url(self.article, "drop")
        self.client.post(url, {"tab": "one", "sequence": 3})
        self.assertTrue(Autosave.objects.exists())
        self.assertRedirects(self.client.post(url, {"tab": "one", "sequence": 4}), self.url(self.article))
        self.assertFalse(Autosave.objects.exists())

    def test_too_much_and_nonsense_are_answered_in_words(self):
        response = self.keep(self.article, body="<p>" + "x" * (2 * 1024 * 1024 + 10))
        self.assertEqual((response.status_code, "2 MB" in response.json()["said"]), (413, True))
        for changes in (
            {"headline": "a\x00b\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace")},
            {"based_on": "9" * 400}, {"based_on": "x"}, {"_sequence": "-1"}, {"_tab": "\x00" * 300},
            {"section": "9" * 30}, {"bylines-TOTAL_FORMS": "9" * 30}, {"required_level": "\x00"}, {"series": "x"},
        ):  # fmt: skip
            with self.subTest(changes):
                data = form_data(self.article) | {"_tab": "one", "_sequence": 99} | changes
                Autosave.objects.all().delete()
                self.assertEqual(
                    self.client.post(self.url(self.article, "autosave"), data, headers=JSON).status_code, 200
                )
                self.assertEqual(self.client.get(self.url(self.article)).status_code, 200)

    def test_it_takes_few_queries(self):
        self.keep(self.article)
        with self.assertNumQueries(AtMost(15)):
            self.keep(self.article, sequence=2, headline="Again")


class BeginningTests(AutosaveTestCase):
    def test_a_new_article_is_a_draft_from_its_first_words_on_and_only_one(self):
        key = uuid.uuid4()
        first, second = (self.begin(key, headline="A wor").json() for _ in range(2))
        article = Article.objects.get()
        self.assertEqual((article.uuid, article.created_by, article.state()), (key, self.editor, "draft"))
        self.assertEqual(
            (first["article"], first["change"], second["article"]), (article.pk, self.url(article), article.pk)
        )
        self.keep(article, headline="A working title", sequence=2)
        self.assertEqual(Article.objects.get().headline, "A working title")

    def test_its_address_is_made_from_the_headline_once_it_is_saved(self):
        self.begin(uuid.uuid4(), headline="A w")
        article = Article.objects.get()
        form = self.client.get(self.url(article)).context["adminform"].form
        self.assertEqual(form["slug"].value(), "")
        self.save(article, headline="A working title", slug="")
        article.refresh_from_db()
        self.assertEqual((article.slug, article.revision_number), ("a-working-title", 1))
        self.assertEqual([save.number for save in Revision.objects.all()], [1])

    def test_the_form_sent_to_the_old_address_saves_this_draft(self):
        key, author = uuid.uuid4(), make_author()
        self.begin(key, headline="Begun")
        article = Article.objects.get()
        response = self.client.post(self.add, form_data(key=str(key), headline="Whole", authors=[author], _tab="one"))
        self.assertRedirects(response, self.url(article))
        article.refresh_from_db()
        self.assertEqual((article.headline, [str(b) for b in article.bylines.all()]), ("Whole", [author.name]))
        self.assertFalse(Autosave.objects.exists())

    def test_a_form_that_was_saved_and_changed_since_loses_nothing_when_it_comes_again(self):
        key = uuid.uuid4()
        for body in ("<p>First.</p>", "<p>First.</p><p>More.</p>"):
            response = self.client.post(self.add, form_data(key=str(key), headline="Same", body=body))
        self.assertEqual(response.status_code, 409)
        self.assertContains(response, "More.", status_code=409)
        self.assertIn("More", Autosave.objects.get().form_data)

    def test_somebody_elses_key_is_nobodys(self):
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

    def test_an_ended_login_is_told_apart_and_fills_no_session(self):
        self.client.logout()
        response = self.keep(self.article)
        self.assertEqual(response.status_code, 302)
        self.assertFalse(any("kept_form" in session.get_decoded() for session in Session.objects.all()))

    def test_a_stale_token_is_403_for_a_script_and_a_fresh_one_can_be_had(self):
        self.client = Client(enforce_csrf_checks=True)
        self.client.force_login(self.editor)
        origin = {**JSON, "Origin": "http://testserver"}
        self.assertEqual(
            self.client.post(self.url(self.article, "autosave"), form_data(self.article), headers=origin).status_code,
            403,
        )
        said = self.client.get(reverse("admin:articles_article_token"), headers=JSON).json()
        self.assertEqual((said["person"], said["name"]), (self.editor.pk, "Edith Orr"))
        data = form_data(self.article) | {"_tab": "a", "_sequence": 1}
        fresh = {**origin, "X-CSRFToken": said["token"]}
        self.assertEqual(self.client.post(self.url(self.article, "autosave"), data, headers=fresh).status_code, 200)

    def test_what_is_not_theirs_to_change_is_not_there(self):
        foreign = make_draft()
        self.client.force_login(make_member("Author"))
        for name in ("autosave", "presence", "drop"):
            self.assertEqual(self.client.post(self.url(foreign, name), form_data(foreign)).status_code, 404)
        self.assertEqual(self.client.get(self.url(foreign, "words")).status_code, 404)
        self.client.force_login(make_member("Moderator"))
        self.assertIn(self.begin(uuid.uuid4()).status_code, {403, 404})
        self.assertFalse(Autosave.objects.exists() or Presence.objects.exists())


class PresenceTests(AutosaveTestCase):
    def setUp(self):
        super().setUp()
        self.article = make_draft()
        self.tom = Client()
        self.tom.force_login(make_editor(display_name="Tom Verbeek"))

    def here(self, client=None, based_on=0):
        return (client or self.client).post(self.url(self.article, "presence"), {"based_on": based_on}).json()

    def test_others_are_named_and_one_is_not_another_to_oneself(self):
        for _ in range(2):  # two pages of one person
            self.assertEqual(self.here()["others"], [])
        self.assertEqual(self.here(self.tom)["others"], ["Edith Orr"])
        self.assertEqual(self.keep(self.article).json()["others"], ["Tom Verbeek"])

    def test_who_is_not_heard_of_for_a_minute_is_forgotten(self):
        with time_machine.travel(timezone.now() - timedelta(seconds=61)):
            Presence.objects.create(article=self.article, user=make_editor(), seen_at=timezone.now())
        self.assertEqual(self.here()["others"], [])

    def test_a_newer_text_is_told_of(self):
        self.assertIsNone(self.here()["newer"])
        self.tom.post(self.url(self.article), form_data(self.article, headline="Newer"))
        newer = self.here()["newer"]
        self.assertEqual(newer["by"], "Tom Verbeek")
        self.assertEqual(self.here(self.tom)["newer"]["by"], "You")
        self.assertIsNone(self.here(based_on=1)["newer"])
