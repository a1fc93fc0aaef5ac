"""A folder in a bucket of a service that speaks S3. Named in the settings with S3_BUCKET only; wants the extra `s3`."""

from typing import Any

from botocore.config import Config
from storages.backends.s3 import S3Storage

# A service that does not answer costs seconds, not a thread.
PATIENCE = {"connect_timeout": 3, "read_timeout": 20, "retries": {"max_attempts": 2}}
# What services other than Amazon's understand.
PLAIN = {
    "s3": {"addressing_style": "path"},
    "request_checksum_calculation": "when_required",
    "response_checksum_validation": "when_required",
}


class Bucket(S3Storage):
    """Addresses are ours (`base_url`), not the service's; a file that is there is never written over."""

    def __init__(self, **options: Any) -> None:
        self.base_url = options.pop("base_url")
        config = Config(signature_version="s3v4", **PATIENCE, **(PLAIN if options.get("endpoint_url") else {}))
        super().__init__(**options, client_config=config, file_overwrite=False)

    def url(self, name: str | None, *args: Any, **named: Any) -> str:
        if self.base_url is None or name is None:
            raise ValueError("This file is not accessible via a URL.")
        return f"{self.base_url}{name}"
