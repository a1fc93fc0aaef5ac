"""Storage in an S3-compatible bucket. Used only if S3_BUCKET is set; needs the extra `s3`."""

from typing import Any

from botocore.config import Config
from storages.backends.s3 import S3Storage

# In seconds, so that an unresponsive service doesn't block a thread for long.
TIMEOUTS = {"connect_timeout": 3, "read_timeout": 20, "retries": {"max_attempts": 2}}
# Options that services other than Amazon S3 need.
COMPATIBILITY = {
    "s3": {"addressing_style": "path"},
    "request_checksum_calculation": "when_required",
    "response_checksum_validation": "when_required",
}


class Bucket(S3Storage):
    """A folder in a bucket. URLs start with `base_url`, not with the service's; files are never overwritten."""

    def __init__(self, **options: object) -> None:
        self.base_url = options.pop("base_url")
        compatibility = COMPATIBILITY if options.get("endpoint_url") else {}
        config = Config(signature_version="s3v4", **TIMEOUTS, **compatibility)
        super().__init__(**options, client_config=config, file_overwrite=False)

    def url(self, name: str | None, *args: Any, **kwargs: Any) -> str:
        if self.base_url is None or name is None:
            raise ValueError("This file is not accessible via a URL.")
        return f"{self.base_url}{name}"
