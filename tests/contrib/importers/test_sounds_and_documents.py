"""Recordings and documents of an import."""

from articles.models import Article, Document, Recording
from tests.contrib.importers.test_images import SITE, MediaCase, attachment
from tests.contrib.importers.wordpress.files import item, meta
from tests.factories import PDF, audio_file
from truthlytics.contrib.importers.models import ImportedObject


class SoundTests(MediaCase):
    def setUp(self):
        super().setUp()
        self.add_file("a.wav", audio_file().getvalue())
        self.add_file("b.wav", audio_file(tone=9).getvalue())

    def test_the_only_sound_becomes_the_recording(self):
        feeds = meta("enclosure", f"{SITE}/a.wav\n123\naudio/wav")
        cases = {
            f"Text\n\n[audio src='{SITE}/a.wav']": "",
            f"Text <audio controls src='{SITE}/a.wav'></audio>": "",
            "Text": feeds,
        }
        for number, (content, more) in enumerate(cases.items(), start=1):
            with self.subTest(content):
                _, losses = self.run_import(item(number, content=content, more=more))
                article = Article.objects.get(slug=f"item-{number}")
                self.assertEqual((article.body.strip(), article.audio), ("<p>Text</p>", Recording.objects.get()))
                self.assertEqual(losses, [])

    def test_several_sounds_stay_links(self):
        self.run_import(item(1, content=f"One\n\n{SITE}/a.wav\n\n{SITE}/b.wav"))
        article = Article.objects.get()
        self.assertEqual((article.audio, article.body.count("<a href")), (None, 2))

    def test_a_second_run_writes_nothing_and_sounds_can_be_added_later(self):
        items = attachment(9, "c.wav", title="Interview"), item(1, content=f"Text\n\n{SITE}/c.wav")
        self.run_import(*items)
        self.assertIsNone(Article.objects.get().audio)
        self.add_file("c.wav", audio_file(tone=5).getvalue())
        for _ in range(2):
            self.run_import(*items, only_media=True)
        article = Article.objects.get()
        self.assertEqual((article.audio.title, article.versions.count()), ("Interview", 2))

    def test_sounds_elsewhere_are_left_alone(self):
        self.run_import(item(1, content="Text\n\nhttps://elsewhere.example/a.wav"))
        self.assertEqual(ImportedObject.objects.get().missing_images, 0)
        self.assertFalse(Recording.objects.exists())


class DocumentTests(MediaCase):
    def test_links_lead_to_the_document(self):
        self.add_file("2014/05/r.pdf", PDF)
        link = f'<a href="{SITE}/2014/05/r.pdf">The report</a>'
        self.run_import(attachment(9, "2014/05/r.pdf", title="Report"), item(1, content=link))
        document, article = Document.objects.get(), Article.objects.get()
        self.assertEqual(article.body, f'<p><a href="{document.get_absolute_url()}">The report</a></p>')
        self.assertEqual((document.title, document.file_name), ("Report", "r.pdf"))
        self.assertEqual(self.client.get(document.get_absolute_url()).status_code, 200)

    def test_missing_documents_keep_their_links(self):
        self.add_file("x.pdf", b"no")
        link = f'<a href="{SITE}/x.pdf">The report</a>'
        _, losses = self.run_import(item(1, content=link))
        self.assertIn(link, Article.objects.get().body)
        self.assertEqual([code for code, _ in losses], ["media"])
