"""The report on use of AI and review, and the same computed from outside: from the log and the export."""

import csv
import io
import json
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from articles.services.publishing import content_of, publish, withdraw
from articles.services.reviews import add_review
from tests.articles.admin.editor import EditorTestCase
from tests.articles.management.commands import run
from tests.factories import make_article, make_draft, make_user, make_version
from tests.record_key import use_key
from truthlytics.transparency.services.entries import append_due

PAGE, CSV = reverse("admin:responsibility"), reverse("admin:responsibility_csv")


# --- From outside: nothing of the product is used here --------------------------------------------------------------
def entries_of_log(fetch):
    """Return the entries about versions of articles by UUID and number, read from https://c2sp.org/tlog-tiles."""
    size = int(fetch("/record/log/checkpoint").decode().split("\n")[1])
    assert size < 256  # one tile
    tile, found, position = fetch(f"/record/log/tile/entries/000.p/{size}"), {}, 0
    while tile:
        length = int.from_bytes(tile[:2], "big")
        entry, tile = json.loads(tile[2 : 2 + length]), tile[2 + length :]
        if entry["kind"] == "version" and entry["item"] == "article":
            found[entry["uuid"], entry["number"]] = (position, entry)
        position += 1
    return found


def report_from_outside(fetch, export, first, last):
    """Return [uuid, number, entry, use of AI, labels, reviewed, responsible] of each version of the period."""
    log, rows = entries_of_log(fetch), []
    for line in map(json.loads, export.splitlines()):
        key = line["uuid"], line["number"]
        if key not in log or not first <= log[key][1]["time"] < last:
            continue
        assert log[key][1]["digest"] == line["digest"]
        content = json.loads(line["content"]) if isinstance(line["content"], str) else line["content"]
        uses, reviews = content.get("ai_uses", []), content.get("reviews", [])
        of_this = [one for one in reviews if one["of_this_text"]]
        good = [one for one in of_this if {"facts", "sources"} <= {*one["checked"]} and one["responsible"]]
        words = {"translation": "translated", "draft": "written", "parts": "parts"}
        labels = [words[use] for use in uses if use in words and not good]
        labels += [use for use in uses if use in {"pictures", "sound"}]
        responsible = sorted({one["responsible"] for one in of_this} - {""})
        rows.append([*key, log[key][0], " ".join(uses), " ".join(labels), len(of_this), "; ".join(responsible)])
    return sorted(rows, key=lambda row: row[2])


class ReportTests(EditorTestCase):
    def setUp(self):
        super().setUp()
        use_key(self)

    def make_articles(self):
        """Publish in an order in which every label and every kind of review occurs."""
        now = timezone.now()
        make_article(ai_uses=["none"], at=now - timedelta(days=40))
        for uses, checked in [(["draft"], ["facts", "sources"]), (["translation"], ["language"]), (["language"], [])]:
            article = make_draft(ai_uses=uses)
            if checked:
                add_review(item=article, content=content_of(article), by=self.editor, checked=checked,
                           role="Editor", is_named=True)  # fmt: skip
            publish(item=article)
        make_version(article, ai_uses=["parts", "pictures"], kind="note", note="We had stated it wrongly.")
        make_version(article, body="<p>Other words.</p>", kind="update", note="News.")
        make_article(ai_uses=[])
        append_due(timezone.now() + timedelta(seconds=1))

    def rows(self, **period):
        text = b"".join(self.client.get(CSV, period).streaming_content).decode()
        return list(csv.DictReader(io.StringIO(text)))

    def test_it_is_the_same_as_from_outside(self):
        self.make_articles()
        today = timezone.localdate()
        period = {"first": (today - timedelta(days=2)).isoformat(), "last": today.isoformat()}
        rows = [
            [row["uuid"], int(row["version"]), int(row["entry"]), row["ai_uses"], row["labels"],
             len([name for name in row["reviews"].split("; ") if name]), row["responsible"]]
            for row in self.rows(**period)
        ]  # fmt: skip
        start, end = (f"{today + timedelta(days=days)}T00:00:00Z" for days in (-2, 1))
        fetch = lambda path: self.client.get(path).content  # noqa: E731
        self.assertEqual(len(rows), 6)
        self.assertEqual(
            sorted(rows, key=lambda row: row[2]), report_from_outside(fetch, run("export_record"), start, end)
        )

    def test_page_counts_and_names_them(self):
        self.make_articles()
        today = timezone.localdate()
        page = self.client.get(PAGE, {"first": today - timedelta(days=50), "last": today})
        self.assertContains(page, "7 publications from")
        self.assertEqual(page.context["count"], 7)
        self.assertEqual((page.context["labelled"], page.context["not_stated"]), (3, 1))
        self.assertContains(page, "Edith Orr (Editor)")

    def test_withdrawn_articles_stay_in_it(self):
        article = make_article()
        withdraw(item=article)
        today = timezone.localdate().isoformat()
        self.assertEqual([row["uuid"] for row in self.rows(first=today, last=today)], [str(article.uuid)])

    def test_headline_is_no_formula(self):
        make_article(headline="=1+1")
        today = timezone.localdate().isoformat()
        self.assertEqual(self.rows(first=today, last=today)[0]["headline"], "'=1+1")

    def test_bad_periods_are_refused_with_a_sentence(self):
        for first, last, sentence in [
            ("2026-02-02", "2026-02-01", "The last day is before the first one."),
            ("0001-01-01", "9999-12-31", "Choose dates between 1900 and 2200."),
            ("soon", "", "Enter a valid date."),
        ]:
            for path in (PAGE, CSV):
                with self.subTest(first=first, path=path):
                    self.assertContains(
                        self.client.get(path, {"first": first, "last": last}), sentence, status_code=422
                    )

    def test_only_for_publishers(self):
        self.client.force_login(make_user(is_staff=True))
        for path in (PAGE, CSV):
            self.assertEqual(self.client.get(path).status_code, 403)
