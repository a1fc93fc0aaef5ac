"""The publish page of an article and the article list."""

from datetime import timedelta

import time_machine
from django.urls import reverse
from django.utils import timezone

from articles.models import Article, Remark
from articles.services.publishing import publish, withdraw
from tests.articles.admin.editor import AtMost, EditorTestCase
from tests.factories import make_article, make_author, make_draft, make_image, make_section, make_topic, publish_change


class PublishingPageTests(EditorTestCase):
    def publish(self, article, last=0, **data):
        return self.client.post(
            self.url(article, "publish"), {"when": "now", "last": last, "note": "", "ai_uses": "none"} | data
        )

    def test_publish_button_leads_to_the_publish_page(self):
        article = make_draft()
        response = self.save(article, _publish="1")
        self.assertRedirects(response, self.url(article, "publish"))
        self.assertRedirects(self.publish(article), self.url(article))
        article.refresh_from_db()
        self.assertEqual((article.state(), article.live.number, article.live.created_by), ("published", 1, self.editor))

    def test_incomplete_article_is_not_published(self):
        article = make_draft(section=None, authors=[], body="")
        for response in (self.client.get(self.url(article, "publish")), self.publish(article)):
            for message in ("Choose a section.", "Add at least one author.", "Add some text."):
                self.assertContains(response, message, status_code=response.status_code)
        article.refresh_from_db()
        self.assertEqual(article.state(), "draft")

    def test_scheduled_time_is_in_the_site_time_zone(self):
        article = make_draft()
        day = timezone.localdate() + timedelta(days=3)
        with self.settings(TIME_ZONE="Europe/Amsterdam"):
            self.assertContains(self.client.get(self.url(article, "publish")), "Europe/Amsterdam")
            self.publish(article, when="later", day=day.isoformat(), hour="09:30")
            article.refresh_from_db()
            self.assertEqual(timezone.localtime(article.upcoming_at).strftime("%H:%M"), "09:30")
        self.assertEqual(article.state(), "scheduled")
        self.assertNotEqual(article.upcoming_at.strftime("%H:%M"), "09:30")

    def test_invalid_time_is_refused_and_the_note_is_kept(self):
        article = make_article()
        self.save(article, headline="Another")
        tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()
        for data, message in [
            ({"day": "2001-01-01", "hour": "09:00"}, "This time has passed."),
            ({"day": "9999-12-31", "hour": "23:59"}, "within the next five years"),
            ({"day": "0001-01-01", "hour": "00:00"}, "This time has passed."),
            ({"day": "", "hour": "09:00"}, "Choose a date."),
            ({"day": tomorrow, "hour": ""}, "Choose a time."),
            ({"day": "soon", "hour": "\x00"}, "Enter a valid date."),
            ({"when": "never"}, "not one of the available choices"),
        ]:
            with self.subTest(data):
                response = self.publish(article, last=1, note="Kept note", **{"when": "later", **data})
                self.assertContains(response, message, status_code=422)
                self.assertContains(response, "Kept note", status_code=422)
        self.assertEqual(article.versions.count(), 1)

    def test_summary_shows_what_will_be_published(self):
        article = make_draft(lead=make_image(title="The docks"), slug="the-harbour", social_title="Harbour, shared")
        article.topics.add(make_topic(name="Shipping"))
        page = self.client.get(self.url(article, "publish"))
        for shown in ("Shipping", "/articles/the-harbour/", "The docks", "Harbour, shared"):
            self.assertContains(page, shown)

    def test_open_remarks_are_suggestions_with_a_link_to_them(self):
        article = make_draft()
        remark = Remark.objects.create(article=article, author=self.editor, author_name="Ed", text="Source?")
        page = self.client.get(self.url(article, "publish"))
        self.assertContains(page, "1 remark is still open.")
        self.assertContains(page, f'href="{self.url(article)}?at=remarks#remarks"')
        self.assertContains(self.client.get(self.url(article)), "1 remark is still open.")
        remark.resolve(by=self.editor)
        self.assertNotContains(self.client.get(self.url(article, "publish")), "still open")

    def test_preset_times_are_in_the_time_zone_of_the_site(self):
        article = make_draft()
        with self.settings(TIME_ZONE="Europe/Amsterdam"), time_machine.travel("2027-03-04T23:30Z"):  # Friday there
            self.client.force_login(self.editor)
            page = self.client.get(self.url(article, "publish"))
            for value, label in [
                ("2027-03-05T18:00", "Today, 18:00"),
                ("2027-03-06T06:30", "Tomorrow, 06:30"),
                ("2027-03-08T06:30", "Monday 8 March, 06:30"),
            ]:
                self.assertContains(page, f'value="{value}"')
                self.assertContains(page, label)

    def test_preset_is_shown_first_and_keeps_what_was_typed(self):
        article = make_article()
        self.save(article, headline="Another")
        day = timezone.localdate() + timedelta(days=1)
        data = {"kind": "update", "note": "Kept note", "preset": f"{day}T06:30"}
        page = self.publish(article, last=1, **data)
        self.assertContains(page, "Kept note")
        self.assertContains(page, f'value="{day}"')
        article.refresh_from_db()
        self.assertEqual(article.state(), "published")
        confirmed = page.context["form"].at.isoformat()
        self.publish(article, last=1, kind="update", note="x", when="later", day=day, hour="06:30", confirmed=confirmed)
        article.refresh_from_db()
        self.assertEqual(article.state(), "changing")

    def test_invalid_preset_publishes_nothing(self):
        article = make_draft()
        self.assertContains(self.publish(article, preset="soon"), "Enter a valid date", status_code=422)
        self.assertFalse(article.versions.exists())

    def test_nonexistent_local_time_is_refused(self):
        article = make_draft()
        with self.settings(TIME_ZONE="Europe/Amsterdam"), time_machine.travel("2027-03-01T12:00Z"):
            self.client.force_login(self.editor)
            response = self.publish(article, when="later", day="2027-03-28", hour="02:30")
        self.assertContains(response, "This time does not exist", status_code=422)

    def test_double_submission_publishes_once(self):
        article = make_draft()
        self.publish(article)
        self.save(Article.objects.get(), headline="Changed since")
        response = self.publish(article, kind="update", note="News.")
        self.assertContains(response, "Version 1 was published in the meantime", status_code=422)
        self.assertEqual(article.versions.count(), 1)

    def test_unchanged_article_is_not_published_again(self):
        article = make_article()
        self.assertContains(self.client.get(self.url(article, "publish")), "Nothing has changed since version 1")
        self.publish(article, last=1)
        self.assertEqual(article.versions.count(), 1)

    def test_second_version_and_its_note_are_listed(self):
        article = make_article()
        self.save(article, headline="Better")
        self.publish(article, last=1, note="The headline was too strong.", kind="clarification")
        response = self.client.get(self.url(article))
        self.assertContains(response, "The headline was too strong.")
        self.assertContains(response, "Version 2 is live.")

    def test_scheduled_article_can_be_unscheduled(self):
        article = make_draft()
        publish(item=article, at=timezone.now() + timedelta(days=1))
        self.assertContains(self.client.get(self.url(article)), "Unschedule")
        self.assertRedirects(self.client.post(self.url(article, "unschedule")), self.url(article))
        article.refresh_from_db()
        self.assertEqual((article.state(), article.published_at), ("draft", None))

    def test_message_after_publishing_links_to_the_article(self):
        article = make_draft()
        self.publish(article, last=0)
        article.refresh_from_db()
        page = self.client.get(self.url(article))
        self.assertContains(page, f'Version 1 is published. <a href="{article.get_absolute_url()}">View on site</a>')

    def test_pages_with_nothing_to_do_offer_no_button(self):
        article = make_article()
        sentences = {
            "unschedule": "No version is scheduled.",
            "restore": "It is not withdrawn.",
            "keep": "No removal is scheduled.",
        }
        for action, sentence in sentences.items():
            for page in (self.client.get(self.url(article, action)), self.client.post(self.url(article, action))):
                self.assertContains(page, sentence)
                self.assertNotContains(page, "btn--main")
                self.assertContains(page, "Back to editor")

    def test_unscheduling_a_change_keeps_the_live_version(self):
        article = make_article()
        self.save(article, headline="Later")
        publish_change(article, at=timezone.now() + timedelta(days=1))
        self.client.post(self.url(article, "unschedule"))
        article.refresh_from_db()
        self.assertEqual((article.state(), article.live.number), ("published", 1))
        self.assertIsNotNone(article.published_at)

    def test_withdraw_and_restore(self):
        article = make_article()
        self.assertContains(self.client.get(self.url(article, "withdraw")), "removed from the site immediately")
        for name, state in [("withdraw", "withdrawn"), ("withdraw", "withdrawn"), ("restore", "published")]:
            self.assertRedirects(self.client.post(self.url(article, name)), self.url(article))
            article.refresh_from_db()
            self.assertEqual(article.state(), state)

    def test_withdrawn_article_is_not_published(self):
        article = make_article()
        withdraw(item=article)
        self.save(article, headline="Other")
        self.assertContains(self.publish(article, last=1), "Restore it to the site first", status_code=422)
        self.assertEqual(article.versions.count(), 1)


class ListTests(EditorTestCase):
    def test_list_takes_at_most_12_queries(self):
        for _ in range(12):
            make_article(authors=[make_author(), make_author()])
        with self.assertNumQueries(AtMost(12)):
            self.client.get(reverse("admin:articles_article_changelist"))

    def test_state_filter(self):
        later = timezone.now() + timedelta(days=1)
        articles = {"draft": make_draft(), "scheduled": make_article(at=later), "published": make_article()}
        articles |= {"changing": make_article(), "withdrawn": make_article()}
        articles["changing"].headline = "New"
        articles["changing"].save()
        publish_change(articles["changing"], at=later)
        withdraw(item=articles["withdrawn"])
        for state, article in articles.items():
            with self.subTest(state):
                response = self.client.get(reverse("admin:articles_article_changelist"), {"state": state})
                self.assertEqual(list(response.context["cl"].result_list), [article])
                self.assertEqual(article.state(), state)
                self.assertContains(response, f"badge--{state}")

    def test_publish_button_label_depends_on_state(self):
        later = timezone.now() + timedelta(days=1)
        changing = make_article()
        changing.headline = "New"
        changing.save()
        publish_change(changing, at=later)
        expected = [
            (make_draft(), "Publish…"),
            (make_article(), "Publish changes…"),
            (make_article(at=later), "Update scheduled version…"),
            (changing, "Update scheduled version…"),
        ]
        for article, label in expected:
            page = self.client.get(reverse("admin:articles_article_change", args=[article.pk]))
            button = page.content.decode().split('name="_publish" value="1">')[1].split("</button>")[0]
            self.assertEqual(button.strip(), label)

    def test_publish_form_starts_with_the_scheduled_time(self):
        at = (timezone.localtime() + timedelta(days=1)).replace(hour=9, minute=30, second=0, microsecond=0)
        article = make_article(at=at)
        form = self.client.get(reverse("admin:articles_article_publish", args=[article.pk])).context["form"]
        self.assertEqual([form[name].value() for name in ("when", "day")], ["later", at.date()])
        self.assertEqual(form["hour"].value().strftime("%H:%M"), "09:30")

    def test_search_and_invalid_parameters(self):
        article = make_draft(headline="Needle", section=make_section())
        url = reverse("admin:articles_article_changelist")
        self.assertEqual(list(self.client.get(url, {"q": "needle"}).context["cl"].result_list), [article])
        for query in [
            "?q=%00",
            "?state=%00",
            "?kind__exact=%00",
            "?p=-1",
            "?p=99999",
            "?o=99.a",
            "?nope=1",
            "?state=x",
        ]:
            with self.subTest(query):
                self.assertLess(self.client.get(url + query).status_code, 500)
