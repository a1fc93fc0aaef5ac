"""Every attack is noticed by a stranger with one saved checkpoint, and by both verifiers."""

from tests.budget import takes_longer
from tests.record_key import use_key
from tests.transactions import TransactionTestCase
from tests.truthlytics.transparency.attack_list import (
    ATTACKS,
    make_site,
    record_says,
    restore_constraint,
    save,
    script_says,
    second_says,
)
from tests.truthlytics.transparency.attacks import note


# A site is published, attacked, and read by three programs: half a second to a second of CPU each.
class AttackTests(TransactionTestCase):
    def setUp(self):
        super().setUp()
        self.folder = use_key(self)
        self.addCleanup(restore_constraint)
        self.site = make_site()
        self.saved = save()

    def play(self, attack):
        attack.play(self.site)
        failed, said = script_says(self.folder, self.saved)
        second, record = second_says(self.saved), record_says()
        aloud = "holds" if attack.noticed == "nothing" else f"“{attack.noticed[:14]}…”"
        note(attack.name, "script", "fails" if failed else aloud)
        note(attack.name, "second verifier", "fails" if second else "holds")
        note(attack.name, "verify_record", "fails" if record else "–")
        if attack.noticed == "fails":
            self.assertTrue(failed, said)
        elif attack.noticed == "nothing":
            self.assertFalse(failed, said)
        else:
            self.assertFalse(failed, said)
            self.assertIn(f"Added since {self.folder}/stranger.checkpoint", said)
            self.assertIn(attack.noticed, said)
        self.assertEqual(bool(second), failed, f"{second} {said}")
        self.assertEqual(bool(record), attack.by_record, record)

    @takes_longer("Large input shows how the time grows.")
    def test_an_honest_site_passes(self):
        failed, said = script_says(self.folder, self.saved)
        self.assertFalse(failed, said)
        self.assertEqual((second_says(self.saved), record_says()), ("", ""))


def _test_of(attack):
    return takes_longer("An attack is played on a site of its own.")(lambda self: self.play(attack))


for _attack in ATTACKS:
    setattr(AttackTests, f"test_{_attack.play.__name__}", _test_of(_attack))
