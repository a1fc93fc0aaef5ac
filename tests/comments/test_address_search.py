"""Only users who may see readers' email addresses find comments by them."""

from django.test import TestCase

from tests.factories import make_comment, make_member, make_user


class AddressSearchTests(TestCase):
    def test_moderators_cannot_probe_addresses(self):
        comment = make_comment(author=make_user(email="layla@example.org"), text="A rare remark.")
        for role, found in {"Moderator": False, "Publisher": True}.items():
            self.client.force_login(make_member(role))
            with self.subTest(role):
                page = self.client.get("/admin/comments/comment/", {"q": "layla@example"})
                self.assertEqual(comment.text in page.content.decode(), found)
                page = self.client.get("/admin/comments/comment/", {"q": comment.author.display_name})
                self.assertContains(page, comment.text)
