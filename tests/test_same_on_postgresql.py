"""The rule by which CI leaves tests out on PostgreSQL."""

import unittest
from unittest import mock

from django.test import SimpleTestCase, TestCase, TransactionTestCase

from tests.same_on_postgresql import is_same

HERE = "tests.test_same_on_postgresql"


class FormTests(TestCase):
    def test_words(self):
        """A form says what is wrong."""

    def test_two_at_once(self):
        """A race for one row."""


class SharedTests(TestCase):
    def setUp(self):
        """Everything here is about an IntegrityError."""

    def test_words(self):
        """A form says what is wrong."""


class InheritedTests(SharedTests):
    pass


class CommittedTests(TransactionTestCase):
    def test_words(self):
        """A form says what is wrong."""


def load_tests(loader, standard_tests, pattern):
    """Only the rule is tested here; the classes above are what it reads."""
    return unittest.TestSuite([loader.loadTestsFromTestCase(RuleTests)])


class RuleTests(SimpleTestCase):
    def is_same(self, case, name="test_words"):
        with mock.patch("tests.same_on_postgresql.FOLDERS", (HERE,)):
            return is_same(case, name)

    def test_forms_and_words_are_left_out(self):
        self.assertTrue(self.is_same(FormTests))

    def test_what_may_differ_is_kept(self):
        self.assertFalse(self.is_same(FormTests, "test_two_at_once"))
        for case in (SharedTests, InheritedTests, CommittedTests):
            with self.subTest(case):
                self.assertFalse(self.is_same(case))

    def test_everything_outside_the_folders_is_kept(self):
        self.assertFalse(is_same(FormTests, "test_words"))

    def test_a_class_whose_source_is_not_found_is_kept(self):
        made = type("Made", (TestCase,), {"test_words": lambda self: None, "__module__": HERE})
        self.assertFalse(self.is_same(made))
