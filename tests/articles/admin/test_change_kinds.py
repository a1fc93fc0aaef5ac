from articles.models import Article, Correction
from tests.articles.admin.editor import EditorTestCase
from tests.factories import make_article, make_version


class ChangeKindTests(EditorTestCase):
    def setUp(self):
        super().setUp()
        self.article = make_article(body="<p>It cost 25 crowns.</p>")
        Article.objects.filter(pk=self.article.pk).update(body="<p>It cost 50 crowns.</p>")

    def publish(self, **data):
        return self.client.post(
            self.url(self.article, "publish"), {"when": "now", "last": 1, "note": "", "ai_uses": "none", **data}
        )

    def test_proposal_and_its_reason_are_shown_and_nothing_is_chosen(self):
        page = self.client.get(self.url(self.article, "publish"))
        self.assertContains(page, "A figure changed: 25 → 50.")
        self.assertContains(page, "Proposed", 1)
        self.assertNotContains(page, 'name="kind" value="correction" id="id_kind_0" checked')

    def test_a_corrected_figure_that_still_stands_elsewhere_is_listed_with_a_link(self):
        page = self.client.get(self.url(self.article, "publish"))
        self.assertNotContains(page, "still stands")
        Article.objects.filter(pk=self.article.pk).update(body="<p>It cost 50 crowns.</p><h2>Why 25?</h2>")
        page = self.client.get(self.url(self.article, "publish"))
        self.assertContains(page, "“25” became “50” and still stands in “Why 25?”.")
        self.assertContains(page, "?at=body.1.q")

    def test_publication_without_a_kind_is_refused_and_keeps_the_sentence(self):
        response = self.publish(note="It cost 50.")
        self.assertContains(response, "Choose what kind of change it is.", status_code=422)
        self.assertContains(response, "It cost 50.", status_code=422)
        self.assertEqual(self.article.versions.count(), 1)

    def test_correction_without_a_sentence_is_refused_and_keeps_the_kind(self):
        response = self.publish(kind="correction")
        self.assertContains(response, "Tell readers in a sentence what changed.", status_code=422)
        self.assertContains(response, 'value="correction" id="id_kind_0" checked', status_code=422)
        self.assertContains(self.publish(kind="lie", note="x"), "not one of the available choices", status_code=422)
        self.assertFalse(Correction.objects.exists())

    def test_choice_of_the_editor_counts(self):
        self.publish(kind="update", note="It costs more now.")
        self.assertEqual(Correction.objects.get().kind, "update")
        self.assertEqual(Correction.objects.get().made_by, self.editor)

    def test_minor_edit_of_a_figure_needs_a_reason_and_loses_nothing(self):
        self.assertContains(self.client.get(self.url(self.article, "publish")), "Readers see your reason.")
        response = self.publish(kind="minor", when="later", day="2099-03-01", hour="09:30")
        for text in ("A figure changed. Say in a sentence", 'value="minor" id="id_kind_5" checked', "2099-03-01"):
            self.assertContains(response, text, status_code=422)
        self.assertEqual(self.article.versions.count(), 1)
        self.publish(kind="minor", note="Fifty was meant, as the table says.")
        self.assertEqual(Correction.objects.get().changed_facts, "figure")

    def test_minor_edit_of_a_word_needs_none(self):
        Article.objects.filter(pk=self.article.pk).update(body="<p>It costs 25 crowns.</p>")
        self.assertNotContains(self.client.get(self.url(self.article, "publish")), "Readers see your reason.")
        self.publish(kind="minor")
        self.assertEqual(Correction.objects.get().changed_facts, "")

    def test_change_of_access_asks_nothing(self):
        Article.objects.filter(pk=self.article.pk).update(body="<p>It cost 25 crowns.</p>", required_level=10)
        self.assertNotContains(self.client.get(self.url(self.article, "publish")), 'name="kind"')
        self.publish()
        self.assertEqual((self.article.versions.count(), Correction.objects.count()), (2, 0))

    def test_correction_is_superseded_on_its_page(self):
        make_version(self.article, body="<p>It cost 50.</p>", kind="correction", note="It cost 40.", by=self.editor)
        url = f"{self.url(self.article).removesuffix('change/')}corrections/2/"
        self.assertContains(self.client.get(self.url(self.article)), url)
        self.assertContains(self.client.get(url), "It cost 40.")
        self.assertContains(self.client.post(url, {"kind": "correction"}), "Tell readers", status_code=422)
        self.assertRedirects(
            self.client.post(url, {"kind": "correction", "sentence": "It cost 50."}), self.url(self.article)
        )
        self.assertContains(self.client.get(url), "changed already")
        self.assertEqual(Correction.objects.get(supersedes__version__note="It cost 40.").sentence, "It cost 50.")
        self.assertEqual(self.client.get(url.replace("/2/", "/1/")).status_code, 404)
