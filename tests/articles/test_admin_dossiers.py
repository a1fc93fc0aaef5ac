"""Dossiers in the newsroom: plain fields, and a button that says what it will do."""

from datetime import timedelta
from unittest.mock import patch

from django.core.exceptions import ValidationError
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from articles.models import Dossier, DossierVersion
from tests.factories import make_article, make_dossier, make_editor, make_member
from truthlytics.roles import ROLES

DEEDS = ("publish", "withdraw", "restore", "unschedule", "end", "keep")


def fields(dossier=None, *, entries=(), pieces=(), **changes):
    """What the page's form sends: the rows that are there, then `entries` and `pieces`."""
    data = {"title": "A dossier", "summary": "<p>In short.</p>", "order": "hand", "slug": "", "_save": "1"}
    if dossier:
        data |= {name: getattr(dossier, name) for name in ("title", "summary", "order", "slug")}
    for name, new in (("entries", entries), ("articles", pieces)):
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


class DossierRoomCase(TestCase):
    def setUp(self):
        self.editor = make_editor()
        self.client.force_login(self.editor)
        self.article = make_article(slug="a-piece")

    def url(self, name, dossier=None):
        return reverse(f"admin:articles_dossier_{name}", args=[dossier.pk] if dossier else [])

    def save(self, dossier, **changes):
        return self.client.post(self.url("change", dossier), fields(dossier, **changes))

    def begin(self, **changes):
        return self.client.post(self.url("add"), fields(**changes))


class WritingTests(DossierRoomCase):
    def test_a_save_over_a_newer_one_is_asked_for_twice(self):
        dossier = make_dossier(self.article)
        seen = str(dossier.updated_at)
        self.save(dossier, seen=seen, title="Hers")
        refused = self.save(dossier, seen=seen, title="His")
        self.assertContains(refused, "A newer text was saved at")
        self.assertContains(refused, ">\nHis</textarea>")
        dossier.refresh_from_db()
        self.assertEqual(dossier.title, "Hers")
        self.save(dossier, seen=refused.context["adminform"].form["seen"].value(), title="His")
        dossier.refresh_from_db()
        self.assertEqual(dossier.title, "His")

    def test_dates_are_typed_as_people_write_them_and_stand_in_their_order(self):
        dates = ["20 November 2024", "2024", "Nov 2024"]
        self.begin(entries=[{"date": date, "text": f"On {date}."} for date in dates])
        dossier = Dossier.objects.get()
        self.assertEqual([entry.date for entry in dossier.entries.all()], ["2024", "2024-11", "2024-11-20"])
        self.assertEqual([entry.position for entry in dossier.entries.all()], [1, 2, 3])
        self.assertEqual(dossier.slug, "a-dossier")
        page = self.client.get(self.url("change", dossier))
        self.assertContains(page, 'value="20 November 2024"')

    def test_articles_are_named_by_their_address_and_sorted_by_number(self):
        other = make_article(slug="another-piece")
        self.begin(pieces=[
            {"article": f"https://news.example{self.article.get_absolute_url()}?x=1#y", "position": 5},
            {"article": "another-piece", "position": 2},
        ])  # fmt: skip
        dossier = Dossier.objects.get()
        self.assertEqual([piece.article for piece in dossier.articles.all()], [other, self.article])
        self.save(dossier, **{"articles-0-position": 9})
        self.assertEqual([piece.article for piece in dossier.articles.all()], [self.article, other])

    def test_an_emptied_row_goes_and_a_spare_one_is_none(self):
        dossier = make_dossier(
            self.article, entries=[{"date": "2024", "text": "Was."}, {"date": "2025", "text": "Is."}]
        )
        gone = {f"entries-0-{name}": "" for name in ("date", "text", "article", "source")}
        self.save(dossier, entries=[{"date": "", "text": "", "position": 3}], **gone, **{"articles-0-article": ""})
        self.assertEqual([entry.text for entry in dossier.entries.all()], ["Is."])
        self.assertFalse(dossier.articles.exists())

    def test_what_is_wrong_is_said_in_its_row_and_nothing_typed_is_lost(self):
        for row, sentence in [
            ({"date": "soon", "text": "Typed."}, "Write a day, a month or a year"),
            ({"date": "", "text": "Typed."}, "Say when it was."),
            ({"date": "2024", "text": ""}, "Say what happened"),
            ({"date": "2024", "text": "Typed.", "article": "no-such-piece"}, "No article has this address."),
            ({"date": "2024", "text": "Typed.", "source": "ftp://example.org/x"}, "A source is a page of the web"),
            ({"date": "2024", "text": "Typed.", "source": "javascript:alert(1)"}, "Enter a valid URL"),
            ({"date": "2024", "text": "Typed." * 99}, "at most 400"),
            ({"date": "2024\x00", "text": "Typed.", "position": "10" * 30}, "less than or equal to 999"),
        ]:
            with self.subTest(row):
                page = self.begin(entries=[row])
                self.assertContains(page, sentence)
                self.assertContains(page, row["text"] or row["date"])
        page = self.begin(pieces=[{"article": "a-piece", "position": 1}] * 2)
        self.assertContains(page, "An article stands in this list twice.")
        self.assertFalse(Dossier.objects.exists())

    def test_odd_forms_are_answered_in_words(self):
        make_dossier(title="A dossier", publish=False)
        self.assertContains(self.begin(), "Another dossier has this title.")
        self.assertContains(self.begin(title=""), "Give it a title.")
        for changes in ({"entries-TOTAL_FORMS": "x"}, {"articles-TOTAL_FORMS": 10**6}, {"order": "x"}, {"slug": "a/b"}):
            with self.subTest(changes):
                self.assertEqual(self.begin(title="Other", **changes).status_code, 200)

    def test_of_two_with_one_title_the_second_is_told(self):
        make_dossier(title="A dossier", publish=False)
        told = ValidationError({"title": "Another dossier has this title."})
        with patch.object(Dossier, "validate_unique", side_effect=[None, told]):
            self.assertContains(self.begin(), "Another dossier has this title.")

    def test_it_keeps_its_address_once_it_was_published(self):
        dossier = make_dossier(self.article)
        self.save(dossier, slug="moved", title="Renamed")
        self.assertEqual(Dossier.objects.get().slug, dossier.slug)
        self.assertEqual(Dossier.objects.get().title, "Renamed")

    def test_the_page_costs_the_same_however_many_rows_it_has(self):
        dossier = make_dossier(self.article, entries=[{"date": "2024", "text": "Was.", "article": self.article}])
        with self.assertNumQueries(10):
            self.client.get(self.url("change", dossier))
        for _ in range(9):
            article = make_article()
            dossier.articles.create(article=article)
            dossier.entries.create(date="2024", text="Was.", article=article)
        with self.assertNumQueries(10):
            self.client.get(self.url("change", dossier))
        with self.assertNumQueries(5):
            self.client.get(self.url("changelist"))


class PublishingTests(DossierRoomCase):
    def publish(self, dossier, **data):
        return self.client.post(self.url("publish", dossier), {"when": "now", "last": 0, **data})

    def test_the_button_leads_to_a_page_that_says_what_will_happen_and_does_it(self):
        dossier = make_dossier(self.article, publish=False)
        response = self.save(dossier, _publish="1")
        self.assertRedirects(response, self.url("publish", dossier))
        self.assertContains(self.client.get(response.url), "Publish now")
        self.assertContains(
            self.client.post(response.url, {"when": "now", "last": 0}, follow=True), "Version 1 is public."
        )
        self.assertEqual(DossierVersion.objects.get().created_by, self.editor)
        self.assertEqual(self.client.get(dossier.get_absolute_url()).status_code, 200)

    def test_nothing_new_is_not_published_and_of_two_at_once_the_second_is_told(self):
        dossier = make_dossier(self.article)
        self.assertContains(self.publish(dossier, last=1), "Nothing differs from version 1", status_code=422)
        dossier.entries.create(date="2024", text="More.")
        self.assertContains(self.publish(dossier, last=0), "made in the meantime", status_code=422)
        self.assertRedirects(self.publish(dossier, last=1, note="More was learnt."), self.url("change", dossier))
        self.assertContains(self.client.get(dossier.get_absolute_url()), "More was learnt.")

    def test_what_lacks_something_is_not_published(self):
        page = self.publish(make_dossier(publish=False, summary=""))
        self.assertContains(page, "Write a summary.", status_code=422)

    def test_a_plan_can_be_made_and_given_up(self):
        dossier, day = make_dossier(self.article, publish=False), timezone.localtime() + timedelta(days=2)
        self.publish(dossier, when="later", day=f"{day:%Y-%m-%d}", hour="09:00")
        self.assertEqual(dossier.state(), "scheduled")
        self.assertContains(self.client.get(self.url("publish", dossier)), "Version 1 is scheduled for")
        self.client.post(self.url("unschedule", dossier))
        self.assertEqual(Dossier.objects.get().state(), "draft")

    def test_withdrawing_and_putting_back_twice_changes_nothing(self):
        dossier = make_dossier(self.article)
        for deed, state in (("withdraw", "withdrawn"), ("restore", "published")):
            self.assertContains(self.client.get(self.url(deed, dossier)), "<button")
            for _ in range(2):
                self.assertRedirects(self.client.post(self.url(deed, dossier)), self.url("change", dossier))
                self.assertEqual(Dossier.objects.get().state(), state)

    def test_what_was_published_is_not_deleted(self):
        published, draft = make_dossier(self.article), make_dossier(publish=False)
        for dossier in (published, draft):
            self.client.post(self.url("delete", dossier), {"post": "yes"})
        self.assertEqual(list(Dossier.objects.all()), [published])

    def test_only_editors_and_publishers_reach_dossiers(self):
        dossier = make_dossier(self.article)
        for role in ROLES:
            self.client.force_login(make_member(role))
            for name in ("change", "delete", "history", *DEEDS):
                for method in ("get", "post"):
                    with self.subTest(role=role, page=name, method=method):
                        status = getattr(self.client, method)(self.url(name, dossier), {"last": "x"}).status_code
                        if role in {"Editor", "Publisher"}:
                            self.assertIn(status, {200, 302, 405, 422})
                        else:
                            self.assertEqual(status, 403)
