"""Two editors write the same issue: the second one sees what saving would change, and nothing is lost."""

from tests.budget import takes_longer
from tests.factories import make_article
from tests.html import page_of, text_of
from tests.truthlytics.newsletters.test_issue_admin import IssueAdminTests, rows, url


class EditConflictTests(IssueAdminTests):
    def opened(self, issue):
        """The value of the hidden field in the form of an editor who opens it now."""
        return self.client.get(url(issue)).context["adminform"].form["seen"].value()

    def save(self, issue, **data):
        return self.client.post(url(issue), {"subject": issue.subject, "body": issue.body} | data)

    def test_the_second_save_is_refused_and_keeps_both_texts(self):
        issue = self.letter(subject="Hello")
        seen = self.opened(issue)
        self.assertEqual(self.save(issue, seen=seen, subject="First", body="<p>Dear all.</p>").status_code, 302)
        for button in ("_save", "_preview", "_send"):
            refused = self.save(issue, seen=seen, subject="Second", preview_text="Mine", **{button: "1"})
            self.assertContains(refused, "Another version was saved after you opened this one.")
        self.assertContains(refused, ">\nSecond</textarea>")
        self.assertContains(refused, "Dear readers.")
        [diff] = page_of(refused).find_class("diff")
        removed, added = (" ".join(text_of(part) for part in diff.iter(tag)) for tag in ("del", "ins"))
        for part in ("First", "all"):
            self.assertIn(part, removed)
        for part in ("Second", "Mine", "readers"):
            self.assertIn(part, added)
        issue.refresh_from_db()
        self.assertEqual((issue.subject, issue.body), ("First", "<p>Dear all.</p>"))

    def test_saving_again_after_the_comparison_saves(self):
        issue = self.letter(subject="Hello")
        seen = self.opened(issue)
        self.save(issue, seen=seen, subject="First")
        refused = self.save(issue, seen=seen, subject="Second")
        seen_again = refused.context["adminform"].form["seen"].value()
        self.assertEqual(self.save(issue, seen=seen_again, subject="Second").status_code, 302)
        issue.refresh_from_db()
        self.assertEqual(issue.subject, "Second")

    @takes_longer("Many requests, one after the other.")
    def test_one_editor_saves_as_often_as_they_like(self):
        issue = self.letter(subject="Hello")
        for subject in ("One", "Two"):
            self.assertEqual(self.save(issue, seen=self.opened(issue), subject=subject).status_code, 302)
        self.assertFalse(page_of(self.client.get(url(issue))).find_class("diff"))

    def test_articles_of_a_digest_are_compared_and_kept(self):
        other, theirs, mine = (make_article(headline=name) for name in ("Other", "Theirs", "Mine"))
        self.start(kind="digest")
        issue = self.newsletter.issues.get()
        seen = self.opened(issue)
        existing = [(row.pk, row.article.slug, row.position) for row in issue.articles.all()]
        gone = [(pk, "" if slug == other.slug else slug, position) for pk, slug, position in existing]
        gone = [(pk, "" if slug == mine.slug else slug, position) for pk, slug, position in gone]
        self.assertEqual(self.save(issue, seen=seen, **rows(existing=gone)).status_code, 302)
        refused = self.save(issue, seen=seen, **rows(existing=existing))
        self.assertContains(refused, "Another version was saved")
        [diff] = page_of(refused).find_class("diff")
        added = " ".join(text_of(part) for part in diff.iter("ins"))
        self.assertIn("Other", added)
        self.assertNotIn("Theirs", added)
        self.assertEqual({row.article for row in issue.articles.all()}, {self.article, theirs})
        again = refused.context["adminform"].form["seen"].value()
        self.assertEqual(self.save(issue, seen=again, **rows(existing=existing)).status_code, 302)
        self.assertEqual({row.article for row in issue.articles.all()}, {self.article, theirs, other, mine})
