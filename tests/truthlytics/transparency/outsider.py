"""An outsider with the script, who reads this site through the test client."""

import io
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from urllib.parse import urlsplit

from django.test import Client

from truthlytics.transparency import assembly
from truthlytics.transparency.outside import verify
from truthlytics.transparency.outside.site import Unreadable


def read(url):
    """Return the bytes at an address of this site, of any host."""
    parts = urlsplit(url)
    client = Client(headers={"host": "localhost"}, raise_request_exception=False)
    response = client.get(f"{parts.path}?{parts.query}" if parts.query else parts.path)
    if response.status_code != 200:
        raise Unreadable(f"{url}: {response.status_code}")
    return b"".join(response.streaming_content) if response.streaming else response.content


def check(folder, *arguments, site="http://testserver", get=read):
    """Run the script. Returns its exit status and all that it says."""
    said = io.StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        status = verify.main([site, "--save", str(Path(folder) / "newest.checkpoint"), *map(str, arguments)], get)
    return status, said.getvalue()


def script_in(folder):
    """Return the path of the script in a folder, as somebody has downloaded it."""
    path = Path(folder) / "verify.py"
    path.write_text(assembly.script(), encoding="utf-8")
    return path
