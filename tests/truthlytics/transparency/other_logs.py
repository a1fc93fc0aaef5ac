"""A log that somebody else keeps, in memory, for tests of witnesses."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from truthlytics.transparency.merkle import consistency_proof, leaf_hash, root_of
from truthlytics.transparency.models import WitnessedLog
from truthlytics.transparency.notes import Head, Note, Signer, to_base64


class OtherLog:
    def __init__(self, origin="other.example/record/log"):
        self.signer = Signer(origin, Ed25519PrivateKey.generate())
        self.hashes = []

    def add(self, *leaves):
        self.hashes += [leaf_hash(leaf.encode()) for leaf in leaves]

    @property
    def key(self):
        return str(self.signer.verifier_key())

    def checkpoint(self, size=None):
        hashes = self.hashes[:size]
        text = str(Head(self.signer.name, len(hashes), root_of(hashes)))
        return str(Note(text, (self.signer.sign(text),)))

    def request(self, old=0, size=None):
        """Return the body of a request to a witness that knows `old` entries."""
        new = len(self.hashes[:size])
        proof = consistency_proof(old, new, lambda start, end: root_of(self.hashes[start:end])) if old <= new else []
        return body_of(old, proof, self.checkpoint(size))

    def listed(self):
        """List it in the settings of this site."""
        return WitnessedLog.objects.create(name="Other", origin=self.signer.name, verifier_keys=self.key)


def body_of(old, proof, checkpoint):
    return f"old {old}\n{''.join(to_base64(hash_) + chr(10) for hash_ in proof)}\n{checkpoint}"
