"""The palette: what is found, in which order, and by whom."""

from django.test import TestCase
from django.urls import reverse

from articles.services.revisions import save_revision
from tests.factories import (
    make_article,
    make_author,
    make_draft,
    make_editor,
    make_image,
    make_member,
    make_topic,
    make_user,
)
from truthlytics.roles import ROLES

ANSWERS, PAGE = reverse("admin:find_answers"), reverse("admin:find")


class FindingTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.people = {role: make_member(role, display_name=f"Wanda {role}") for role in ROLES}

    def found(self, q, role="Publisher"):
        """Name and kind by group."""
        self.client.force_login(self.people[role])
        groups = self.client.get(ANSWERS, {"q": q}).json()["groups"]
        return {group["name"]: [(item["name"], item["kind"]) for item in group["items"]] for group in groups}

    def names(self, q, group, role="Publisher"):
        return [name for name, _ in self.found(q, role).get(group, [])]

    def test_the_likeliest_stands_first(self):
        for headline in ("Small water", "The waterline", "Breakwater", "Water", "Waters of March"):
            make_draft(headline=headline)
        self.assertEqual(
            self.names("water", "Articles"), ["Water", "Waters of March", "The waterline", "Small water", "Breakwater"]
        )

    def test_every_word_has_to_be_there_in_any_order(self):
        make_draft(headline="The village that audits its own water")
        make_draft(headline="Water")
        self.assertEqual(self.names("WATER  village", "Articles"), ["The village that audits its own water"])

    def test_capitals_do_not_matter_in_any_script(self):
        make_draft(headline="Élections sur l’Île")
        make_draft(headline="Вода у моря")
        for typed in ("élections", "ÉLECTIONS", "Élections", "île sur"):
            self.assertEqual(self.names(typed, "Articles"), ["Élections sur l’Île"], typed)
        self.assertEqual(self.names("вода МОРЯ", "Articles"), ["Вода у моря"])
        page = self.client.get(reverse("admin:articles_article_changelist"), {"q": "élections"})
        self.assertContains(page, "Élections sur l’Île")

    def test_articles_say_how_far_they_are(self):
        make_article(headline="Quay one")
        make_draft(headline="Quay two")
        self.assertEqual(dict(self.found("quay")["Articles"]), {"Quay one": "Published", "Quay two": "Draft"})

    def test_pictures_authors_and_topics_are_found(self):
        image = make_image()
        make_author(name="Ada Harbour")
        make_topic(name="Harbours")
        found = self.found("harbour", "Editor")
        self.assertEqual([*found["Authors"], *found["Topics"]], [("Ada Harbour", "Author"), ("Harbours", "Topic")])
        self.assertIn(str(image), self.names(image.credit[:8], "Pictures", "Editor"))

    def test_rooms_and_deeds_are_those_of_the_role(self):
        expected = {"Author": True, "Editor": True, "Moderator": False, "Publisher": True}
        for role, writes in expected.items():
            self.assertEqual("New article" in self.names("new art", "Go to", role), writes, role)
        self.assertEqual(self.names("comm", "Go to", "Moderator"), ["Comments"])
        self.assertNotIn("People", self.names("peo", "Go to", "Editor"))

    def test_an_author_finds_only_their_own_drafts(self):
        own = make_draft(headline="Tide one", authors=[make_author(user=self.people["Author"])])
        make_draft(headline="Tide two")
        make_article(headline="Tide three")
        self.assertEqual(self.names("tide", "Articles", "Author"), [own.headline])
        self.assertEqual(self.names("tide", "Articles", "Moderator"), [])

    def test_only_who_may_see_people_finds_a_reader_or_their_address(self):
        make_user(email="quiet.reader@example.org", display_name="Quiet Reader")
        for role in ROLES:
            for q in ("quiet", "quiet.reader@example.org", "@example.org"):
                self.client.force_login(self.people[role])
                told = (
                    self.client.get(ANSWERS, {"q": q}).content.decode()
                    + self.client.get(PAGE, {"q": q}).content.decode()
                )
                self.assertEqual("Quiet Reader" in told, role == "Publisher", (role, q))

    def test_a_publisher_does_not_find_those_that_their_room_hides(self):
        make_editor(display_name="Root Person")
        self.assertEqual(self.names("root person", "People"), [])

    def test_without_words_it_offers_what_one_saved_last(self):
        drafts = [make_draft(headline=f"Saved {number}") for number in range(8)]
        for draft in drafts:
            save_revision(item=draft, by=self.people["Editor"])
        save_revision(item=make_draft(), by=self.people["Publisher"])
        self.assertEqual(self.names("", "Recent", "Editor"), [f"Saved {number}" for number in range(7, 1, -1)])
        self.assertEqual(self.names("  ", "Go to", "Moderator"), ["Desk", "Comments", "Threads"])

    def test_an_author_no_longer_finds_what_was_published_meanwhile(self):
        article = make_article(authors=[make_author(user=self.people["Author"])])
        save_revision(item=article, by=self.people["Author"])
        self.assertEqual(self.names("", "Recent", "Author"), [])

    def test_odd_questions_find_nothing_and_break_nothing(self):
        make_draft(headline="100 % of_it")
        for q in ("%", "_", "'; --", "\\", "\u202e", "x" * 5000, "a " * 500, "<script>", "𝔘" * 90):
            for address in (ANSWERS, PAGE):
                self.client.force_login(self.people["Publisher"])
                self.assertEqual(self.client.get(address, {"q": q}).status_code, 200, q[:9])
        self.assertEqual(self.names("100 %", "Articles"), ["100 % of_it"])
        self.assertEqual(self.names("0_i", "Articles"), [])

    def test_a_null_character_is_refused(self):
        self.client.force_login(self.people["Publisher"])
        self.assertEqual(self.client.get(f"{ANSWERS}?q=%00").status_code, 400)

    def test_the_page_says_the_same_without_script(self):
        draft = make_draft(headline="<b>Bold</b> water")
        self.client.force_login(self.people["Editor"])
        page = self.client.get(PAGE, {"q": "bold"})
        self.assertContains(page, "&lt;b&gt;Bold&lt;/b&gt; water")
        self.assertContains(page, reverse("admin:articles_article_change", args=[draft.pk]))
        self.assertContains(self.client.get(PAGE, {"q": "nothing so"}), "No results for")

    def test_it_is_asked_and_never_told_anything(self):
        for address in (ANSWERS, PAGE):
            for role in ROLES:
                self.client.force_login(self.people[role])
                self.assertEqual(self.client.get(address).status_code, 200)
                self.assertEqual(self.client.post(address, {"q": "a"}).status_code, 405)
            self.client.force_login(make_user())
            self.assertIn(self.client.get(address).status_code, {302, 403})
            self.client.logout()
            self.assertEqual(self.client.get(address).status_code, 302)

    def test_queries_are_bounded(self):
        for number in range(20):
            make_article(headline=f"Water {number}", authors=[make_author(name=f"Water {number}")])
        for role, queries in {"Publisher": 10, "Moderator": 4}.items():
            self.found("water", role)
            with self.subTest(role), self.assertNumQueries(queries):
                self.client.get(ANSWERS, {"q": "water"})
