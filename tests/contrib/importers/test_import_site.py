"""Tests of the `import_site` command."""

import gzip
import json
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest import mock

from django.db import IntegrityError, connection, transaction
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.access import Level
from articles.checks import Check, Severity
from articles.models import Article, Author, Redirect, Section, Topic, Version
from articles.services.publishing import NotReadyError, withdraw
from tests.budget import takes_longer
from tests.contrib.importers.running import import_site
from tests.factories import make_author, make_draft, make_section, make_topic
from truthlytics.contrib.importers.models import ImportedObject, ImportRun


def record(**fields):
    fields.setdefault("title", "The bridge at Varn")
    fields.setdefault("body", "It was **closed** in May.")
    fields.setdefault("authors", ["Ada Orr"])
    fields.setdefault("section", "Cities")
    fields.setdefault("published_at", "2014-05-06T10:00:00+02:00")
    return fields


class ImportCase(TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.report = self.folder / "report.jsonl"

    def file(self, *records, name="site.jsonl"):
        path = self.folder / name
        lines = [item if isinstance(item, bytes) else json.dumps(item).encode() for item in records]
        data = b"\n".join(lines) + b"\n"
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return path

    def run_import(self, *records, **options):
        """Return the exit status, the output and the reported losses."""
        path = options.pop("path", None) or self.file(*records)
        status, out = import_site("jsonl", path, report=self.report, **options)
        lines = self.report.read_text(encoding="utf-8").splitlines() if self.report.exists() else []
        return status, out, [json.loads(line) for line in lines]

    def codes(self, losses):
        return [(loss["code"], loss["line"]) for loss in losses]


class ImportTests(ImportCase):
    def test_utf_16_is_refused_line_by_line(self):
        path = self.folder / "site.jsonl"
        for encoding in ("utf-16", "utf-16-be"):
            path.write_bytes(f"{json.dumps(record())}\n".encode(encoding))
            status, _, losses = self.run_import(path=path)
            self.assertEqual((status, {loss["code"] for loss in losses}), (2, {"line"}))
            self.assertFalse(Article.objects.exists())

    def test_articles_that_fail_the_publishing_checks_are_imported(self):
        status, _, losses = self.run_import(record(title="TK Elevator", body="TK’s lifts. [3] See /nowhere."))
        self.assertEqual((status, losses), (0, []))
        article = Article.objects.published().get()
        self.assertEqual((article.live.headline, article.stage), ("TK Elevator", "published"))

    def test_a_complete_record_is_published(self):
        status, _, losses = self.run_import(
            record(
                id=7,
                standfirst="Nobody *crossed*.",
                topics=["Bridges", "bridges", "Ferries"],
                kind="report",
                url="https://old.example/2014/05/bridge%20closed/?x=1",
                aliases=["/b/7"],
                access="subscribers",
                authors=["Ada Orr", {"name": "Ben Ito"}],
                slug="bridge",
            )
        )
        self.assertEqual((status, losses), (0, []))
        article = Article.objects.get()
        version = article.live
        self.assertEqual((article.slug, version.headline), ("bridge", "The bridge at Varn"))
        self.assertEqual((version.standfirst, version.kind), ("Nobody crossed.", "report"))
        self.assertEqual(version.plain_all, "It was closed in May.")
        self.assertEqual(version.required_level, Level.SUBSCRIBER)
        self.assertEqual(article.published_at, datetime(2014, 5, 6, 8, tzinfo=UTC))
        self.assertEqual([byline["name"] for byline in version.head["bylines"]], ["Ada Orr", "Ben Ito"])
        self.assertEqual([topic["name"] for topic in version.head["topics"]], ["Bridges", "Ferries"])
        self.assertEqual(version.head["section"]["slug"], "cities")
        response = self.client.get("/2014/05/bridge%20closed")
        self.assertEqual((response.status_code, response["Location"]), (301, "/articles/bridge/"))
        self.assertEqual(self.client.get("/b/7/")["Location"], "/articles/bridge/")

    def test_existing_authors_topics_and_sections_are_reused(self):
        author, topic = make_author(name="Ada Orr"), make_topic(name="Open Source", slug="open-source")
        section = make_section(name="World", slug="world")
        self.run_import(record(authors=["ada orr"], topics=["open-source"], section="world"))
        article = Article.objects.get()
        self.assertEqual(list(article.authors.all()), [author])
        self.assertEqual(list(article.topics.all()), [topic])
        self.assertEqual(article.section, section)

    def test_the_section_option_overrides_the_records(self):
        self.run_import(record(section="Cities"), record(title="Two", section=None), section="the-archive")
        self.assertEqual(Section.objects.get().name, "The archive")

    def test_authors_are_mapped(self):
        path = self.folder / "map.csv"
        path.write_text("source,name,slug\nada,Ada Orr,ada-orr\nAOrr,Ada Orr,ada-orr\n,The Staff,\n", encoding="utf-8")
        self.run_import(record(authors=["Ada", "aorr"]), record(title="Two", authors=[]), authors=path)
        names = Article.objects.order_by("pk").values_list("authors__name", flat=True)
        self.assertEqual(list(names), ["Ada Orr", "The Staff"])
        self.assertEqual(Author.objects.get(name="Ada Orr").slug, "ada-orr")

    def test_sections_are_mapped(self):
        section = make_section(name="World", slug="world")
        path = self.folder / "map.csv"
        path.write_text("source,name,slug\nAbroad,World,world\n,Notes,\n", encoding="utf-8")
        self.run_import(record(section="abroad"), record(title="Two", section=None), sections=path)
        names = Article.objects.order_by("pk").values_list("section__name", flat=True)
        self.assertEqual(list(names), ["World", "Notes"])
        self.assertEqual(Article.objects.earliest("pk").section, section)

    def test_one_import_runs_at_a_time(self):
        now, elsewhere = timezone.now(), "elsewhere:1"
        other = ImportRun.objects.create(format="jsonl", file="b", status="importing", process=elsewhere, seen_at=now)
        status, output, _ = self.run_import(record())
        self.assertEqual((status, Article.objects.count()), (1, 0))
        self.assertIn("Another import is in progress.", output)
        with self.assertRaises(IntegrityError), transaction.atomic():
            ImportRun.objects.create(format="jsonl", file="c", status="checking")
        ImportRun.objects.update(seen_at=now - timedelta(minutes=11))
        self.assertEqual(self.run_import(record())[0], 0)
        other.refresh_from_db()
        self.assertEqual((other.status, ImportRun.objects.latest("pk").status), ("stopped", "done"))

    def test_gzip_is_detected_by_content(self):
        gzipped = self.file(record(), name="site.jsonl.gz").rename(self.folder / "named.jsonl")
        self.assertEqual(self.run_import(path=gzipped)[0], 0)
        self.assertEqual(Article.objects.count(), 1)

    def test_duplicate_slugs_get_a_date_and_then_a_number(self):
        make_draft(slug="note")
        records = [record(id=number, title="Note", slug="note") for number in range(3)]
        self.run_import(*records)
        slugs = ImportedObject.objects.order_by("pk").values_list("article__slug", flat=True)
        self.assertEqual(list(slugs), ["note-2014-05-06", "note-2014-05-06-2", "note-2014-05-06-3"])

    def test_links_between_records_point_to_the_new_urls_in_any_order(self):
        def body(link):
            return f"Read [this]({link}) and [that](/about/)."

        one = record(id=1, slug="one", url="https://old.example/a/one/", body=body("{{ site.baseurl }}/b/two"))
        two = record(id=2, slug="two", url="http://www.old.example/b/two/", body=body("https://old.example/a/one/#end"))
        self.run_import(one, two)
        first, second = Article.objects.order_by("pk")
        self.assertIn('href="/articles/two/"', first.body)
        self.assertIn('href="https://old.example/about/"', first.body)
        self.assertIn('href="/articles/one/#end"', second.body)


class LossTests(ImportCase):
    def test_invalid_lines_are_reported_and_the_others_imported(self):
        bad = [
            b"{not json",
            b"[1, 2]",
            b"\xff\xfe{}",
            b'{"title": "a\x00b"}',
            {"title": ["x"], "body": "y"},
            {"title": "x"},
            {"body": "y"},
            {"title": "x", "body": 5},
            {"title": "x", "body": "y", "authors": {"a": 1}},
            {"title": "x", "body": "y", "body_format": "rtf"},
            b"[" * 100_000,
            b'{"title": "' + b"x" * 9_000_000 + b'"}',
        ]
        status, out, losses = self.run_import(*bad, record())
        self.assertEqual(status, 2)
        self.assertEqual(self.codes(losses), [("line", number) for number in range(1, len(bad) + 1)])
        self.assertIn("line 2: It is not a JSON object.", out)
        self.assertEqual(Article.objects.count(), 1)

    @takes_longer("A whole site is imported or exported.")
    def test_lines_before_damage_in_a_gzip_file_are_imported(self):
        path = self.file(*[record(id=n, body="Word " * 9000) for n in range(1, 12)], name="site.jsonl.gz")
        path.write_bytes(path.read_bytes()[:-30])
        status, _, losses = self.run_import(path=path)
        self.assertEqual((status, losses[-1]["code"]), (2, "line"))
        self.assertGreater(Article.objects.count(), 0)

    def test_unpublishable_records_become_drafts_and_are_reported(self):
        cases = {"published_at": None, "access": "friends", "authors": []}
        bad_date = record(id="date", published_at="last week")
        status, _, losses = self.run_import(bad_date, *[record(id=name, **{name: cases[name]}) for name in cases])
        self.assertEqual(status, 2)
        self.assertEqual(Version.objects.count(), 0)
        self.assertEqual(Article.objects.count(), 4)
        self.assertEqual(len([loss for loss in losses if loss["code"] == "draft"]), 4)
        self.assertEqual(ImportedObject.objects.get(source_id="access").article.required_level, Level.SUPPORTER)

    def test_duplicate_ids_are_imported_once(self):
        for _ in range(2):
            _, _, losses = self.run_import(record(id=1), record(id=1, title="Other"))
            self.assertEqual(self.codes(losses), [("repeated", 2)])
        self.assertEqual(Version.objects.count(), 1)

    def test_long_texts_are_shortened_and_control_characters_removed(self):
        _, _, losses = self.run_import(record(title="Long " * 80, standfirst="a\x00b", slug="s"))
        self.assertEqual({loss["code"] for loss in losses}, {"shortened", "characters"})
        version = Version.objects.get()
        self.assertTrue(version.headline.endswith("Long…"))
        self.assertEqual(version.standfirst, "ab")

    def test_existing_redirects_are_not_changed(self):
        other = make_draft()
        Redirect.objects.create(path="/x", article=other)
        _, _, losses = self.run_import(record(path="/x/"))
        self.assertEqual(self.codes(losses), [("address", 1)])
        self.assertEqual(Redirect.objects.get().article, other)

    def test_what_a_check_of_a_plugin_cannot_judge_is_refused(self):
        def fails(check, manuscript):
            raise ZeroDivisionError("no")

        for severity, expected in ((Severity.ESSENTIAL, []), (Severity.BLOCKING, ["The bridge at Varn"])):
            attributes = {"run": fails, "severity": severity, "articles_only": False, "__module__": "harbourmaster"}
            checks = [type("Tides", (), attributes), *Check.__subclasses__()]
            with mock.patch.object(Check, "__subclasses__", lambda found=checks: found):
                _status, _out, losses = self.run_import(record(id="1"))
            self.assertEqual([article.headline for article in Article.objects.published()], expected)
            said = [loss["what"] for loss in losses if loss["code"] == "refused"]
            self.assertEqual([("Tides" in text, "failed" in text) for text in said], [(True, True)] * (not expected))

    def test_records_after_a_refused_one_are_imported(self):
        refused = NotReadyError(["No."])
        # Together, and then one by one.
        publishing = "truthlytics.contrib.importers.creation.publish_first_versions"
        with mock.patch(publishing, side_effect=[refused, refused, None]):
            _, _, losses = self.run_import(record(id=1), record(id=2))
        self.assertEqual(self.codes(losses), [("refused", 1)])
        imported = ImportedObject.objects.get()
        self.assertEqual((imported.source_id, imported.run), ("2", ImportRun.objects.get()))

    def test_sections_of_drafts_alone_are_not_created(self):
        draft = record(id=1, published_at="", section="Secret plans")
        _, _, losses = self.run_import(draft, record(id=2, published_at=""), record(id=3))
        self.assertEqual([loss["what"] for loss in losses if loss["code"] == "section"], ["Secret plans"])
        self.assertEqual([section.name for section in Section.objects.all()], ["Cities"])
        names = Article.objects.order_by("pk").values_list("section__name", flat=True)
        self.assertEqual(list(names), [None, "Cities", "Cities"])
        self.run_import(draft | {"published_at": "2014-05-06"})
        self.assertEqual(Article.objects.earliest("pk").live.head["section"]["name"], "Secret plans")


class AccessSignTests(ImportCase):
    SIGNS = (
        {"members_only": True},
        {"meta": {"tier": "gold"}},
        {"audience": "subscribers"},
        {"isPremium": 0},
        {"paywall": None},
        {"body": "One.\n\n<!--members-only-->\n\nTwo."},
        {"body": "One. {{paywall}} Two."},
    )

    def test_unknown_fields_and_marks_that_look_like_access_rules_make_drafts(self):
        records = [record(id=number, title=f"Text {number}") | extra for number, extra in enumerate(self.SIGNS)]
        self.run_import(*records, record(id="open", title="Open", hero="members.jpg", note="Members were paid."))
        self.assertEqual([article.headline for article in Article.objects.published()], ["Open"])
        self.assertEqual(Article.objects.count(), len(self.SIGNS) + 1)

    def test_those_that_are_harmless_do_not(self):
        records = [record(id=1, members_only=False), record(id=2, members_only=True)]
        self.run_import(*records, harmless=["field members_only = False"])
        self.assertEqual(Article.objects.published().count(), 1)


class RepeatedImportTests(ImportCase):
    def state(self):
        models = (Article, Version, Author, Topic, Section, Redirect, ImportedObject, ImportRun)
        return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}

    def test_a_second_run_writes_nothing(self):
        path = self.file(record(id=1, topics=["A"], path="/a"), record(id=2, published_at=None))
        self.run_import(path=path)
        before = self.state()
        with CaptureQueriesContext(connection) as queries:
            status, _, _ = self.run_import(path=path)
        self.assertEqual((status, self.state()), (0, before))
        self.assertFalse([q for q in queries if q["sql"].startswith(("INSERT", "UPDATE", "DELETE"))])

    def test_a_dry_run_writes_nothing_and_reports_the_same(self):
        path = self.file(record(id=1, topics=["A", "a"], body="![x](y.png) and {% toc %}"), record(id=2), b"no")
        before = self.state()
        with CaptureQueriesContext(connection) as queries:
            dry = self.run_import(path=path, dry_run=True)
        self.assertFalse([q for q in queries if q["sql"].startswith(("INSERT", "UPDATE", "DELETE"))])
        self.assertEqual(self.state(), before)
        real = self.run_import(path=path)
        self.assertEqual((dry[0], dry[2]), (real[0], real[2]))
        self.assertEqual(dry[1].replace("Dry run: ", "").replace("Dry run finished, with", "Done, with"), real[1])

    def test_the_summary_counts_one_in_the_singular(self):
        status, out, _ = self.run_import(record(id=1, topics=["A", "B"], body="![x](y.png)"), dry_run=True)
        self.assertIn("1 new (1 published, 0 drafts), 0 updated", out)
        self.assertIn("1 author, 2 topics and 1 section created.\n", out)
        self.assertIn("Images not included: 1\n", out)
        self.assertEqual(status, 2)
        self.assertTrue(out.endswith(f"Dry run finished, with 1 difference from the source. See {self.report}.\n"))
        self.assertNotIn("CommandError", out)
        self.assertIn("\nDone, with 1 difference from", self.run_import(record(id=1, body="![x](y.png)"))[1])

    def test_a_changed_record_becomes_a_new_version_with_a_note(self):
        self.run_import(record(id=1, source="old.example"))
        self.run_import(record(id=1, source="old.example", body="It was opened again.", authors=["Ben Ito"]))
        article = Article.objects.get()
        self.assertEqual(article.live.number, 2)
        self.assertEqual(article.live.note, "Updated from old.example, where it had changed since it was imported")
        self.assertEqual(article.live.change.kind, "note")
        self.assertEqual(article.live.plain_all, "It was opened again.")
        self.assertEqual(article.published_at, datetime(2014, 5, 6, 8, tzinfo=UTC))
        self.assertEqual([byline["name"] for byline in article.live.head["bylines"]], ["Ben Ito"])

    def test_a_change_of_ignored_fields_creates_no_version(self):
        self.run_import(record(id=1))
        self.run_import(record(id=1, words=5))
        self.assertEqual(Version.objects.count(), 1)

    def test_articles_edited_here_are_kept_and_reported(self):
        self.run_import(record(id=1))
        Article.objects.update(headline="Ours")
        status, _, losses = self.run_import(record(id=1, title="Theirs"))
        self.assertEqual((status, self.codes(losses)), (2, [("edited", 1)]))
        self.assertEqual(Article.objects.get().headline, "Ours")

    def test_a_draft_is_published_when_its_date_is_added(self):
        self.run_import(record(id=1, published_at=""))
        self.run_import(record(id=1))
        article = Article.objects.get()
        self.assertEqual((article.live.number, article.live.note), (1, "Imported from jsonl"))
        self.assertEqual(article.published_at, datetime(2014, 5, 6, 8, tzinfo=UTC))

    def test_a_scheduled_article_stays_scheduled_when_its_text_or_date_changes(self):
        first, second = datetime(2040, 1, 1, tzinfo=UTC), datetime(2040, 2, 1, tzinfo=UTC)
        later = record(id=1, published_at=first.isoformat())
        self.run_import(later)
        for changed, at in (
            (later | {"body": "Other."}, first),
            (later | {"body": "Other.", "published_at": second.isoformat()}, second),
        ):
            status, _, losses = self.run_import(changed)
            article = Article.objects.get()
            self.assertEqual((status, losses, article.state()), (0, [], "scheduled"))
            self.assertEqual((article.published_at, article.upcoming_at), (at, at))
            self.assertEqual(article.upcoming.plain_all, "Other.")
            self.assertEqual(self.client.get(article.get_absolute_url()).status_code, 404)

    def test_what_became_a_draft_in_the_source_is_unscheduled(self):
        for headline, codes in (("The bridge at Varn", ["draft"]), ("Edited here", ["draft", "edited"])):
            self.run_import(record(id=headline, published_at="2040-01-01"))
            article = Article.objects.latest("pk")
            Article.objects.filter(pk=article.pk).update(headline=headline)
            draft = record(id=headline, published_at="", body="Secret.")
            dry, real = self.run_import(draft, dry_run=True)[2], self.run_import(draft)[2]
            self.assertEqual(dry, real)
            self.assertEqual([loss["code"] for loss in real], codes)
            self.assertIn("It is no longer scheduled.", real[0]["what"])
            article.refresh_from_db()
            self.assertEqual((article.state(), article.published_at), ("draft", None))

    def test_what_is_still_public_here_is_reported_until_it_is_withdrawn(self):
        self.run_import(record(id=1))
        article, draft = Article.objects.get(), record(id=1, published_at="", body="Secret.")
        for _ in range(2):
            status, out, losses = self.run_import(draft)
            self.assertEqual((status, self.codes(losses)), (2, [("public", 1)]))
            self.assertIn("Articles and pages that are still public here, although", out)
            self.assertIn("imported as drafts now: 1\n", out)
            article.refresh_from_db()
            self.assertEqual(
                (article.state(), article.body), ("published", "<p>It was <strong>closed</strong> in May.</p>")
            )
        withdraw(item=article)
        self.assertEqual(self.codes(self.run_import(draft)[2]), [("draft", 1)])
        self.assertEqual(Version.objects.count(), 1)

    def test_an_interrupted_import_can_be_continued(self):
        records = [record(id=n, title=f"Number {n}", slug="same") for n in range(60)]
        self.run_import(*records[:30])
        self.run_import(*records)
        self.assertEqual(ImportedObject.objects.count(), 60)
        self.assertEqual(Version.objects.count(), 60)


class ErrorTests(ImportCase):
    def failed(self, *records, **options):
        status, out, _ = self.run_import(*records, **options)
        self.assertEqual(status, 1)
        self.assertEqual(Article.objects.count(), 0)
        return out

    def test_errors_are_explained_and_nothing_is_written(self):
        bad_map = self.folder / "bad.csv"
        bad_map.write_text("only one cell\n", encoding="utf-8")
        self.assertIn("--section", self.failed(record(section="")))
        self.assertIn("cannot be read", self.failed(path=self.folder / "none.jsonl"))
        self.assertIn("cannot be read", self.failed(path=self.folder))
        self.assertIn("must be a slug", self.failed(record(), section="No Slug"))
        self.assertIn("Line 1 of bad.csv", self.failed(record(), authors=bad_map))
        self.assertIn("cannot be read", self.failed(record(), authors=self.folder / "none.csv"))
