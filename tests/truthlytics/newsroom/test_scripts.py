"""Scripts of Django's admin are on the pages that use them only."""

from django.contrib.admin.sites import site
from django.contrib.admin.widgets import AdminDateWidget, ForeignKeyRawIdWidget, RelatedFieldWidgetWrapper
from django.test import RequestFactory, TestCase
from django.urls import reverse

from tests.factories import make_article, make_editor
from truthlytics.audit.admin import AuditedAdmin

LINKS = ("can_add_related", "can_change_related", "can_view_related")


def needs_scripts(widget):
    if isinstance(widget, RelatedFieldWidgetWrapper):
        return any(getattr(widget, link) for link in LINKS) or needs_scripts(widget.widget)
    return isinstance(widget, ForeignKeyRawIdWidget | AdminDateWidget)


class ScriptTests(TestCase):
    def setUp(self):
        self.editor = make_editor(is_superuser=True)
        self.client.force_login(self.editor)

    def test_forms_with_pop_ups_have_their_scripts(self):
        request = RequestFactory().get("/")
        request.user = self.editor
        for model_admin in site._registry.values():
            if isinstance(model_admin, AuditedAdmin) and model_admin.has_add_permission(request):
                inlines = model_admin.get_inline_instances(request)
                forms = [model_admin.get_form(request), *(inline.get_formset(request).form for inline in inlines)]
                fields = [field for form in forms for field in form.base_fields.values()]
                with self.subTest(model_admin):
                    self.assertEqual(model_admin.uses_django_scripts, any(needs_scripts(f.widget) for f in fields))

    def test_others_have_none_of_them(self):
        article = make_article()
        for url in ("articles_article_changelist", "articles_topic_add", "articles_dossier_add"):
            self.assertNotContains(self.client.get(reverse(f"admin:{url}")), "jquery")
        html = self.client.get(reverse("admin:articles_article_change", args=[article.pk])).content.decode()
        for script in ("jquery", "xregexp", "inlines.js", "actions.js"):
            self.assertNotIn(script, html)

    def test_lists_select_rows(self):
        self.assertContains(self.client.get(reverse("admin:articles_article_changelist")), "admin/js/actions.js")
