"""Who is called by name in a remark, and who may remark at all."""

from uuid import uuid4

from django.core import mail

from articles.models import Remark
from articles.richtext.anchors import Anchor, anchor_at, text_of
from articles.services.publishing import publish
from articles.services.remarks import leave, mentioned, reply, who_may_open
from tests.articles.remarking import BODY, RemarkTestCase
from tests.factories import make_author, make_draft, make_member, make_user
from truthlytics.roles import ROLES


class MentionTests(RemarkTestCase):
    def call(self, text, by=None):
        with self.captureOnCommitCallbacks(execute=True):
            return self.on("crane drivers", text, by=by)

    def test_who_is_called_gets_a_letter_with_the_words_and_the_way(self):
        remark = self.call("Is it so, @Tom Lee?")
        [letter] = mail.outbox
        self.assertEqual(letter.to, ["tom@example.org"])
        self.assertEqual(letter.subject, "Mara Oduya calls you: “The queue”")
        for words in ("crane drivers", "Is it so, @Tom Lee?", f"{self.url('change')}#remark-{remark.pk}"):
            self.assertIn(words, letter.body)
            self.assertIn(words, letter.alternatives[0].content)
        self.assertEqual(list(remark.mentions.all()), [self.tom])

    def test_a_reply_calls_too_and_leads_to_its_thread(self):
        remark = self.on("ferry")
        with self.captureOnCommitCallbacks(execute=True):
            reply(opening=remark, by=self.tom, text="@mara oduya, yes", key=uuid4())
        [letter] = mail.outbox
        self.assertEqual(letter.to, ["mara@example.org"])
        self.assertIn(f"#remark-{remark.pk}", letter.body)

    def test_nobody_is_called_who_may_not_open_the_article_or_called_themselves(self):
        make_member("Moderator", display_name="Mod Erator")
        make_member("Author", display_name="Other Author")
        make_user(display_name="A Reader")
        make_member("Editor", display_name="Left Long", is_active=False)
        self.call("@Mod Erator @Other Author @A Reader @Left Long @Mara Oduya @Tom Leeds tom@Tom Lee")
        self.assertEqual(mail.outbox, [])

    def test_a_letter_goes_once_to_each_and_to_nobody_if_it_came_to_nothing(self):
        twin = make_member("Publisher", display_name="tom lee", email="twin@example.org")
        self.call("@Tom Lee and @Tom Lee again")
        self.assertEqual(sorted(letter.to[0] for letter in mail.outbox), ["tom@example.org", twin.email])
        mail.outbox.clear()
        key = uuid4()
        with self.captureOnCommitCallbacks(execute=True):
            for _ in range(2):
                leave(article=self.draft, by=self.editor, text="@Tom Lee", anchor=Anchor(""), key=key)
        self.assertEqual(len(mail.outbox), 2)

    def test_the_longer_name_is_meant(self):
        class Person:
            def __init__(self, name):
                self.display_name = name

        ann, ann_lee = Person("Ann"), Person("Ann Lee")
        self.assertEqual(mentioned("Ask @Ann Lee.", [ann, ann_lee]), [ann_lee])
        self.assertEqual(mentioned("Ask @Ann Leeds", [ann, ann_lee]), [ann])
        self.assertEqual(set(mentioned("@Ann and @Ann Lee", [ann, ann_lee])), {ann, ann_lee})
        self.assertEqual(mentioned("mail@Ann @", [ann, Person("")]), [])

    def test_who_may_open_it_is_who_can(self):
        writer = make_member("Author", display_name="Own Author")
        reader = make_user(display_name="Reader With Byline")
        article = make_draft(authors=[make_author(user=writer), make_author(user=reader)], created_by=None)
        everybody = [*(make_member(role) for role in ROLES), writer, reader, self.editor, self.tom]
        may = set(who_may_open(article))
        for person in everybody:
            self.assertEqual(person in may, self.opens(person, article), person)
        publish(article=article)
        self.assertNotIn(writer, who_may_open(article))

    def opens(self, person, article):
        self.client.force_login(person)
        return self.client.get(self.url("change", article=article)).status_code == 200

    def test_names_are_offered_without_ones_own(self):
        make_member("Moderator", display_name="Mod Erator")
        names = self.client.get(self.url("remarks_people")).json()["names"]
        self.assertEqual(names, ["Tom Lee"])


class RoleTests(RemarkTestCase):
    def test_each_role_at_each_address_by_each_method(self):
        people = {role: make_member(role) for role in ROLES}
        author = make_author(user=people["Author"])
        out = make_draft(authors=[author], body=BODY)
        publish(article=out)
        drafts = {"own": make_draft(authors=[author], body=BODY), "foreign": make_draft(body=BODY), "out": out}
        for role, person in people.items():
            self.client.force_login(person)
            for whose, article in drafts.items():
                may = role in {"Editor", "Publisher"} or (role == "Author" and whose == "own")
                remark = self.on("ferry", article=article)
                for name, key, get, post in [
                    ("remarks", (), 200, 302), ("remarks_people", (), 200, 405),
                    ("remark_replies", (remark.pk,), 405, 302), ("remark_resolution", (remark.pk,), 405, 302),
                ]:  # fmt: skip
                    for method, expected in (("get", get), ("post", post)):
                        with self.subTest(name, role=role, whose=whose, method=method):
                            url = self.url(name, *key, article=article)
                            data = {"text": "Mine.", f"reply-{remark.pk}": "Mine.", "resolved": "yes"}
                            status = getattr(self.client, method)(url, data).status_code
                            self.assertIn(status, {expected} if may else {403, 404, 405})
                remark.refresh_from_db()
                self.assertEqual(remark.resolved_at is not None, may)
                self.assertEqual(Remark.objects.filter(article=article, author=person).exists(), may)

    def test_a_stranger_is_led_to_the_log_in(self):
        self.client.logout()
        self.assertEqual(self.client.get(self.url()).status_code, 302)
        self.client.force_login(make_user())
        self.assertIn(self.client.get(self.url()).status_code, {302, 403})

    def test_anchors_of_the_form_are_taken_as_they_are(self):
        anchor = anchor_at(text_of(BODY), 30, 43)
        data = {"quote": anchor.quote, "before": anchor.prefix, "after": anchor.suffix, "position": anchor.position}
        self.client.post(self.url(), data | {"text": "Here."})
        self.assertEqual(Remark.objects.get().anchor, anchor)
