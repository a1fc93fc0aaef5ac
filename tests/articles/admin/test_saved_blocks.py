"""Saved blocks: who may save, list, insert and delete them, and what they may contain."""

from django.db import IntegrityError, transaction
from django.test import TestCase
from django.urls import reverse

from articles.models import SavedBlock
from tests.factories import make_member
from truthlytics.audit.log import AuditEntry

BOX = '<aside class="callout"><p>We <em>count</em> every berth.</p></aside>'
FIGURE = '<figure data-image="0b6f4c1e-8f43-4c53-9d36-6a8e2d1f0a11"></figure>'


class SavedBlockTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.editor, cls.author = make_member("Editor"), make_member("Author")

    def setUp(self):
        self.client.force_login(self.author)

    def url(self, name, *args):
        return reverse(f"admin:articles_savedblock_{name}", args=args)

    def keep(self, name="How we count", body=BOX):
        return self.client.post(self.url("keep"), {"name": name, "body": body})

    def pick(self, q=""):
        return self.client.get(self.url("pick"), {"q": q}).json()

    def test_block_is_saved_sanitised_listed_and_logged(self):
        self.assertEqual(self.keep(body=BOX + "<script>alert(1)</script>").status_code, 201)
        block = SavedBlock.objects.get()
        item = {"pk": block.pk, "name": "How we count", "body": BOX, "excerpt": "We count every berth."}
        self.assertEqual(self.pick(), {"items": [item | {"may_delete": True}], "more": False})
        self.assertEqual(AuditEntry.objects.about(block).get().action, "added")
        self.assertContains(self.client.get(self.url("changelist")), "How we count")

    def test_unfit_blocks_are_refused_with_a_sentence(self):
        self.keep()
        for fields, sentence in {
            ("How we count", BOX): "There is a saved block with this name already.",
            (" ", BOX): "Enter a name.",
            ("Empty", "<p></p>"): "There is no text to save.",
            ("Image", BOX + FIGURE): "cannot contain images",
            ("Gate", "<p>a</p><hr data-gate><p>b</p>"): "cannot contain the paywall marker",
            ("Long", f"<p>{'word ' * 5000}</p>"): "too long",
        }.items():
            with self.subTest(sentence):
                self.assertContains(self.keep(*fields), sentence, status_code=422)
        self.assertEqual(SavedBlock.objects.count(), 1)

    def test_list_is_searched_by_name_and_text_and_ends(self):
        names = [f"Box {number:02}" for number in range(51)]
        SavedBlock.objects.bulk_create(SavedBlock(name=name, body=f"<p>{name}</p>") for name in names)
        with self.assertNumQueries(5):
            found = self.pick()
        self.assertEqual(([item["name"] for item in found["items"]], found["more"]), (names[:50], True))
        self.assertEqual([item["name"] for item in self.pick("box 50")["items"]], ["Box 50"])

    def test_authors_delete_and_rename_their_own_blocks_and_editors_all(self):
        self.keep()
        own, other = SavedBlock.objects.get(), SavedBlock.objects.create(name="About us", body=BOX)
        self.assertEqual([item["may_delete"] for item in self.pick()["items"]], [False, True])
        self.assertEqual(self.client.post(self.url("forget", other.pk)).status_code, 403)
        self.assertEqual(self.client.post(self.url("change", other.pk), {"name": "Mine"}).status_code, 403)
        self.client.post(self.url("change", own.pk), {"name": "Counting"})
        self.assertEqual(self.client.post(self.url("forget", own.pk)).json(), {"deleted": own.pk})
        self.client.force_login(self.editor)
        self.client.post(self.url("change", other.pk), {"name": "Who we are"})
        self.assertEqual(SavedBlock.objects.get().name, "Who we are")
        self.assertEqual(self.client.post(self.url("delete", other.pk), {"post": "yes"}).status_code, 302)
        removed = AuditEntry.objects.filter(model="articles.savedblock", action="removed")
        self.assertEqual(sorted(removed.values_list("row_name", flat=True)), ["Counting", "Who we are"])

    def test_names_are_unique_and_blocks_have_a_text(self):
        SavedBlock.objects.create(name="About us", body=BOX)
        for name, body in (("About us", BOX), ("Empty", "")):
            with self.assertRaises(IntegrityError), transaction.atomic():
                SavedBlock.objects.create(name=name, body=body)

    def test_moderators_have_no_saved_blocks(self):
        self.client.force_login(make_member("Moderator"))
        self.assertEqual(self.client.get(self.url("pick")).status_code, 403)
        self.assertEqual(self.keep().status_code, 403)
