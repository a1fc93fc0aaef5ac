"""Old versions and comparisons of two versions, and access to gated text in them."""

from articles.services.media import make_renditions
from tests.articles.views.history import BODY, HistoryCase
from tests.budget import takes_longer
from tests.factories import (
    make_article,
    make_grant,
    make_image,
    make_lapsed_reader,
    make_price,
    make_subscriber,
    make_user,
    make_version,
)


def paragraphs(*texts):
    return "".join(f"<p>{text}</p>" if text != "|" else '<hr data-gate="">' for text in texts)


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
        article.versions.get(number=1).redact("A court ordered it.")
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

    @takes_longer("Renditions of images are made.")
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
            "anonymous": (0, None),
            "registered": (1, make_user()),
            "lapsed": (1, make_lapsed_reader()),
            "subscriber": (10, make_subscriber()),
            "supporter": (20, supporter),
        }

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

    @takes_longer("Every role asks many addresses.")
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

    @takes_longer("Every role asks many addresses.")
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
