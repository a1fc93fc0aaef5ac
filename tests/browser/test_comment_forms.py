"""Comments are written, edited, reported, deleted and voted for on the article's page, in a browser."""

from django.test import Client
from django.urls import reverse

from comments.models import Comment, Report, Vote
from tests.browser.base import BrowserTestCase
from tests.factories import make_article, make_comment, make_commenter, make_comments, make_editor

VOTED = "#comments [aria-pressed=true], #comments [aria-pressed] b"
FOCUSED = "() => document.activeElement.closest('.comment')?.id"
SAID = "(text) => document.querySelector('#comments > [role=status]').textContent.includes(text)"


class CommentFormTestCase(BrowserTestCase):
    """An article with a comment, read by a subscriber."""

    def setUp(self):
        super().setUp()
        self.article = make_article()
        self.comment = make_comment(article=self.article, text="A first comment.")
        self.reader = make_commenter(display_name="Wen-Li")
        self.log_in(self.reader)
        self.page.goto(self.article.get_absolute_url())
        self.url = self.page.url

    def shown(self, comment=None, page=None):
        return (page or self.page).locator(f"#comment-{(comment or self.comment).pk}")

    def open(self, name, comment=None, page=None):
        """Press the link called `name` of a comment, and return the form that opens under it."""
        shown = self.shown(comment, page)
        shown.locator("> .comment__footer").get_by_role("link", name=name).click()
        form = shown.locator("> .comment__form:visible")
        form.wait_for()
        return form

    def post(self, form, text, page=None):
        form.locator("[name=text]").fill(text)
        form.get_by_role("button", name="Post").click()
        (page or self.page).locator(".comment__text", has_text=text).wait_for()
        return Comment.objects.get(text=text)

    def assert_said(self, text, page=None):
        (page or self.page).wait_for_function(SAID, arg=text)

    def go_offline(self):
        """Disconnect once the scripts that the page loads later have arrived."""
        self.page.wait_for_load_state("networkidle")
        self.page.context.set_offline(True)


class InPlaceTests(CommentFormTestCase):
    def test_two_subscribers_talk_without_leaving_the_article(self):
        other = self.new_page()
        # Another client: the same one would end the session of the first reader.
        self.client = Client()
        self.log_in(make_commenter(display_name="Ada"), other)
        reply = self.post(self.open("Reply"), "A reply under it.")
        self.assertEqual((reply.parent, self.page.url), (self.comment, self.url))
        self.assertEqual(self.page.evaluate(FOCUSED), f"comment-{reply.pk}")
        self.assert_said("Your reply was posted.")
        other.goto(self.article.get_absolute_url())
        answer = self.post(self.open("Reply", reply, other), "An answer to the reply.", other)
        self.assertEqual((answer.parent, other.evaluate(FOCUSED)), (reply, f"comment-{answer.pk}"))
        first = self.post(other.locator("#write"), "A comment of its own.", other)
        second = self.post(other.locator("#write"), "And a second one.", other)
        self.assertEqual((first.parent, second.parent, other.url), (None, None, self.url))
        self.assertEqual(other.locator(".thread__list > .comment").last.get_attribute("id"), f"comment-{second.pk}")
        self.assertIn("5 comments", other.locator(".thread__bar").inner_text())

    def test_the_first_comment_on_an_article(self):
        article = make_article()
        self.page.goto(article.get_absolute_url())
        comment = self.post(self.page.locator("#write"), "The very first.")
        self.assertEqual(self.page.evaluate(FOCUSED), f"comment-{comment.pk}")
        self.assertIn("1 comment", self.page.locator(".thread__bar").inner_text())
        self.open("Edit", comment)

    def test_the_newest_comment_comes_first_where_the_newest_are(self):
        make_comment(article=self.article)
        self.page.goto(f"{self.article.get_absolute_url()}?sort=newest")
        comment = self.post(self.page.locator("#write"), "The newest of all.")
        first = self.page.locator(".thread__list > .comment").first
        self.assertEqual(first.get_attribute("id"), f"comment-{comment.pk}")

    def test_a_new_writers_comment_waits_in_its_place(self):
        self.log_in(make_commenter(trusted=False))
        self.page.goto(self.article.get_absolute_url())
        comment = self.post(self.page.locator("#write"), "My first words here.")
        self.shown(comment).get_by_text("Pending review").wait_for()
        self.assert_said("once a moderator has approved it")

    def test_editing_keeps_what_is_typed_elsewhere(self):
        reply = self.post(self.open("Reply"), "A reply with a tyop.")
        self.page.locator("#write [name=text]").fill("A draft at the top.")
        form = self.open("Edit", reply)
        form.locator("[name=text]").fill("A reply without a typo.")
        form.get_by_role("button", name="Save").click()
        self.page.get_by_text("A reply without a typo.").wait_for()
        self.assert_said("Your changes were saved.")
        self.assertEqual(self.page.evaluate(FOCUSED), f"comment-{reply.pk}")
        self.assertEqual(self.page.locator("#write [name=text]").input_value(), "A draft at the top.")

    def test_deleting_keeps_the_replies(self):
        reply = self.post(self.open("Reply"), "A reply that goes.")
        make_comment(parent=reply, text="An answer that stays.")
        self.page.reload()
        self.open("Delete", reply).get_by_role("button", name="Delete").click()
        self.shown(reply).get_by_text("Deleted by its author.").wait_for()
        self.assertEqual(self.page.get_by_text("An answer that stays.").count(), 1)
        self.assertEqual(self.page.get_by_text("A reply that goes.").count(), 0)
        self.assert_said("Your comment was deleted.")

    def test_reporting(self):
        form = self.open("Report")
        self.assertEqual(self.axe(), [])
        form.get_by_label("Insults or threats").check()
        form.get_by_role("button", name="Report").click()
        self.page.get_by_text("A moderator will review the comment.").wait_for()
        self.assertEqual((Report.objects.get().comment, self.page.url), (self.comment, self.url))

    def test_escape_closes_a_form_that_keeps_its_text(self):
        form = self.open("Reply")
        form.locator("[name=text]").fill("Half a thought")
        self.page.keyboard.press("Escape")
        self.assertTrue(form.is_hidden())
        self.assertEqual(self.page.evaluate("document.activeElement.textContent"), "Reply")
        self.assertEqual(self.open("Reply").locator("[name=text]").input_value(), "Half a thought")

    def test_voting_and_taking_the_vote_back(self):
        button = self.shown().get_by_role("button", name="Helpful")
        with self.page.expect_response("**/vote/"):
            button.click()
        self.page.wait_for_function("document.querySelector('#comments [aria-pressed=true] b')?.textContent === '1'")
        self.assertEqual(Vote.objects.get().user, self.reader)
        with self.page.expect_response("**/vote/"):
            button.click()
        self.page.wait_for_function(f"!document.querySelector('{VOTED}')")
        self.assertEqual((Vote.objects.count(), self.page.url), (0, self.url))

    def test_a_vote_that_fails_is_taken_back(self):
        self.expected = ["ERR_INTERNET_DISCONNECTED"]
        self.go_offline()
        self.shown().get_by_role("button", name="Helpful").click()
        self.shown().get_by_text("We couldn’t reach the server").wait_for()
        self.assertEqual(self.page.locator(VOTED).count(), 0)

    def test_more_comments_are_added_below(self):
        make_comments(self.article, 40)
        page = self.page
        page.reload()
        self.assertEqual(page.locator(".comment").count(), 20)
        page.get_by_role("link", name="More comments").click()
        page.locator(f"#comment-{Comment.objects.order_by('path').last().pk}").wait_for()
        self.assertEqual(page.locator(".comment").count(), 41)
        self.assertNotIn("comments=", page.url)
        self.assert_said("More comments: 21")
        self.assertTrue(page.evaluate(FOCUSED))

    def test_more_replies_are_added_to_their_conversation(self):
        replies = [make_comment(parent=self.comment, text=f"Reply {number}.") for number in range(30)]
        answer = make_comment(parent=replies[-1], text="The last word.")
        page = self.page
        page.reload()
        page.locator("#write [name=text]").fill("A draft at the top.")
        page.get_by_role("link", name="More replies").click()
        page.locator(f"#comment-{answer.pk}").wait_for()
        self.assertTrue(self.shown().locator(f"#comment-{replies[-1].pk} #comment-{answer.pk}").is_visible())
        self.assertEqual((page.locator(".comment").count(), page.url), (32, self.url))
        self.assertEqual(page.locator("#write [name=text]").input_value(), "A draft at the top.")
        self.assertTrue(page.evaluate(FOCUSED))

    def test_a_pick_of_a_moderator(self):
        self.client = Client()
        self.log_in(make_editor())
        self.page.reload()
        self.shown().get_by_role("button", name="Pick").click()
        self.assert_said("The comment is now an editors’ pick.")
        self.assertEqual(self.page.url, self.url)
        self.assertIsNotNone(Comment.objects.get(pk=self.comment.pk).picked_at)


class NothingIsLostTests(CommentFormTestCase):
    TEXT = "A text that must not be lost."

    def setUp(self):
        super().setUp()
        self.form = self.open("Reply")
        self.form.locator("[name=text]").fill(self.TEXT)
        self.send = self.form.get_by_role("button", name="Post")

    def assert_kept(self, message, focused=".notice"):
        self.form.get_by_text(message).first.wait_for()
        self.assertTrue(self.page.evaluate("(selector) => document.activeElement.matches(selector)", focused))
        self.assertEqual(self.form.locator("[name=text]").input_value(), self.TEXT)
        self.assertEqual(self.page.url, self.url)

    def assert_posted_once(self):
        self.page.locator(".comment__text", has_text=self.TEXT).wait_for()
        self.assertEqual(Comment.objects.filter(text=self.TEXT).count(), 1)

    def test_two_clicks_post_one_comment(self):
        self.send.dblclick()
        self.assert_posted_once()

    def test_without_a_network(self):
        self.expected = ["ERR_INTERNET_DISCONNECTED"]
        self.go_offline()
        self.send.click()
        self.assert_kept("We couldn’t reach the server")
        self.page.context.set_offline(False)
        self.send.click()
        self.assert_posted_once()

    def test_opening_another_form_without_a_network(self):
        self.expected = ["ERR_INTERNET_DISCONNECTED"]
        self.go_offline()
        self.shown().get_by_role("link", name="Report").click()
        self.form.locator(".notice").wait_for(state="attached")
        self.assertEqual(self.form.locator("[name=text]").input_value(), self.TEXT)
        self.assertEqual(self.page.url, self.url)

    def test_when_the_login_has_ended(self):
        self.expected = ["403"]
        self.page.context.clear_cookies()
        self.send.click()
        self.assert_kept("We couldn’t verify your request")
        self.form.get_by_role("button", name="Log in").click()
        self.page.wait_for_url("**/accounts/login/**")
        self.page.goto(reverse("comments:write", args=[self.article.slug]))
        self.assertEqual(self.page.locator("main [name=text]").input_value(), self.TEXT)

    def test_when_the_token_has_changed(self):
        self.expected = ["403"]
        self.page.context.clear_cookies(name="csrftoken")
        self.send.click()
        self.assert_kept("Your text is below. Send it again.")
        self.send.click()
        self.assert_posted_once()

    def test_when_the_comment_is_gone(self):
        self.expected = ["422"]
        Comment.objects.filter(pk=self.comment.pk).update(status="waiting")
        self.send.click()
        self.assert_kept("The comment you are replying to is no longer available.")

    def test_when_the_server_fails(self):
        self.expected = ["500"]
        self.page.route("**/comments/", lambda route: route.fulfill(status=500, body="<h1>Error</h1>"))
        self.send.click()
        self.assert_kept("This couldn’t be sent.")


class PhoneTests(CommentFormTestCase):
    def test_replying_at_390_pixels(self):
        phone = self.new_page(viewport={"width": 390, "height": 800}, has_touch=True)
        self.log_in(self.reader, phone)
        phone.goto(self.article.get_absolute_url())
        self.post(self.open("Reply", page=phone), "From a phone.", phone)
        self.assertLessEqual(phone.evaluate("document.documentElement.scrollWidth"), 390)


class MentionTests(CommentFormTestCase):
    def test_names_of_the_conversation_are_offered(self):
        make_comment(article=self.article, author=make_commenter(display_name="Zora Neale"))
        self.page.reload()
        text = self.page.locator("#write [name=text]")
        text.press_sequentially("I agree with @zo")
        self.page.get_by_role("option", name="Zora Neale").wait_for()
        self.assertEqual(self.axe(), [])
        text.press("Enter")
        text.press_sequentially("on this.")
        self.assertEqual(text.input_value(), "I agree with @Zora Neale on this.")

    def test_escape_closes_only_the_names(self):
        make_comment(article=self.article, author=make_commenter(display_name="Zora"))
        self.page.reload()
        text = self.open("Reply").locator("[name=text]")
        text.press_sequentially("@z")
        self.page.get_by_role("option", name="Zora").wait_for()
        text.press("Escape")
        self.assertEqual(self.page.get_by_role("option").count(), 0)
        self.assertTrue(text.is_visible())


class WithoutScriptTests(BrowserTestCase):
    script = False

    def test_replying_on_a_page_of_its_own(self):
        comment = make_comment(text="A first comment.")
        self.log_in(make_commenter())
        self.page.goto(comment.article.get_absolute_url())
        self.page.locator(f"#comment-{comment.pk}").get_by_role("link", name="Reply").click()
        self.page.locator("#write [name=text]").fill("Without script.")
        self.page.get_by_role("button", name="Post").click()
        self.page.get_by_text("Without script.").wait_for()
        self.assertIn(f"#comment-{comment.replies.get().pk}", self.page.url)
