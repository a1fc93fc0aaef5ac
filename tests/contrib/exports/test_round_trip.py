"""A site that is exported, imported into an empty site and exported again gives the same files."""

import json
import tempfile
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path

from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.test import TestCase
from django.utils import timezone

from articles.homepage.layout import Layout, Place
from articles.models import (
    Article,
    AuthorEntry,
    Citation,
    DocumentLink,
    DossierVersionArticle,
    HomepageDraft,
    ImageUsage,
    MenuEdition,
    Page,
    ReplacedFile,
    SavedBlock,
    SearchEntry,
    SectionEntry,
    SeriesEntry,
    TopicEntry,
    Version,
)
from articles.services.expiry import schedule_expiry
from articles.services.homepage import last_number, publish_draft, save_draft
from articles.services.media import replace_file
from articles.services.publishing import content_of
from articles.services.redaction import redact
from articles.services.reviews import add_review
from comments.models import Comment, Thread
from comments.services.importing import ImportedThread, NewComment, import_threads
from subscriptions.models import Grant, User
from tests.factories import (
    add_reads,
    image_file,
    make_article,
    make_author,
    make_comment,
    make_document,
    make_dossier,
    make_draft,
    make_editor,
    make_grant,
    make_image,
    make_page,
    make_plan,
    make_price,
    make_recording,
    make_section,
    make_series,
    make_subscription,
    make_topic,
    make_user,
    make_version,
)
from tests.truthlytics.newsletters.factories import make_issue, make_newsletter
from truthlytics.backups.conversion import converted_models, rebuilt_models
from truthlytics.publication.current import forget_publication
from truthlytics.publication.models import Publication
from truthlytics.statistics.models import AgentDay, NotCounted, ReadSource, SourceDay, SourceKind
from truthlytics.web.agents import Kind

KEPT = {"django_content_type", "auth_permission", "auth_group", "auth_group_permissions"}
DERIVED = (Citation, DocumentLink, DossierVersionArticle, ImageUsage)
LISTED = (AuthorEntry, SectionEntry, SeriesEntry, TopicEntry, SearchEntry)
# Images are rendered once their sizes are made.
RENDERED = ("headline", "plain_all", "paid_notes", "paid_sources", "section__name", "changed_at", "is_corrected")


def make_site():
    """Create at least one row of everything that is exported."""
    publication = Publication.objects.create(name="The Daily Export", language="en-gb", social_profiles="")
    publication.tax_rates.create(country="AT", rate="20.00", valid_from="2026-01-01")
    make_price(make_plan())
    editor = make_editor()
    section, topic, series = make_section(name="Cities"), make_topic(name="Bridges"), make_series(name="The river")
    merged = make_topic(name="Bridge", merged_into=topic)
    image, author = make_image(caption="The old bridge"), make_author(name="Ada Orr")
    replaced = make_image()
    replace_file(image=replaced, file=image_file(color="navy"))
    document, recording = make_document(), make_recording()
    body = (
        f'<p>It was <em>closed</em> in May<sup data-footnote="Minutes, https://example.org/minutes"></sup>.</p>'
        f'<figure data-image="{image.uuid}"><figcaption>From the north</figcaption></figure><hr data-gate>'
        f'<p>The <a href="{document.get_absolute_url()}" data-source="">report</a> says why: 5 * 3 < 16.</p>'
    )
    article = make_article(
        headline="The bridge at Varn", slug="bridge", body=body, section=section, topics=[topic, merged],
        authors=[author, make_author()], series=series, series_part=1, required_level=10, lead=image, audio=recording,
        why_written="Readers asked.", at=datetime(2024, 5, 6, 9, tzinfo=UTC),
    )  # fmt: skip
    make_version(article, body=body.replace("May", "June"), by=editor, kind="correction", note="It was June.")
    make_version(article, headline="The bridge of Varn", by=editor, kind="minor")
    article.redirects.create(path="/2024/05/bridge")
    article.redirects.create(path="/", query="p=7")
    image.redirects.create(path="/wp-content/bridge.jpg")
    draft = make_draft(headline="Not yet", slug="not-yet", section=None)
    what = {"checked": ["facts", "sources"], "role": "Editor", "is_named": True}
    add_review(item=draft, content=content_of(draft), by=editor, **what)
    make_article(headline="Tomorrow", slug="tomorrow", at=timezone.now() + timedelta(days=1))
    make_withdrawn_and_redacted(editor)
    page = make_page(headline="About us", slug="about", purpose="", ai_uses=["draft"], ai_draft="By a model.")
    add_review(item=page, content=content_of(page), by=editor, **what)
    dossier = make_dossier(
        article, ai_uses=["none"], entries=[{"date": "2024-05", "text": "Closed.", "article": article}]
    )
    make_menu_and_front_page(article, section, page, dossier)
    make_discussion(article)
    newsletter = make_newsletter(schedule="daily", time="07:00")
    newsletter.sections.add(section)
    stated = {"ai_uses": ["draft"], "ai_draft": "By a model.", "reviews": [{"reviewer": 1, "checked": ["law"]}]}
    issue = make_issue(newsletter, article, state="sent", prepared_at=timezone.now(), slug="2026-11-29", **stated)
    issue.articles.update(version=article.served())
    make_issue(newsletter, kind="letter", subject="Not sent yet")


def make_withdrawn_and_redacted(editor):
    withdrawn = make_article(headline="Gone", slug="gone", body="<p>The secret of the mayor.</p>")
    schedule_expiry(item=withdrawn, at=timezone.now() + timedelta(hours=1), note="By order of a court.")
    Article.objects.filter(pk=withdrawn.pk).update(withdrawn_at=withdrawn.served().public_from)
    withdrawn.withdrawals.update(at=withdrawn.served().public_from)
    redacted = make_article(headline="Now without names", slug="redacted", body="<p>The name of the witness.</p>")
    make_version(redacted, body="<p>Without.</p>", by=editor, kind="clarification", note="A name was removed.")
    redact(item=redacted, version=redacted.versions.get(number=1), reason="To protect a witness.")


def make_menu_and_front_page(article, section, page, dossier):
    items = [{"kind": "section", "target": str(section.uuid), "label": "Towns"}]
    items += [{"kind": "page", "target": str(page.uuid), "label": ""}]
    items += [{"kind": "dossier", "target": str(dossier.uuid), "label": ""}]
    MenuEdition.objects.create(number=1, content={"main": items, "columns": []})
    draft = save_draft(layout=Layout(lead=Place(str(article.uuid))), seen=HomepageDraft.current().version)
    publish_draft(seen=draft.version, last=last_number())


def make_discussion(article):
    reader = make_user(email="secret-address@example.org", display_name="Rosa Reader")
    first = make_comment(article=article, author=reader, text="I *crossed* it.")
    make_comment(article=article, parent=first, author=make_user(display_name="Otto"), text="So did I.")
    removed = make_comment(
        article=article,
        author=reader,
        text="A rude word.",
        status="removed",
        removed_at=timezone.now(),
        removed_reason="Deleted.",
        removed_by=reader,
    )
    make_comment(article=article, parent=removed, text="Why?")
    old = NewComment("1", "", "Old Reader", "From before.", datetime(2010, 1, 2, tzinfo=UTC), is_visible=True)
    import_threads([ImportedThread(article, [old])])
    make_grant(reader)
    make_subscription(reader)
    add_reads({(date(2026, 5, 6), article.pk): 12})
    ReadSource.objects.add({(date(2026, 5, 6), article.pk, SourceKind.HOST, "news.example"): 5})
    SourceDay.objects.add({(date(2026, 5, 6), "news.example", SourceKind.HOST): 5})
    AgentDay.objects.add({(date(2026, 5, 6), "GPTBot", Kind.TRAINING): 9})
    NotCounted.objects.add({(date(2026, 5, 6), NotCounted.Reason.AGAIN): 3})
    SavedBlock.objects.create(name="Call", body="<p>Write to us.</p>")


def empty_site():
    """Delete all rows, as in a database that was just migrated."""
    with connection.cursor() as cursor:
        for model in [*converted_models(), *rebuilt_models()]:
            if model._meta.db_table not in KEPT:
                cursor.execute(f"DELETE FROM {connection.ops.quote_name(model._meta.db_table)}")
    forget_publication()


def contents(folder):
    """Return the contents of all files by path."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def lines(folder, name):
    return [json.loads(line) for line in (folder / name).read_text(encoding="utf-8").split("\n") if line]


def run(command, *arguments, **options):
    out = StringIO()
    call_command(command, *arguments, stdout=out, stderr=out, **options)
    return out.getvalue()


class ExportCase(TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.first, self.second = self.folder / "first", self.folder / "second"


class RoundTripTests(ExportCase):
    @classmethod
    def setUpTestData(cls):
        make_site()

    def go_round(self, *options):
        run("export_site", self.first, *options)
        empty_site()
        output = run("import_export", self.first)
        run("export_site", self.second, *options)
        return output

    def assert_same_files(self, leaving_out=()):
        first, second = contents(self.first), contents(self.second)
        self.assertEqual(first.keys(), second.keys())
        self.assertEqual([name for name in first if first[name] != second[name] and name not in leaving_out], [])

    def test_the_files_are_the_same(self):
        output = self.go_round()
        self.assert_same_files()
        self.assertIn("Verified:", output)
        self.assertEqual(mail.outbox, [])

    def test_every_file_has_lines(self):
        run("export_site", self.first, "--readers")
        counts = json.loads((self.first / "manifest.json").read_text())["counts"]
        self.assertEqual([name for name, count in counts.items() if not count], [])

    def test_what_is_derived_is_built_again(self):
        def derived():
            # The withdrawn article has no text in an export, so it is in no list and uses nothing.
            rows = {model.__name__: model.objects.count() for model in DERIVED}
            rows |= {model.__name__: model.objects.exclude(article__slug="gone").count() for model in LISTED}
            live = Version.objects.exclude(content=None).exclude(article__slug="gone").order_by("pk")
            return rows, list(live.values(*RENDERED))

        before = derived()
        self.go_round()
        self.assertEqual(derived(), before)
        self.assertIn("Served as recorded", run("verify_record", "--served"))

    def test_pages_are_served(self):
        self.go_round()
        response = self.client.get("/articles/bridge/")
        self.assertContains(response, "The bridge of Varn")
        self.assertContains(response, "It was June.")
        self.assertRedirects(self.client.get("/?p=7"), "/articles/bridge/", 301, fetch_redirect_response=False)
        self.assertEqual(self.client.get("/articles/gone/").status_code, 410)
        self.assertEqual(self.client.get("/articles/not-yet/").status_code, 404)
        self.assertContains(self.client.get("/search/?q=closed"), "The bridge of Varn")
        self.assertContains(self.client.get("/"), "Towns")

    def test_comments_keep_their_names_without_accounts(self):
        self.go_round()
        self.assertFalse(User.objects.exists())
        names = set(Comment.objects.values_list("imported_name", flat=True))
        self.assertLessEqual({"Rosa Reader", "Otto", "Old Reader"}, names)
        comment = Comment.objects.get(text="So did I.")
        self.assertIn("<em>crossed</em>", comment.parent.html)
        self.assertTrue(Comment.objects.get(status="removed").is_deleted_by_author)
        self.assertEqual(Thread.objects.get().visible_count, Comment.objects.visible().count())

    def test_nothing_secret_is_in_it(self):
        run("export_site", self.first)
        text = b"".join(contents(self.first).values()).decode(errors="replace")
        for secret in ("secret-address@", "secret of the mayor", "name of the witness", "A rude word", "pbkdf2"):
            self.assertNotIn(secret, text)
        self.assertIn("To protect a witness.", text)

    def test_readers_come_without_passwords(self):
        self.go_round("--readers")
        self.assert_same_files(leaving_out={"manifest.json", "subscriptions.jsonl"})
        reader = User.objects.get(email="secret-address@example.org")
        self.assertFalse(reader.has_usable_password())
        self.assertFalse(User.objects.filter(is_staff=True).exists())
        self.assertEqual(set(Grant.objects.filter(user=reader).values_list("level", flat=True)), {10})
        self.assertEqual(Comment.objects.get(text__contains="crossed").author, reader)
        self.assertEqual(mail.outbox, [])

    def test_new_rows_get_new_numbers(self):
        self.go_round()
        article = make_article()
        self.assertGreater(article.pk, Article.objects.get(slug="gone").pk)
        self.assertTrue(ReplacedFile.objects.exists() and Page.objects.exists())
