"""No false alarm: the script finds nothing wrong with honest sites that use all that the editor offers."""

from collections import defaultdict
from datetime import timedelta
from itertools import count

from django.conf import settings
from django.core.cache import cache
from django.test import RequestFactory, SimpleTestCase, TestCase, tag
from django.utils import timezone
from django.utils.html import format_html

from articles.media.renditions import create_first_renditions
from articles.models import ChangeKind, Correction, Image, Kind
from articles.richtext.embeds import SITE_NAMES
from articles.richtext.vocabulary import clean
from articles.services.corrections import supersede
from articles.services.publishing import content_of, publish, restore, withdraw
from articles.services.redaction import redact
from articles.services.reviews import add_review
from tests.articles.richtext.test_places import BLOCKS, PLACES, UUIDS
from tests.budget import takes_longer
from tests.factories import (
    make_article,
    make_author,
    make_dossier,
    make_draft,
    make_editor,
    make_image,
    make_page,
    make_recording,
    make_section,
    make_series,
    make_source,
    make_topic,
    make_version,
)
from tests.record_key import use_key
from tests.truthlytics.catalogue import read_po
from tests.truthlytics.newsletters.factories import make_newsletter
from tests.truthlytics.transparency.outsider import check
from truthlytics.publication.models import Publication
from truthlytics.transparency.outside import labels
from truthlytics.transparency.services.entries import append_due
from truthlytics.web import slots

DAY = timedelta(days=1)
WORDS = "Straße, “quoted” & <ready>: 1.200,50 €, 10 % – it’s 5 > 4… naïve\u00a0word https://a.example/?a=1&b=2"
ARABIC = "الميناء ممتلئ، 41 مرسى"

# What a plug-in shows, where a box can't be.
ELEMENTS = {
    "page_head": "<meta name='tide' content='{}'>",
    "article_head": "<meta name='tide' content='{}'>",
    "footer_links": "<b>{}</b>",
}
CITED = (
    """<p>As <a href="https://s.example/{}" data-source="">they say</a>.<sup data-footnote="Office, p. 3."></sup></p>"""
)


def publish_places():
    """Publish every block in every place of every other: an article for each place."""
    images = iter([make_image(alt=WORDS, caption="A caption", credit="N. N.") for _ in UUIDS])
    known = {uuid: str(next(images).uuid) for uuid in UUIDS}
    # Of the first one, no size could be made, so that it is not shown.
    for image in Image.objects.exclude(uuid=known[UUIDS[0]]):
        create_first_renditions(image)
    numbers = count(1)
    for place in PLACES.values():
        body = "".join(f"<p>Part {next(numbers)}</p>{place.format(block)}" for block in BLOCKS.values())
        for uuid, own in known.items():
            body = body.replace(uuid, own)
        make_article(body=clean(body))


def publish_fields(editor):
    """Publish articles, pages and dossiers with all that they can have."""
    series, author = make_series(), make_author(name="Zoë O’Hara-Müller")
    kinds = ("analysis", "report", "opinion", "explainer", "review", "")
    uses = (["none"], ["language", "research"], ["translation"], ["draft"], ["parts", "pictures", "sound"], [])
    for number, (kind, use) in enumerate(zip(kinds, uses, strict=True), 1):
        draft = make_draft(
            headline=f"{WORDS} {number}", standfirst=f"{WORDS} {number}",
            body=f"<p>{number}. {WORDS_HTML}</p>{CITED.format(number)}",
            kind=kind, ai_uses=use or ["none"], ai_use="A model." if use else "", series=series, series_part=number,
            authors=[author, make_author(), make_author()][: number % 4 or 1], topics=[make_topic()],
            section=make_section(), audio=make_recording(), seo_title="In one word", social_title="Look",
            seo_description="What it is", lead=make_image(alt="A lead", caption="", credit="N. N."),
            lead_caption="In front", why_written=WORDS, how_known="We asked.", not_known="Why.", interests="None.",
            language=("", "de", "ar", "en", "fr", "")[number - 1],
        )  # fmt: skip
        make_source(f"https://s.example/{number}", title=WORDS, author="N. N.", publisher="A. & B.")
        add_review(
            item=draft, content=content_of(draft), by=editor, checked=["facts", "sources"], role="Editor",
            is_named=bool(number % 2),
        )  # fmt: skip
        publish(item=draft)
    make_article(headline=ARABIC, standfirst=ARABIC, body=f"<p>{ARABIC}</p><ul><li><p>{ARABIC}</p></li></ul>")
    make_article(headline="Only a headline", standfirst="", body="<p>One.</p>")


WORDS_HTML = WORDS.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def publish_histories(editor):
    """Publish versions of all kinds, twice in one second, superseded, withdrawn, restored, removed and gated."""
    for kind in ("correction", "clarification", "update", "note", "retraction", "minor"):
        article = make_article(body="<p>There are 41 berths.</p>")
        words = "42 berths" if kind != "minor" else "41 berths"
        make_version(article, body=f"<p>There are {words}, now.</p>", kind=kind, note=f"{WORDS} {kind}.", by=editor)
        make_version(article, body=f"<p>There are {words}, then.</p>", kind="update", note="Then.", by=editor)
    figure = make_article(body="<p>There are 41 berths.</p>")
    make_version(figure, body="<p>There are 42 berths.</p>", kind="minor", note="It was a slip.", by=editor)
    second = make_article(body="<p>There is 1 berth.</p>")
    make_version(second, body="<p>There are 2 berths.</p>", kind="correction", note="It has 2.", by=editor)
    supersede(correction=Correction.objects.latest("pk"), kind="clarification", sentence="It has 2 or 3.", by=editor)
    uses = make_article(ai_uses=["draft"])
    make_version(uses, ai_uses=["none"], kind="note", note="It was no draft.", by=editor)
    away = make_article(body="<p>Away.</p>")
    make_version(away, body="<p>Soon away.</p>", kind="correction", note="Soon.", by=editor)
    withdraw(item=away, note="It was wrong.")
    back = make_article(headline="Back again")
    withdraw(item=back, note="A mistake.")
    restore(item=back)
    removed = make_article(body="<p>A name.</p>")
    make_version(removed, body="<p>No name.</p>", kind="correction", note="Without it.", by=editor)
    redact(item=removed, version=removed.versions.get(number=1), reason="A court said so.", by=editor)
    make_version(removed, body="<p>No name at all.</p>", kind="update", note="Later.", by=editor)
    gated = make_article(body="<p>Free.</p><hr data-gate><p>Not free.</p>", required_level=10)
    make_version(gated, body="<p>Freed.</p><hr data-gate><p>Not freed.</p>", kind="update", note="More.", by=editor)
    make_version(gated, required_level=0)
    make_article(body="<p>Closed.</p>", required_level=10)
    page = make_page(headline=WORDS, body=f"<h2>{WORDS_HTML}</h2><p>{WORDS_HTML}</p>")
    make_version(page, body="<p>Else.</p>", note="We moved.")
    entries = [{"date": timezone.now().date() - number * DAY, "text": f"{WORDS} {number}"} for number in range(3)]
    dossier = make_dossier(gated, figure, entries=entries, summary=f"<p>{WORDS_HTML}</p><ul><li><p>One</p></li></ul>")
    make_version(dossier, summary="<p>All else.</p>", note="It went on.")
    make_article(headline="From the archive", at=timezone.now() - 400 * DAY)


@tag("sqlite")
class LabelTests(SimpleTestCase):
    def test_the_script_knows_the_words_of_the_interface(self):
        german = defaultdict(set)
        for message, entry in read_po(settings.BASE_DIR / "truthlytics/locale/de/LC_MESSAGES/django.po").items():
            german[message.text].add(entry.translations[0])
            german[message.plural].add(entry.translations[-1])
        pairs = [(names[0], names[1]) for names in labels.AI_LABELS.values()]
        pairs += [pair for english, other in labels.KINDS.values() for pair in zip(english, other, strict=True)]
        for one, several, one_german, several_german in labels.HEADINGS.values():
            pairs += [(one, one_german), (several, several_german)]
        pairs += [
            labels.CHANGES,
            labels.LABELLED_MINOR,
            labels.NO_NOTES[:2],
            labels.NO_NOTES[2:],
            labels.EMBED_LABELS[:2],
        ]
        for english, other in pairs:
            self.assertIn(other, german[english], english)
        self.assertLessEqual(set(SITE_NAMES.values()), set(labels.EMBED_LABELS))
        self.assertEqual({kind for kind in Kind.values if kind}, set(labels.KINDS))
        self.assertEqual(set(ChangeKind.values), set(labels.HEADINGS))


class HonestSiteTests(TestCase):
    def setUp(self):
        super().setUp()
        self.folder = use_key(self)

    def assert_nothing_wrong(self):
        append_due(timezone.now())
        cache.clear()
        status, said = check(self.folder, "--pages", 1000)
        self.assertEqual(status, 0, said)
        self.assertIn("Nothing wrong was found.", said)

    def publish_all(self):
        editor = make_editor()
        publish_places()
        publish_fields(editor)
        publish_histories(editor)

    @takes_longer("A site with every kind of text is published and read.")
    def test_every_kind_of_text(self):
        self.publish_all()
        self.assert_nothing_wrong()

    @takes_longer("A site with every kind of text is published and read.")
    def test_every_kind_of_text_in_german(self):
        Publication.objects.create(name="Hafenblatt", language="de", time_zone="Europe/Berlin")
        self.publish_all()
        self.assert_nothing_wrong()

    def test_newsletters_are_offered(self):
        Publication.objects.get_or_create()
        make_newsletter()
        article = make_article()
        dossier = make_dossier(article)
        for item, mark in ((article, "newsletter-line"), (dossier, "follow-link")):
            self.assertContains(self.client.get(item.get_absolute_url()), mark)
        self.assert_nothing_wrong()

    def test_what_plug_ins_show(self):
        self.addCleanup(slots._shown.update, dict(slots._shown))
        self.addCleanup(slots._shown.clear)
        slots._shown.clear()
        for slot in slots.SLOTS:
            element = ELEMENTS.get(slot, "<aside><p>{}</p></aside>")
            slots.show_in(slot)(lambda request, element=element, **given: format_html(element, "Tides"))
        self.assertEqual(slots.shown_in("page_top", RequestFactory().get("/"))[:25], "<div data-outside-record>")
        make_article()
        make_page()
        self.assert_nothing_wrong()
