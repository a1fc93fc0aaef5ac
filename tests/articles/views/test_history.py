"""The public history: the list of versions, comparisons, old versions, and who may read what in them."""

from datetime import timedelta
from functools import partial

import time_machine
from django.db import connection
from django.test import TestCase
from django.utils import timezone

from articles.models import Redirect, Version
from articles.services.corrections import supersede
from articles.services.media import make_renditions
from articles.services.publishing import publish, unschedule, withdraw
from tests.factories import (
    make_article,
    make_author,
    make_dossier,
    make_draft,
    make_editor,
    make_grant,
    make_image,
    make_lapsed_reader,
    make_page,
    make_price,
    make_subscriber,
    make_user,
    make_version,
)
from tests.invalidation import invalidates

HOUR = timedelta(hours=1)
BODY = "<p>The harbour has 41 berths.</p><p>Ships wait outside.</p>"


def paragraphs(*texts):
    return "".join(f"<p>{text}</p>" if text != "|" else '<hr data-gate="">' for text in texts)


def remove_text(version, reason):
    """What the removal of a text by law leaves in the database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE articles_version SET content = NULL, removal_reason = %s WHERE id = %s", [reason, version.pk]
        )


class HistoryCase(TestCase):
    def page(self, item, path, status=200):
        response = self.client.get(f"{item.get_absolute_url()}{path}")
        self.assertEqual(response.status_code, status, path)
        return response

    def text(self, item, path):
        """The content of the page, with white space normalised."""
        html = self.page(item, path).content.decode().split("<main")[1].split("</main>")[0]
        return " ".join(html.split())


class HistoryListTests(HistoryCase):
    def test_versions_are_listed_newest_first_with_what_changed(self):
        author = make_author(name="Ines Berg")
        article = make_article(body=BODY, authors=[author])
        make_version(article, body=BODY.replace("41", "42 or 43"), note="One berth was missing.")
        html = self.text(article, "history/")
        self.assertLess(html.index("Version 2"), html.index("Version 1"))
        for text in ("One berth was missing.", "3 words added", "1 removed", "Ines Berg", "First version."):
            self.assertIn(text, html)
        self.assertIn(f'href="{article.get_absolute_url()}history/1..2/"', html)
        self.assertIn(f'href="{article.get_absolute_url()}versions/1/"', html)

    def test_kind_of_change_and_superseded_notes(self):
        article, editor = make_article(body=BODY), make_editor()
        wrong = make_version(article, body=BODY.replace("41", "42"), kind="clarification", note="Unclear.", by=editor)
        make_version(article, body=BODY.replace("41", "43"), kind="minor", by=editor)
        supersede(correction=wrong.correction, kind="correction", sentence="It was wrong.", by=editor)
        html = self.text(article, "history/")
        for text in (
            "<b>Correction.</b> It was wrong.",
            "<b>Minor edit.</b>",
            "<b>Clarification.</b> Unclear. <em>Super",
        ):
            self.assertIn(text, html)
        self.assertIn("No visible change", html)
        self.assertIn("<b>Clarification.</b> Unclear.", self.text(article, "history/1..2/"))

    def test_accounts_are_not_named(self):
        editor = make_editor(display_name="Private Person")
        for item in (make_draft(), make_page(published=False), make_dossier(make_article(), publish=False)):
            publish(item=item, by=editor)
            with self.subTest(item._meta.model_name):
                self.assertNotContains(self.page(item, "history/"), "Private Person")

    def test_versions_that_never_appeared_are_not_counted(self):
        article = make_article(body=BODY)
        make_version(article, at=timezone.now() + HOUR, body="<p>Planned words.</p>")
        unschedule(item=article)
        make_version(article, body=BODY.replace("41", "42"))
        self.assertEqual(Version.objects.count(), 3)
        self.assertNotIn("Version 3", self.text(article, "history/"))
        self.assertNotIn("Planned", self.text(article, "history/1..2/"))
        self.page(article, "versions/3/", 404)

    def test_scheduled_version_appears_at_its_time(self):
        article = make_article(body=BODY)
        make_version(article, at=timezone.now() + HOUR, body="<p>Later words.</p>")
        self.page(article, "versions/2/", 404)
        self.page(article, "history/1..2/", 404)
        self.assertNotIn("Version 2", self.text(article, "history/"))
        with time_machine.travel(timezone.now() + 2 * HOUR, tick=False):
            self.assertIn("Later", self.text(article, "history/1..2/"))
            self.assertIn("Version 2", self.text(article, "history/"))

    def test_long_histories_have_pages_and_few_queries(self):
        article = make_article(body=BODY)
        for number in range(2, 34):
            make_version(article, body=BODY.replace("41", str(number)))
        with self.assertNumQueries(5):
            html = self.text(article, "history/")
        self.assertIn("Version 4 ", html.replace("<", " "))
        self.assertNotIn('id="version-3"', html)
        older = self.text(article, "history/?after=4")
        self.assertIn('id="version-3"', older)
        self.assertIn("word added", older)
        for after in ("0", "x", "1", "9" * 30, "-1"):
            self.page(article, f"history/?after={after}")
        for path in ("history/1..33/", "versions/1/"):
            with self.assertNumQueries(5):
                self.page(article, path)

    def test_record_line_links_to_it_once_there_is_something_to_see(self):
        article = make_article()
        link = f'href="{article.get_absolute_url()}history/"'
        self.assertNotContains(self.client.get(article.get_absolute_url()), link)
        make_version(article, headline="Another headline")
        self.assertContains(self.client.get(article.get_absolute_url()), link)


class ComparisonTests(HistoryCase):
    def test_words_are_marked_and_announced(self):
        article = make_article(body=BODY)
        make_version(article, body=BODY.replace("41", "42"), note="A berth was missing.")
        html = self.text(article, "history/1..2/")
        self.assertIn('<del><span class="visually-hidden">removed: </span>41 </del>', html)
        self.assertIn('<ins><span class="visually-hidden">inserted: </span>42 </ins>', html)
        self.assertIn("A berth was missing.", html)
        folded = html.split("<details")[1]
        self.assertIn("1 paragraph unchanged", folded)
        self.assertIn("Ships wait outside.", folded)

    def test_headline_standfirst_captions_images_notes_and_facts_are_compared(self):
        lead, inside = make_image(caption="Before dawn", alt="Cranes"), make_image(caption="Inside caption")
        figure = f"<figure data-image='{inside.uuid}'><figcaption></figcaption></figure>"
        body = f"{BODY}{figure}<p>Source.<sup data-footnote='Port register, 2024'></sup></p>"
        article = make_article(headline="Old headline", standfirst="Old sentence.", body=body, lead=lead)
        inside.caption, lead.alt = "Outside caption", "Three cranes"
        inside.save()
        lead.save()
        texts = {"headline": "New headline", "standfirst": "New sentence.", "body": body.replace("2024", "2025")}
        article.kind = "report"
        make_version(article, **texts)
        html = self.text(article, "history/1..2/")
        for old, new in [("Old ", "New "), ("Inside ", "Outside "), ("2024", "2025"), ("Analysis", "Report")]:
            with self.subTest(new):
                self.assertIn(f"removed: </span>{old}", html)
                self.assertIn(f"inserted: </span>{new}", html)
        self.assertIn("Three ", html)
        self.assertNotIn(str(inside.uuid)[:8], html)

    def test_numbers_that_do_not_exist_or_are_in_the_wrong_order(self):
        article = make_article(body=BODY)
        make_version(article, body=BODY.replace("41", "42"))
        url = article.get_absolute_url()
        for path in ("history/1..3/", "history/0..1/", "history/3..3/", f"history/1..{'9' * 40}/", "history/01..2/",
                     "history/1...2/", "history/a..b/", "history/-1..2/", "versions/0/", f"versions/{'9' * 5000}/",
                     "versions/²/", "versions/"):  # fmt: skip
            with self.subTest(path[:20]):
                self.page(article, path, 404)
        self.assertRedirects(self.client.get(f"{url}history/2..1/"), f"{url}history/1..2/")
        self.assertRedirects(self.client.get(f"{url}history/1..1/"), f"{url}versions/1/")

    def test_removed_text_is_said_with_its_reason(self):
        article = make_article(body=BODY)
        make_version(article, body=BODY.replace("41", "42"))
        make_version(article, body=BODY.replace("41", "43"))
        remove_text(article.versions.get(number=1), "A court ordered it.")
        for path in ("history/", "history/1..2/", "history/1..3/", "versions/1/"):
            with self.subTest(path):
                html = self.text(article, path)
                self.assertIn("The text of this version was removed. Reason: A court ordered it.", html)
                self.assertNotIn("berths", html)
        self.assertIn("removed: </span>42", self.text(article, "history/2..3/"))


class OldVersionTests(HistoryCase):
    def test_banner_and_meta_tags(self):
        article = make_article(body=BODY, headline="Old headline")
        make_version(article, body=BODY.replace("41", "42"), headline="New headline")
        page = self.page(article, "versions/1/")
        self.assertContains(page, "<strong>version 1 of 2</strong>")
        self.assertContains(page, f'<a href="{article.get_absolute_url()}">Read the current version</a>')
        self.assertContains(page, '<meta name="robots" content="noindex">')
        self.assertContains(page, f'<link rel="canonical" href="http://localhost:8000{article.get_absolute_url()}">')
        self.assertContains(page, "41 berths")
        self.assertContains(page, "Old headline")

    def test_address_of_the_current_version_leads_to_the_article(self):
        article = make_article(body=BODY)
        self.assertRedirects(self.client.get(f"{article.get_absolute_url()}versions/1/"), article.get_absolute_url())
        make_version(article, body="<p>New.</p>")
        self.assertContains(self.page(article, "versions/1/"), "41 berths")

    def test_old_version_keeps_its_images_and_notes(self):
        image = make_image(alt="Cranes at dusk", caption="The crane", credit="Photograph: A. B.")
        body = f"{BODY}<p>Text.<sup data-footnote='A note.'></sup></p>"
        make_renditions.call(image.pk)
        article = make_article(body=body, lead=image)
        make_version(article, body="<p>New.</p>", lead=None)
        html = self.text(article, "versions/1/")
        for text in ("Cranes at dusk", "The crane", "Photograph: A. B.", 'id="note-1"', "A note."):
            self.assertIn(text, html)


class AccessTests(HistoryCase):
    """Access needs the highest level of the versions shown and of the current one."""

    @classmethod
    def setUpTestData(cls):
        make_price()
        supporter = make_user()
        make_grant(supporter, 20)
        cls.readers = {
            "anonymous": (0, None), "registered": (1, make_user()), "lapsed": (1, make_lapsed_reader()),
            "subscriber": (10, make_subscriber()), "supporter": (20, supporter),
        }  # fmt: skip

    def check(self, article, level, *, public=(), secret=(), paths=("history/", "history/1..2/", "versions/1/")):
        """`secret` words are only for readers with `level`, in private responses. Everyone gets `public` ones."""
        for reader, (has, user) in self.readers.items():
            self.client.logout()
            if user:
                self.client.force_login(user)
            pages = {path: self.page(article, path) for path in paths}
            shown = "".join(response.content.decode() for response in pages.values())
            with self.subTest(reader):
                for word in secret:
                    self.assertEqual(word in shown, has >= level, word)
                for word in public:
                    self.assertIn(word, shown)
                gates = sum('id="gate"' in response.content.decode() for response in pages.values())
                self.assertEqual(gates, 0 if has >= level else len(paths) - 1)
                for response in pages.values():
                    self.assertEqual("no-store" in response["Cache-Control"], user is not None)

    def test_gated_words_stay_gated(self):
        for level in (1, 10, 20):
            body = paragraphs("Free zebra.", "|", "Gated okapi.")
            article = make_article(body=body, required_level=level)
            make_version(article, body=body.replace("zebra", "giraffe").replace("okapi", "bongo"))
            self.check(article, level, public=["zebra", "giraffe"], secret=["okapi", "bongo"])

    def test_version_that_was_free_is_gated_with_the_current_one(self):
        article = make_article(body=paragraphs("Free zebra.", "Lost dodo sentence.", "Once free okapi."))
        make_version(article, body=paragraphs("Free giraffe.", "|", "Once free okapi."), required_level=10)
        self.check(article, 10, public=["zebra", "giraffe"], secret=["dodo", "okapi"])

    def test_version_that_was_gated_stays_gated(self):
        article = make_article(body=paragraphs("Free zebra.", "|", "Gated okapi."), required_level=10)
        make_version(article, body=paragraphs("Free giraffe.", "Open bongo."), required_level=0)
        self.check(article, 10, public=["zebra", "giraffe"], secret=["okapi"])

    def test_between_free_versions_a_gated_one_stays_gated(self):
        article = make_article(body=paragraphs("Free zebra."))
        make_version(article, body=paragraphs("Free zebra.", "|", "Gated okapi."), required_level=20)
        make_version(article, body=paragraphs("Free zebra.", "Open bongo."), required_level=0)
        self.check(article, 0, public=["bongo"], paths=("history/", "history/1..3/", "versions/1/"))
        self.check(article, 20, secret=["okapi"], paths=("history/", "history/2..3/", "versions/2/"))

    def test_words_that_moved_behind_the_gate_are_gated_in_older_versions(self):
        sentence = "The okapi was seen by nobody in the whole of last year."
        old = paragraphs("Free zebra.", sentence, "Second free dodo.", "|", "Gated bongo.")
        article = make_article(body=old, required_level=10)
        make_version(article, body=paragraphs("Free zebra.", "New giraffe.", "|", sentence, "Gated bongo."))
        self.check(article, 10, public=["zebra"], secret=["okapi", "dodo", "bongo"])

    def test_gated_captions_notes_and_facts_stay_gated(self):
        image = make_image(alt="okapi alt", caption="okapi caption", credit="okapi credit")
        figure = f"<figure data-image='{image.uuid}'><figcaption></figcaption></figure>"
        body = paragraphs("Free zebra.", "|", "Text.<sup data-footnote='okapi note'></sup>") + figure
        article = make_article(body=body, required_level=10)
        make_version(article, body=body.replace("zebra", "giraffe") + "<h2>okapi heading</h2>")
        self.check(article, 10, public=["giraffe"], secret=["okapi"])

    def test_a_gift_parameter_opens_nothing(self):
        article = make_article(body=paragraphs("Free.", "|", "Gated okapi."), required_level=10)
        make_version(article, note="Again.", headline="Again")
        for path in ("history/1..2/?gift=x", "versions/1/?gift=x"):
            self.assertNotContains(self.page(article, path), "okapi")


class ItemTests(HistoryCase):
    def test_pages_have_a_history(self):
        page = make_page(body="<p>Who we were.</p>")
        page.body = "<p>Who we are.</p>"
        page.save()
        publish(item=page, note="Grammar.")
        self.check(page, "were.", "Grammar.")

    def test_dossiers_have_a_history_without_articles_that_are_not_public(self):
        shown, hidden = make_article(headline="Shown piece"), make_article(headline="Hidden piece")
        dossier = make_dossier(shown, summary="<p>Who we were.</p>", entries=[{"date": "2024", "text": "An event."}])
        dossier.summary = "<p>Who we are.</p>"
        dossier.save()
        dossier.articles.create(article=hidden, position=2)
        dossier.entries.create(date="2025", text="Another event.")
        publish(item=dossier, note="Grammar.")
        self.assertIn("inserted: </span>Hidden piece", self.text(dossier, "history/1..2/"))
        self.assertIn("inserted: </span>2025: Another event.", self.text(dossier, "history/1..2/"))
        withdraw(item=hidden)
        self.assertNotIn("Hidden piece", self.text(dossier, "history/1..2/"))
        self.check(dossier, "were.", "Grammar.")

    def check(self, item, old, note):
        url = item.get_absolute_url()
        self.assertContains(self.client.get(url), f'href="{url}history/"')
        self.assertIn(note, self.text(item, "history/"))
        self.assertIn(f"removed: </span>{old[:4]}", self.text(item, "history/1..2/"))
        self.assertIn(old, self.text(item, "versions/1/"))
        self.assertContains(self.page(item, "versions/1/"), '<meta name="robots" content="noindex">')
        self.assertRedirects(self.client.get(f"{url}versions/2/"), url)
        withdraw(item=item)
        for path in ("history/", "history/1..2/", "versions/1/"):
            self.page(item, path, 410)

    def test_withdrawn_articles_answer_410_and_drafts_404(self):
        article = make_article(body=BODY)
        make_version(article, body="<p>New.</p>")
        withdraw(item=article)
        for path in ("history/", "history/1..2/", "history/1..9/", "versions/1/", "versions/2/"):
            self.assertNotContains(self.page(article, path, 410), "berths", status_code=410)
        draft = make_draft()
        for path in ("history/", "versions/1/"):
            self.page(draft, path, 404)

    def test_old_urls_redirect(self):
        for item in (make_article(slug="new-name"), make_page(slug="new-name")):
            old = item.get_absolute_url().replace("new", "old")
            fields = {"article": item} if item._meta.model_name == "article" else {"page": item}
            Redirect.objects.create(path=Redirect.normalise(old), **fields)
            for path in ("history/", "history/1..2/", "versions/1/"):
                with self.subTest(f"{old}{path}"):
                    response = self.client.get(f"{old}{path}")
                    self.assertEqual(response.status_code, 301)
                    self.assertEqual(response["Location"], f"{item.get_absolute_url()}{path}")
            self.assertEqual(self.client.get(f"{old}comments/").status_code, 404)

    def test_cached_pages_change_with_the_item(self):
        article, page, dossier = make_article(body=BODY), make_page(), make_dossier(make_article())
        make_version(article, body=BODY.replace("41", "42"))
        for item, name in ((page, "headline"), (dossier, "title")):
            setattr(item, name, "Another name")
            item.save()
            publish(item=item)
        changes = {
            article: lambda: make_version(article, body=BODY.replace("41", "43")),
            page: lambda: publish(item=page),
            dossier: lambda: publish(item=dossier),
        }
        for item, change in changes.items():
            for path in ("history/", "history/1..2/", "versions/1/"):
                with self.subTest(f"{item}: {path}"):
                    response = self.page(item, path)
                    self.assertIn("public", response["Cache-Control"])
                    self.assertTrue(invalidates(self, response.cache_tags, change))
            response = self.page(item, "history/")
            other = make_article()
            if item is article:
                self.assertFalse(invalidates(self, response.cache_tags, partial(make_version, other, headline="B")))
            self.assertTrue(invalidates(self, response.cache_tags, partial(withdraw, item=item)))
