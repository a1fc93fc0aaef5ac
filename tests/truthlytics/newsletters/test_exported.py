"""What an export contains of newsletters."""

from django.apps import apps
from django.test import SimpleTestCase

from truthlytics.newsletters.exported import ISSUES, NEWSLETTERS, NOT_EXPORTED


class ExportedTests(SimpleTestCase):
    def test_every_model_is_exported_or_left_out_for_a_reason(self):
        exported = {child.model for table in (NEWSLETTERS, ISSUES) for child in table.children}
        exported |= {NEWSLETTERS.model, ISSUES.model}
        every = {*apps.get_app_config("newsletters").get_models(include_auto_created=True)}
        self.assertEqual({model._meta.label for model in every - exported}, {*NOT_EXPORTED})
