"""A time stamp authority of its own for tests: certificates made here, replies by the command `openssl ts`."""

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

CONFIG = """
[tsa]
serial = serial
signer_cert = signer.pem
signer_key = signer.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
accuracy = secs:1
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


class Authority:
    def __init__(self, folder: Path):
        self.folder = folder
        root_key, signer_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        root = certificate("Test root", root_key, "Test root", root_key, is_authority=True)
        signer = certificate("Test time stamps", signer_key, "Test root", root_key)
        self.root = root
        self.signer = signer
        (folder / "signer.pem").write_bytes(signer.public_bytes(Encoding.PEM))
        (folder / "root.pem").write_bytes(root.public_bytes(Encoding.PEM))
        key = signer_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (folder / "signer.key").write_bytes(key)
        (folder / "serial").write_text("01\n")
        (folder / "tsa.conf").write_text(CONFIG)

    def reply(self, request: bytes, *, with_root: bool = False) -> bytes:
        (self.folder / "request").write_bytes(request)
        chain = " -chain root.pem" if with_root else ""
        openssl(self.folder, f"-reply -config tsa.conf -section tsa -queryfile request -out reply{chain}")
        return (self.folder / "reply").read_bytes()


def openssl(folder, options):
    """Run `openssl ts` in `folder`. Raises CalledProcessError if it fails."""
    subprocess.run(["openssl", "ts", *options.split()], cwd=folder, check=True, capture_output=True)


def certificate(name, key, issuer, issuer_key, *, is_authority=False):
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
    )
    if not is_authority:
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        builder = builder.add_extension(usage, critical=True)
    return builder.sign(issuer_key, hashes.SHA256())
