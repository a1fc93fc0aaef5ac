"""Generated forgeries: each is noticed by a stranger with one saved checkpoint, and by both verifiers."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

from django.test import SimpleTestCase, tag

from tests.budget import takes_longer
from tests.truthlytics.transparency import second_verifier
from tests.truthlytics.transparency.forgeries import fast_ed25519, first_verifier, try_seeds
from tests.truthlytics.transparency.world import KEYS, SITE, honest
from truthlytics.transparency.outside.signatures import ed25519_holds

PART = 100


# 40 ms of CPU for a seed: a site is written, signed and read twice. Four tests, so that several cores can share them.
@tag("sqlite")
class ForgeryTests(SimpleTestCase):
    maxDiff = None

    def assert_noticed(self, first):
        tried, wrong = try_seeds(first, PART)
        self.assertEqual(wrong, [])
        self.assertGreaterEqual(len(tried), 7, "forgeries of each kind")

    @takes_longer("A log with many entries is made and verified.")
    def test_first_part(self):
        self.assert_noticed(0)

    @takes_longer("A log with many entries is made and verified.")
    def test_second_part(self):
        self.assert_noticed(PART)

    @takes_longer("A log with many entries is made and verified.")
    def test_third_part(self):
        self.assert_noticed(2 * PART)

    @takes_longer("A log with many entries is made and verified.")
    def test_fourth_part(self):
        self.assert_noticed(3 * PART)


@tag("sqlite")
class HonestTests(SimpleTestCase):
    def test_an_honest_publication_passes(self):
        folder = self.enterContext(TemporaryDirectory())
        world = honest()
        saved = world.save()
        for day in range(3):
            Path(folder, "saved").write_text(saved)
            world.publish(4, f"the harbour on day {day}", kind="update", note=f"Day {day}.")
            failed, said = first_verifier(world, world.get(), folder)
            self.assertFalse(failed, said)
            self.assertIn("Nothing wrong was found.", said)
            self.assertEqual(second_verifier.check(world.get(), SITE, [saved], world.now), "")

    def test_signatures_are_verified_as_the_package_does(self):
        for key in KEYS:
            public_key = key.public_key().public_bytes_raw()
            for length in (0, 1, 63, 64, 200):
                message = os.urandom(length)
                signature = key.sign(message)
                spoiled = bytearray(signature)
                spoiled[length % 64] ^= 1 << length % 8
                for signed in (signature, bytes(spoiled), signature[:63], bytes(64), signature[:32] + b"\xff" * 32):
                    for said in (message, message + b"x"):
                        expected = fast_ed25519(public_key, signed, said)
                        self.assertEqual(ed25519_holds(public_key, signed, said), expected)
        self.assertFalse(ed25519_holds(b"\xff" * 32, signature, message))
