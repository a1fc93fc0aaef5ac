"""Mentions in remarks, and access to remarks by role."""

from uuid import uuid4

from django.core import mail
from django.test import tag

from articles.models import Remark
from articles.richtext.anchors import Anchor, anchor_at, body_text
from articles.services.publishing import publish
from articles.services.remarks import add_remark, find_mentions, reply, users_with_access
from tests.articles.admin.remarks import BODY, RemarkTestCase
from tests.budget import takes_longer
from tests.factories import make_author, make_draft, make_member, make_user
from truthlytics.roles import ROLES


class MentionTests(RemarkTestCase):
    def mention(self, text, by=None):
        with self.captureOnCommitCallbacks(execute=True):
            return self.add_remark("crane drivers", text, by=by)

    def test_mentioned_user_gets_an_email_with_text_and_link(self):
        remark = self.mention("Is it so, @Tom Lee?")
        [message] = mail.outbox
        self.assertEqual(message.to, ["tom@example.org"])
        self.assertEqual(message.subject, "Mara Oduya mentioned you: “The queue”")
        for text in ("crane drivers", "Is it so, @Tom Lee?", f"{self.url('change')}#remark-{remark.pk}"):
            self.assertIn(text, message.body)
            self.assertIn(text, message.alternatives[0].content)
        self.assertEqual(list(remark.mentions.all()), [self.tom])

    def test_mention_in_a_reply_links_to_its_thread(self):
        remark = self.add_remark("ferry")
        with self.captureOnCommitCallbacks(execute=True):
            reply(parent=remark, by=self.tom, text="@mara oduya, yes", key=uuid4())
        [message] = mail.outbox
        self.assertEqual(message.to, ["mara@example.org"])
        self.assertIn(f"#remark-{remark.pk}", message.body)

    def test_users_without_access_and_oneself_are_not_notified(self):
        make_member("Moderator", display_name="Mod Erator")
        make_member("Author", display_name="Other Author")
        make_user(display_name="A Reader")
        make_member("Editor", display_name="Left Long", is_active=False)
        self.mention("@Mod Erator @Other Author @A Reader @Left Long @Mara Oduya @Tom Leeds tom@Tom Lee")
        self.assertEqual(mail.outbox, [])

    def test_each_mentioned_user_is_notified_once(self):
        twin = make_member("Publisher", display_name="tom lee", email="twin@example.org")
        self.mention("@Tom Lee and @Tom Lee again")
        self.assertEqual(sorted(message.to[0] for message in mail.outbox), ["tom@example.org", twin.email])
        mail.outbox.clear()
        key = uuid4()
        with self.captureOnCommitCallbacks(execute=True):
            for _ in range(2):
                add_remark(article=self.draft, by=self.editor, text="@Tom Lee", anchor=Anchor(""), key=key)
        self.assertEqual(len(mail.outbox), 2)

    def test_longest_matching_name_is_mentioned(self):
        class Person:
            def __init__(self, name):
                self.display_name = name

        def mentioned(text, users):
            return find_mentions(text, users).users

        ann, ann_lee = Person("Ann"), Person("Ann Lee")
        self.assertEqual(mentioned("Ask @Ann Lee.", [ann, ann_lee]), [ann_lee])
        self.assertEqual(mentioned("Ask @Ann Leeds", [ann, ann_lee]), [ann])
        self.assertEqual(set(mentioned("@Ann and @Ann Lee", [ann, ann_lee])), {ann, ann_lee})
        self.assertEqual(mentioned("mail@Ann @", [ann, Person("")]), [])

    def test_a_part_of_a_name_suffices_if_one_user_has_it(self):
        for text in ("@Tom, is it so?", "@lee?", "@Tom Can you look?", "Ask @Tom Lee"):
            mail.outbox.clear()
            self.mention(text)
            with self.subTest(text):
                self.assertEqual([message.to for message in mail.outbox], [["tom@example.org"]])

    def test_the_writer_learns_that_nobody_was_told(self):
        make_member("Editor", display_name="Tom Marsh")
        remark = self.add_remark("ferry")
        accept = {"headers": {"Accept": "application/json"}}
        for text, unknown in (
            ("Look, @Tom and @Kim", "@Tom, @Kim"), ("@Tom Leeds?", "@Tom"), ("@Marsh, tom@example.org", None),
        ):  # fmt: skip
            for url, field in (
                (self.url(), "text"), (self.url("remark_replies", remark.pk), f"reply-{remark.pk}"),
            ):  # fmt: skip
                said = self.client.post(url, {field: text}, **accept).json()["said"]
                with self.subTest(text, url=url):
                    self.assertEqual("Nobody was told" in said, unknown is not None)
                    self.assertIn(f"about {unknown}." if unknown else "added.", said)

    def test_who_may_open_matches_access(self):
        writer = make_member("Author", display_name="Own Author")
        reader = make_user(display_name="Reader With Byline")
        article = make_draft(authors=[make_author(user=writer), make_author(user=reader)], created_by=None)
        users = [*(make_member(role) for role in ROLES), writer, reader, self.editor, self.tom]
        allowed = set(users_with_access(article))
        for user in users:
            self.assertEqual(user in allowed, self.can_open(user, article), user)
        publish(item=article)
        self.assertNotIn(writer, users_with_access(article))

    def can_open(self, user, article):
        self.client.force_login(user)
        return self.client.get(self.url("change", article=article)).status_code == 200

    def test_suggestions_exclude_oneself(self):
        make_member("Moderator", display_name="Mod Erator")
        names = self.client.get(self.url("remarks_people")).json()["names"]
        self.assertEqual(names, ["Tom Lee"])


class RemarkPermissionTests(RemarkTestCase):
    @takes_longer("Every role asks many addresses.")
    @tag("sqlite")  # permissions do not depend on the database
    def test_access_by_role_and_method(self):
        users = {role: make_member(role) for role in ROLES}
        author = make_author(user=users["Author"])
        published = make_draft(authors=[author], body=BODY)
        publish(item=published)
        drafts = {
            "own": make_draft(authors=[author], body=BODY),
            "other": make_draft(body=BODY),
            "published": published,
        }
        for role, user in users.items():
            self.client.force_login(user)
            for owner, article in drafts.items():
                allowed = role in {"Editor", "Publisher"} or (role == "Author" and owner == "own")
                remark = self.add_remark("ferry", article=article)
                for name, key, get, post in [
                    ("remarks", (), 200, 302),
                    ("remarks_people", (), 200, 405),
                    ("remark_replies", (remark.pk,), 405, 302),
                    ("remark_resolution", (remark.pk,), 405, 302),
                ]:
                    for method, expected in (("get", get), ("post", post)):
                        with self.subTest(name, role=role, owner=owner, method=method):
                            url = self.url(name, *key, article=article)
                            data = {"text": "Mine.", f"reply-{remark.pk}": "Mine.", "resolved": "yes"}
                            status = getattr(self.client, method)(url, data).status_code
                            self.assertIn(status, {expected} if allowed else {403, 404, 405})
                remark.refresh_from_db()
                self.assertEqual(remark.resolved_at is not None, allowed)
                self.assertEqual(Remark.objects.filter(article=article, author=user).exists(), allowed)

    def test_anonymous_users_are_sent_to_login(self):
        self.client.logout()
        self.assertEqual(self.client.get(self.url()).status_code, 302)
        self.client.force_login(make_user())
        self.assertIn(self.client.get(self.url()).status_code, {302, 403})

    def test_anchor_is_stored_as_submitted(self):
        anchor = anchor_at(body_text(BODY), 30, 43)
        data = {"quote": anchor.quote, "before": anchor.prefix, "after": anchor.suffix, "position": anchor.position}
        self.client.post(self.url(), data | {"text": "Here."})
        self.assertEqual(Remark.objects.get().anchor, anchor)
