"""Dossiers in the admin: the form, publishing and permissions."""

from datetime import timedelta
from unittest.mock import patch

from django.contrib.admin.models import LogEntry
from django.core.exceptions import ValidationError
from django.test import TestCase, tag
from django.urls import reverse
from django.utils import timezone

from articles.models import Dossier, DossierVersion, Redirect
from tests.budget import takes_longer
from tests.factories import make_article, make_dossier, make_editor, make_member
from tests.html import page_of, text_of
from tests.queries import SameQueries
from truthlytics.roles import ROLES

ACTIONS = ("publish", "withdraw", "restore", "unschedule", "end", "keep")


def form_data(dossier=None, *, entries=(), articles=(), **changes):
    """Return the form's data: the existing rows of `dossier`, then `entries` and `articles`."""
    data = {"title": "A dossier", "summary": "<p>In short.</p>", "order": "hand", "slug": "", "_save": "1"}
    if dossier:
        data |= {name: getattr(dossier, name) for name in ("title", "summary", "order", "slug")}
    for name, new in (("entries", entries), ("articles", articles)):
        rows = list(getattr(dossier, name).all()) if dossier else []
        data |= {f"{name}-TOTAL_FORMS": len(rows) + len(new), f"{name}-INITIAL_FORMS": len(rows)}
        for number, row in enumerate(rows):
            data |= {f"{name}-{number}-id": row.pk, f"{name}-{number}-position": number + 1}
            data[f"{name}-{number}-article"] = row.article.slug if row.article else ""
            if name == "entries":
                data |= {f"{name}-{number}-date": row.date, f"{name}-{number}-text": row.text}
        for number, row in enumerate(new, start=len(rows)):
            data |= {f"{name}-{number}-{key}": value for key, value in row.items()}
    return data | changes


class DossierAdminTestCase(TestCase):
    def setUp(self):
        self.editor = make_editor()
        self.client.force_login(self.editor)
        self.article = make_article(slug="an-article")

    def url(self, name, dossier=None):
        return reverse(f"admin:articles_dossier_{name}", args=[dossier.pk] if dossier else [])

    def save(self, dossier, **changes):
        return self.client.post(self.url("change", dossier), form_data(dossier, **changes))

    def create(self, **changes):
        return self.client.post(self.url("add"), form_data(**changes))


class DossierHistoryTests(DossierAdminTestCase):
    def messages(self, dossier):
        entries = LogEntry.objects.filter(object_id=str(dossier.pk)).order_by("pk")
        return [entry.get_change_message() for entry in entries]

    def test_history_names_what_was_added(self):
        dossier, other = make_dossier(self.article), make_article(headline="The queue is the price", slug="queue")
        self.save(dossier, articles=[{"article": other.slug, "position": 2}])
        self.assertIn("Added article “The queue is the price”.", self.messages(dossier)[0])
        self.assertNotIn("at 2", self.messages(dossier)[0])

    def test_save_without_a_change_is_not_in_the_history(self):
        dossier = make_dossier(self.article)
        self.save(dossier)
        dossier.refresh_from_db()
        before = self.messages(dossier)
        self.assertEqual(self.save(dossier, seen=str(dossier.updated_at)).status_code, 302)
        self.assertEqual(self.messages(dossier), before)


class DossierFormTests(DossierAdminTestCase):
    def test_error_of_a_row_stays_in_its_cell(self):
        page = self.create(entries=[{"date": "soon", "text": "It began."}])
        # A list ends a paragraph, and the cells after it moved by one.
        self.assertNotRegex(page.content.decode(), r"<p[^>]*>(?:(?!</p>).)*<ul class=\"errorlist\"")
        self.assertContains(page, "timeline__article")

    def test_saving_over_a_newer_revision_needs_confirmation(self):
        dossier = make_dossier(self.article)
        seen = str(dossier.updated_at)
        self.save(dossier, seen=seen, title="First")
        refused = self.save(dossier, seen=seen, title="Second")
        self.assertContains(refused, "A newer version was saved at")
        self.assertContains(refused, ">\nSecond</textarea>")
        self.assertRegex(text_of(page_of(refused).find_class("diff")[0]), "First.*Second")
        dossier.refresh_from_db()
        self.assertEqual(dossier.title, "First")
        self.save(dossier, seen=refused.context["adminform"].form["seen"].value(), title="Second")
        dossier.refresh_from_db()
        self.assertEqual(dossier.title, "Second")

    def test_conflict_compares_summary_timeline_and_articles(self):
        dossier = make_dossier(self.article, summary="<p>It began in spring.</p>")
        seen = str(dossier.updated_at)
        mine = form_data(
            dossier, seen=seen, summary="<p>It began in autumn.</p>", entries=[{"date": "2024", "text": "Mine."}]
        )
        dossier.articles.create(article=make_article(headline="Theirs"), position=9)
        dossier.entries.create(date="2025-05", text="Theirs, too.")
        dossier.save()
        refused = self.client.post(self.url("change", dossier), mine)
        [diff] = page_of(refused).find_class("diff")
        removed, added = (" ".join(text_of(part) for part in diff.iter(tag)) for tag in ("del", "ins"))
        for text, parts in (
            (removed, ("spring", "Theirs", "May 2025: Theirs, too.")),
            (added, ("autumn", "2024: Mine.")),
        ):
            for part in parts:
                self.assertIn(part, text)
        self.assertNotIn(str(self.article), removed + added)
        self.assertContains(
            self.client.post(self.url("change", dossier), mine | {"entries-0-date": "soon"}), "soon: Mine."
        )
        self.assertFalse(page_of(self.client.get(self.url("change", dossier))).find_class("diff"))

    def test_written_dates_are_parsed_and_sorted(self):
        dates = ["20 November 2024", "2024", "Nov 2024"]
        self.create(entries=[{"date": date, "text": f"On {date}."} for date in dates])
        dossier = Dossier.objects.get()
        self.assertEqual([entry.date for entry in dossier.entries.all()], ["2024", "2024-11", "2024-11-20"])
        self.assertEqual([entry.position for entry in dossier.entries.all()], [1, 2, 3])
        self.assertEqual(dossier.slug, "a-dossier")
        page = self.client.get(self.url("change", dossier))
        self.assertContains(page, 'value="20 November 2024"')

    def test_articles_are_given_by_url_and_sorted_by_position(self):
        other = make_article(slug="another-article")
        self.create(
            articles=[
                {"article": f"https://news.example{self.article.get_absolute_url()}?x=1#y", "position": 5},
                {"article": "another-article", "position": 2},
            ]
        )
        dossier = Dossier.objects.get()
        self.assertEqual([row.article for row in dossier.articles.all()], [other, self.article])
        self.save(dossier, **{"articles-0-position": 9})
        self.assertEqual([row.article for row in dossier.articles.all()], [self.article, other])

    def test_articles_are_offered_by_headline(self):
        make_article(headline="Ferry timetable ends", slug="ferry")
        items = self.client.get(self.url("articles"), {"q": "TIMETABLE ferry"}).json()["items"]
        self.assertEqual([item["slug"] for item in items], ["ferry"])
        self.assertIn("Published", items[0]["details"])
        page = self.client.get(self.url("change", make_dossier(self.article)))
        self.assertContains(page, f'data-headline="{self.article.headline}"')
        self.client.force_login(make_member("Moderator"))
        self.assertEqual(self.client.get(self.url("articles")).status_code, 403)

    def test_cleared_row_is_deleted_and_blank_row_ignored(self):
        dossier = make_dossier(
            self.article, entries=[{"date": "2024", "text": "Was."}, {"date": "2025", "text": "Is."}]
        )
        cleared = {f"entries-0-{name}": "" for name in ("date", "text", "article", "source")}
        self.save(dossier, entries=[{"date": "", "text": "", "position": 3}], **cleared, **{"articles-0-article": ""})
        self.assertEqual([entry.text for entry in dossier.entries.all()], ["Is."])
        self.assertFalse(dossier.articles.exists())

    def test_errors_appear_in_their_row_and_input_is_kept(self):
        for row, message in [
            ({"date": "soon", "text": "Typed."}, "Enter a day, month or year"),
            ({"date": "", "text": "Typed."}, "Enter a date."),
            ({"date": "2024", "text": ""}, "Describe what happened"),
            ({"date": "2024", "text": "Typed.", "article": "no-such-article"}, "No article has this URL."),
            (
                {"date": "2024", "text": "Typed.", "source": "ftp://example.org/x"},
                "Enter a web URL that starts with https.",
            ),
            ({"date": "2024", "text": "Typed.", "source": "javascript:alert(1)"}, "Enter a valid URL"),
            ({"date": "2024", "text": "Typed." * 99}, "at most 400"),
            ({"date": "2024\x00", "text": "Typed.", "position": "10" * 30}, "less than or equal to 999"),
        ]:
            with self.subTest(row):
                page = self.create(entries=[row])
                self.assertContains(page, message)
                self.assertContains(page, row["text"] or row["date"])
        page = self.create(articles=[{"article": "an-article", "position": 1}] * 2)
        self.assertContains(page, "An article is listed twice.")
        self.assertFalse(Dossier.objects.exists())

    @takes_longer("Many kinds of invalid input are sent.")
    def test_invalid_forms_are_shown_again_with_errors(self):
        make_dossier(title="A dossier", publish=False)
        self.assertContains(self.create(), "Another dossier has this title.")
        self.assertContains(self.create(title=""), "Enter a title.")
        for changes in ({"entries-TOTAL_FORMS": "x"}, {"articles-TOTAL_FORMS": 10**6}, {"order": "x"}, {"slug": "a/b"}):
            with self.subTest(changes):
                self.assertEqual(self.create(title="Other", **changes).status_code, 200)

    def test_concurrent_duplicate_title_is_reported(self):
        make_dossier(title="A dossier", publish=False)
        error = ValidationError({"title": "Another dossier has this title."})
        with patch.object(Dossier, "validate_unique", side_effect=[None, error]):
            self.assertContains(self.create(), "Another dossier has this title.")

    def test_changed_slug_redirects_with_the_history(self):
        dossier = make_dossier(self.article, slug="harbour")
        self.assertContains(self.client.get(self.url("change", dossier)), "The old one redirects to it.")
        saved = self.client.post(self.url("change", dossier), form_data(dossier, slug="port"), follow=True)
        self.assertContains(saved, "The new URL applies at once")
        self.assertEqual(self.client.get("/dossiers/port/").status_code, 200)
        for path in ("", "history/"):
            old = self.client.get(f"/dossiers/harbour/{path}")
            self.assertRedirects(old, f"/dossiers/port/{path}", status_code=301)

    def test_slug_of_a_published_dossier_cannot_be_emptied_or_taken(self):
        dossier, other = make_dossier(self.article, slug="harbour"), make_dossier(self.article, slug="river")
        self.save(dossier, slug="")
        self.assertEqual(Dossier.objects.get(pk=dossier.pk).slug, "harbour")
        self.save(dossier, slug="port")
        self.assertContains(self.save(other, slug="harbour"), "This URL redirects to")
        self.assertEqual(Dossier.objects.get(pk=other.pk).slug, "river")

    def test_unpublished_dossier_leaves_no_redirect(self):
        dossier = make_dossier(self.article, slug="harbour", publish=False)
        self.save(dossier, slug="port")
        self.assertFalse(Redirect.objects.exists())

    def test_query_count_does_not_grow_with_rows(self):
        dossier = make_dossier(self.article, entries=[{"date": "2024", "text": "Was.", "article": self.article}])
        queries = SameQueries(self)
        self.client.get(self.url("change", dossier))
        with queries:
            self.client.get(self.url("change", dossier))
        for _ in range(9):
            article = make_article()
            dossier.articles.create(article=article)
            dossier.entries.create(date="2024", text="Was.", article=article)
        with queries:
            self.client.get(self.url("change", dossier))
        with self.assertNumQueries(5):
            self.client.get(self.url("changelist"))


class PublishingTests(DossierAdminTestCase):
    def publish(self, dossier, **data):
        return self.client.post(self.url("publish", dossier), {"when": "now", "last": 0, "ai_uses": "none", **data})

    def test_publish_button_leads_to_the_publish_page(self):
        dossier = make_dossier(self.article, publish=False)
        response = self.save(dossier, _publish="1")
        self.assertRedirects(response, self.url("publish", dossier))
        self.assertContains(self.client.get(response.url), "Publish now")
        data = {"when": "now", "last": 0, "ai_uses": "none"}
        self.assertContains(self.client.post(response.url, data, follow=True), "Version 1 is published.")
        self.assertEqual(DossierVersion.objects.get().created_by, self.editor)
        self.assertEqual(self.client.get(dossier.get_absolute_url()).status_code, 200)

    def test_unchanged_or_outdated_submission_is_refused(self):
        dossier = make_dossier(self.article)
        self.assertContains(
            self.publish(dossier, last=1, ai_uses=[]), "Nothing has changed since version 1", status_code=422
        )
        dossier.entries.create(date="2024", text="More.")
        self.assertContains(self.publish(dossier, last=0), "published in the meantime", status_code=422)
        self.assertRedirects(self.publish(dossier, last=1, note="More was learnt."), self.url("change", dossier))
        self.assertContains(self.client.get(dossier.get_absolute_url()), "More was learnt.")

    def test_incomplete_dossier_is_not_published(self):
        page = self.publish(make_dossier(publish=False, summary=""))
        self.assertContains(page, "Enter a summary.", status_code=422)

    def test_dossier_can_be_scheduled_and_unscheduled(self):
        dossier, day = make_dossier(self.article, publish=False), timezone.localtime() + timedelta(days=2)
        self.publish(dossier, when="later", day=f"{day:%Y-%m-%d}", hour="09:00")
        self.assertEqual(dossier.state(), "scheduled")
        self.assertContains(self.client.get(self.url("publish", dossier)), "Version 1 is scheduled for")
        self.client.post(self.url("unschedule", dossier))
        self.assertEqual(Dossier.objects.get().state(), "draft")

    def test_withdraw_and_restore_can_be_sent_twice(self):
        dossier = make_dossier(self.article)
        for action, state in (("withdraw", "withdrawn"), ("restore", "published")):
            self.assertContains(self.client.get(self.url(action, dossier)), "<button")
            self.assertRedirects(self.client.post(self.url(action, dossier)), self.url("change", dossier))
            self.assertIn(self.client.post(self.url(action, dossier)).status_code, {200, 302})
            self.assertEqual(Dossier.objects.get().state(), state)

    def test_published_dossier_cannot_be_deleted(self):
        published, draft = make_dossier(self.article), make_dossier(publish=False)
        for dossier in (published, draft):
            self.client.post(self.url("delete", dossier), {"post": "yes"})
        self.assertEqual(list(Dossier.objects.all()), [published])

    @takes_longer("Every role asks many addresses.")
    @tag("sqlite")  # permissions do not depend on the database
    def test_only_editors_and_publishers_can_manage_dossiers(self):
        dossier = make_dossier(self.article)
        for role in ROLES:
            self.client.force_login(make_member(role))
            for name in ("change", "delete", "history", *ACTIONS):
                for method in ("get", "post"):
                    with self.subTest(role=role, page=name, method=method):
                        status = getattr(self.client, method)(self.url(name, dossier), {"last": "x"}).status_code
                        if role in {"Editor", "Publisher"}:
                            self.assertIn(status, {200, 302, 405, 422})
                        else:
                            self.assertEqual(status, 403)
