"""Signatures of agents: those of others are verified, and forged ones are seen."""

import re
import time
from unittest import mock

from django.core.exceptions import ValidationError
from django.test import SimpleTestCase

from tests.truthlytics.crawlers.signing import Signer, environ
from truthlytics.crawlers import signatures
from truthlytics.crawlers.directories import read_directory
from truthlytics.crawlers.models import SignedAgent
from truthlytics.crawlers.signatures import MAX_PER_SECOND, Verdict, Verifier

VALID, FORGED, UNKNOWN = Verdict.VALID, Verdict.FORGED, Verdict.UNKNOWN
# Test vectors of the draft (draft-meunier-web-bot-auth-architecture), made by its authors' program with the key of
# RFC 9421, B.1.4. They last a hundred years, which is longer than we accept.
VECTOR_KEY = {"kty": "OKP", "crv": "Ed25519", "x": "JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs"}
VECTORS = [
    (
        'sig1=("@authority");created=1735689600;keyid="poqkLGiymh_W0uP6PZFw-dvez3QJT5SolqXBCW38r0U";alg="ed25'
        '519";expires=4889289600;nonce="zIW8+cdmA3vdYagbxojpONwa/l0EKJ/O3/wD486VvsQjO/RxPaSt6ZxvQaMcQzNnqKN/m'
        'Q6hpGiFro2L2qkz5A==";tag="web-bot-auth"',
        "sig1=:QKN4fTdIYfh82fvoZCQiQA1weuozfCS/Led2zTMbewMMqH8PI2Wsy/5c4ao6B6D09nraNQdBNOADg8aM1MqfCg==:",
        "",
    ),
    (
        'sig2=("@authority" "signature-agent";key="agent2");created=1735689600;keyid="poqkLGiymh_W0uP6PZFw-dv'
        'ez3QJT5SolqXBCW38r0U";alg="ed25519";expires=4889289600;nonce="n9p433xm+NJ3ph3upfBIGmsuwHw387YV7Q/F+6'
        'BSpGCVjYCqQw6rznNA8PVVLySrAWsv0hQtFioQb6E1YsauiA==";tag="web-bot-auth"',
        "sig2=:RdNFx5Bj6au3YgAMQL/RzmUlZE8QZLIaXGRpw985hWnwPfMxT228NMk6ehRS1PSl4e8PhbNZACSanGdhEwYCCg==:",
        'agent2="https://signature-agent.test"',
    ),
]


def known(*signers):
    keys = {}
    for number, signer in enumerate(signers):
        agent = SignedAgent(name=f"Agent {number}", kind="assistant", keys=signer.stored)
        keys |= {key["thumbprint"]: agent.key_of(key) for key in agent.keys}
    return keys


class VectorTests(SimpleTestCase):
    def test_vectors_of_the_draft_hold(self):
        agent = SignedAgent(name="Vector", kind="assistant")
        keys = {
            key["thumbprint"]: agent.key_of(key)
            for key in read_directory(f'{{"keys": [{VECTOR_KEY}]}}'.replace("'", '"'))
        }
        for inputs, signature, named in VECTORS:
            headers = {"HTTP_SIGNATURE_INPUT": inputs, "HTTP_SIGNATURE": signature}
            headers |= {"HTTP_SIGNATURE_AGENT": named} if named else {}
            with self.subTest(inputs), mock.patch.object(signatures, "MAX_LIFETIME", 2**40):
                request = environ(headers, "/path/to/resource", host="example.com")
                self.assertEqual(Verifier(lambda: 1735689600).check(request, keys).verdict, VALID)
                request["HTTP_HOST"] = "example.org"
                self.assertEqual(Verifier(lambda: 1735689600).check(request, keys).verdict, FORGED)


class VerifierTests(SimpleTestCase):
    def setUp(self):
        self.signer, self.verifier = Signer(), Verifier()
        self.keys = known(self.signer)

    def check(self, signer=None, host="testserver", **changed):
        return self.verifier.check(environ((signer or self.signer).headers(**changed), host=host), self.keys)

    def test_a_good_signature_names_its_agent(self):
        checked = self.check()
        self.assertEqual((checked.verdict, checked.agent), (VALID, ("Agent 0", "assistant")))

    def test_the_newer_form_of_the_agent_header_is_understood(self):
        form = {
            "agent": 'a="https://agent.example";type=directory',
            "components": '"@authority" "signature-agent";key="a"',
        }
        self.assertEqual(self.check(**form).verdict, VALID)

    def test_forgeries(self):
        now, other = int(time.time()), Signer()
        key_id = self.keys.keys()
        for name, changed in {
            "wrong key": {"signer": other, "key_id": next(iter(key_id))},
            "signed for another site": {"authority": "other.example"},
            "expired": {"created": now - 600, "expires": now - 1},
            "from the future": {"created": now + 600, "expires": now + 900},
            "ends before it begins": {"created": now + 10, "expires": now + 5},
            "valid for a year": {"expires": now + 365 * 24 * 3600},
            "the site is not covered": {"components": '"@method" "signature-agent"'},
            "the named agent is not covered": {"components": '"@authority"'},
            "a header that was not sent": {"components": '"@authority" "signature-agent" "x-secret"'},
        }.items():
            with self.subTest(name):
                self.assertEqual(self.check(**changed).verdict, FORGED)

    def test_another_host_in_the_request_is_a_forgery(self):
        self.assertEqual(self.check(host="other.example").verdict, FORGED)

    def test_a_nonce_is_used_once(self):
        headers = environ(self.signer.headers())
        verdicts = [self.verifier.check(headers, self.keys).verdict for _ in range(2)]
        self.assertEqual(verdicts, [VALID, FORGED])
        self.assertEqual(self.check(nonce="n2").verdict, VALID)

    def test_remembered_nonces_are_bounded_and_nothing_is_accepted_unremembered(self):
        with mock.patch.object(signatures, "MAX_NONCES", 2):
            verdicts = [self.check(nonce=f"n{number}").verdict for number in range(3)]
            self.assertEqual(verdicts, [VALID, VALID, FORGED])
            self.verifier.clock = lambda: time.time() + 301
            later = int(time.time()) + 300
            self.assertEqual(self.check(nonce="n4", created=later, expires=later + 60).verdict, VALID)

    def test_nothing_is_said_of_what_cannot_be_judged(self):
        for name, changed in {
            "an unknown key": {"signer": Signer()},
            "another tag": {"tag": "something-else"},
            "a component that is not supported": {"components": '"@authority" "signature-agent" "@target-uri"'},
            "another algorithm": {"more": ';alg="hmac-sha256"'},
        }.items():
            with self.subTest(name):
                self.assertEqual(self.check(**changed).verdict, UNKNOWN)

    def test_broken_headers_are_no_signature(self):
        good = self.signer.headers()
        for name, broken in {
            "giant": {"HTTP_SIGNATURE_INPUT": good["HTTP_SIGNATURE_INPUT"] + " " * 3000},
            "giant agent": {"HTTP_SIGNATURE_AGENT": "x" * 100_000},
            "unclosed": {"HTTP_SIGNATURE_INPUT": 'sig1=("@authority'},
            "no time": {"HTTP_SIGNATURE_INPUT": re.sub("created=[0-9]+;", "", good["HTTP_SIGNATURE_INPUT"])},
            "no base64": {"HTTP_SIGNATURE": "sig1=:A:"},
            "no signature": {"HTTP_SIGNATURE": ""},
            "twice the same": {"HTTP_SIGNATURE_INPUT": good["HTTP_SIGNATURE_INPUT"].replace("(", '("@authority" ')},
            "not ASCII": {"HTTP_SIGNATURE_INPUT": "sig1=(\u00e9)"},
            "empty": {"HTTP_SIGNATURE_INPUT": ""},
        }.items():
            with self.subTest(name):
                request = environ(good | broken)
                verdict = self.verifier.check(request, self.keys).verdict
                self.assertIn(verdict, {UNKNOWN, FORGED} if name == "no signature" else {UNKNOWN})

    def test_hostile_headers_take_no_time(self):
        started = time.perf_counter()
        for inputs in ("sig1=(" + '"a" ' * 500, 'sig1=("a"' + ';a="' * 400, "a=(" * 600, 'a=();a=":' * 200):
            self.verifier.check(environ({"HTTP_SIGNATURE_INPUT": inputs, "HTTP_SIGNATURE": inputs}), self.keys)
        self.assertLess(time.perf_counter() - started, 0.1)

    def test_a_flood_of_signatures_is_not_verified(self):
        forged = Signer().headers(key_id=next(iter(self.keys)))
        with mock.patch.object(signatures, "_is_signed", return_value=False) as verify:
            now = time.time()
            self.verifier.clock = lambda: now
            verdicts = {self.verifier.check(environ(forged), self.keys).verdict for _ in range(MAX_PER_SECOND + 20)}
        self.assertEqual((verify.call_count, verdicts), (MAX_PER_SECOND, {FORGED, UNKNOWN}))

    def test_a_key_is_only_known_between_its_times(self):
        (key,) = self.signer.stored
        for name, times in {"not yet": {"nbf": time.time() + 60}, "no longer": {"exp": time.time() - 60}}.items():
            with self.subTest(name):
                keys = {key["thumbprint"]: SignedAgent(name="A", kind="search").key_of(key | times)}
                self.assertEqual(self.verifier.check(environ(self.signer.headers()), keys).verdict, FORGED)


class DirectoryTests(SimpleTestCase):
    def test_thumbprint_is_that_of_the_rfc(self):
        # RFC 8037, A.3.
        (key,) = read_directory(
            '{"keys": [{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}'
        )
        self.assertEqual(key["thumbprint"], "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")

    def test_what_is_no_directory_is_refused(self):
        publics = ('"AAAA"', "5", '"\u00e9"')
        broken = ("", "[]", "{}", '{"keys": {}}', '{"keys": []}', '{"keys": [1, {"kty": "RSA"}]}', "[" * 60_000)
        for text in (*broken, *(f'{{"keys": [{{"kty":"OKP","crv":"Ed25519","x":{public}}}]}}' for public in publics)):
            with self.subTest(text[:60]), self.assertRaises(ValidationError):
                read_directory(text)

    def test_private_keys_are_refused_with_a_warning(self):
        with self.assertRaisesMessage(ValidationError, "The directory has a private key."):
            read_directory(
                '{"keys": [{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","d":"x"}]}'
            )
