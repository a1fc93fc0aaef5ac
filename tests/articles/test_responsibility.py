"""The rule about labels for AI, as a table."""

from django.test import SimpleTestCase

from articles import responsibility as rule
from articles.responsibility import AILabel, AIUse, Judgement, stated_uses, text_digest

GOOD = {"checked": ["facts", "sources"], "responsible": "Ada Byron", "of_this_text": True}
UNNAMED = GOOD | {"responsible": ""}
EARLIER = GOOD | {"of_this_text": False}
SPELLING = GOOD | {"checked": ["language"]}
FACTS_ONLY = GOOD | {"checked": ["facts", "law"]}
# Uses, reviews, the labels that follow, and the reasons.
TABLE = [
    ([], [], [], [rule.NOT_STATED]),
    ([], [GOOD], [], [rule.NOT_STATED]),
    (["none"], [], [], [rule.NO_AI]),
    (["language"], [], [], [rule.HELP_ONLY]),
    (["research"], [], [], [rule.HELP_ONLY]),
    (["language", "research"], [], [], [rule.HELP_ONLY]),
    (["translation"], [], [AILabel.TRANSLATED], [rule.NOT_REVIEWED]),
    (["translation"], [GOOD], [], [rule.REVIEWED]),
    (["draft"], [GOOD], [], [rule.REVIEWED]),
    (["draft"], [UNNAMED], [AILabel.WRITTEN], [rule.UNKNOWN]),
    (["draft"], [UNNAMED, GOOD], [], [rule.REVIEWED]),
    (["draft"], [SPELLING], [AILabel.WRITTEN], [rule.NOT_REVIEWED]),
    (["draft"], [FACTS_ONLY], [AILabel.WRITTEN], [rule.NOT_REVIEWED]),
    (["draft"], [EARLIER], [AILabel.WRITTEN], [rule.CHANGED]),
    (["draft"], [EARLIER, SPELLING], [AILabel.WRITTEN], [rule.CHANGED]),
    (["parts"], [], [AILabel.PARTS], [rule.NOT_REVIEWED]),
    (["translation", "parts", "language"], [], [AILabel.TRANSLATED, AILabel.PARTS], [rule.NOT_REVIEWED]),
    (["pictures"], [GOOD], [AILabel.PICTURES], [rule.MEDIA]),
    (["sound"], [], [AILabel.SOUND], [rule.MEDIA]),
    (["draft", "pictures"], [GOOD], [AILabel.PICTURES], [rule.REVIEWED, rule.MEDIA]),
    (["draft", "sound"], [], [AILabel.WRITTEN, AILabel.SOUND], [rule.NOT_REVIEWED, rule.MEDIA]),
]


class RuleTests(SimpleTestCase):
    def test_table(self):
        for uses, reviews, labels, reasons in TABLE:
            with self.subTest(uses=uses, reviews=reviews):
                judgement = Judgement.of({"ai_uses": uses, "reviews": reviews})
                self.assertEqual((list(judgement.labels), list(judgement.reasons)), (labels, reasons))

    def test_marked_pictures_have_a_label_whatever_is_stated(self):
        pictures = {"a": {}, "b": {"ai_use": "made"}}
        for uses, reasons in [
            ([], [rule.NOT_STATED]),
            (["none"], []),
            (["draft"], [rule.NOT_REVIEWED]),
            (["pictures"], []),
        ]:
            for part in ({"pictures": pictures}, {"has_ai_pictures": True}):
                judgement = Judgement.of(part | {"ai_uses": uses})
                self.assertEqual(judgement.labels[-1], AILabel.PICTURES)
                self.assertEqual(list(judgement.reasons), [*reasons, rule.MARKED, rule.MEDIA])
        self.assertEqual(rule.uses_in({"ai_uses": ["none"], "pictures": pictures}), ["pictures"])
        self.assertEqual(rule.uses_in({"ai_uses": ["none"], "pictures": {"a": {}}}), ["none"])

    def test_two_halves_of_a_review_by_different_people_are_none(self):
        halves = [GOOD | {"checked": ["facts"]}, GOOD | {"checked": ["sources"]}]
        self.assertEqual(Judgement.on(["draft"], halves).labels, (AILabel.WRITTEN,))

    def test_every_use_but_help_has_a_label(self):
        labelled = {use for use in AIUse if Judgement.on([use], []).labels}
        self.assertEqual(labelled, {*AIUse} - {AIUse.NONE, AIUse.LANGUAGE, AIUse.RESEARCH})

    def test_uses_are_sorted_and_none_is_dropped_beside_others(self):
        self.assertEqual(stated_uses(["sound", "none", "draft", "x", "draft"]), ["draft", "sound"])
        self.assertEqual(stated_uses(["none", "none"]), ["none"])

    def test_digest_is_of_the_words_alone(self):
        text = {"headline": "A", "standfirst": "B", "body": "<p>C</p>", "kind": "report"}
        self.assertEqual(text_digest(text), text_digest(text | {"kind": "opinion"}))
        for name in ("headline", "standfirst", "body"):
            self.assertNotEqual(text_digest(text), text_digest(text | {name: "other"}))
