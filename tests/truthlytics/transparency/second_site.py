"""Another site as a process, with a database and a key of its own: `python -m … FOLDER`.

FOLDER has its database, `site.sqlite3`. It reads a line of JSON per command and answers with another one.
"""

import json
import logging
import os
import sys
from pathlib import Path
from threading import Thread
from typing import Any


def configure(folder: str) -> None:
    os.environ |= {
        "DEBUG": "1",
        "SECRET_KEY": "for-this-only",
        "VAR_DIR": folder,
        "DATABASE_URL": f"sqlite:///{folder}/site.sqlite3",
        "RECORD_KEY_FILE": f"{folder}/record-key.pem",
        "SITE_URL": "http://second.example",
        "DJANGO_SETTINGS_MODULE": "truthlytics.settings",
    }
    import django

    django.setup()
    logging.disable(logging.CRITICAL)


def serve() -> int:
    """Serve the site in a thread. Returns the port."""
    from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
    from django.core.wsgi import get_wsgi_application

    class Handler(WSGIRequestHandler):
        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadedWSGIServer(("127.0.0.1", 0), Handler)
    server.set_app(get_wsgi_application())
    Thread(target=server.serve_forever, daemon=True).start()
    return int(server.server_port)


def publish(count: int) -> dict[str, Any]:
    from uuid import uuid4

    from django.utils import timezone

    from truthlytics.transparency.models import Log
    from truthlytics.transparency.services.entries import add, new_entry

    now = timezone.now()
    add(new_entry("version", item="article", uuid=uuid4(), at=now, number=1, digest="0" * 64) for _ in range(count))
    log = Log.objects.current()
    return {"origin": log.origin, "key": log.keys.get().verifier_key}


def list_log(origin: str, key: str) -> dict[str, Any]:
    from truthlytics.transparency.models import WitnessedLog
    from truthlytics.transparency.witnesses.identity import witness_key

    WitnessedLog.objects.create(name="First", origin=origin, verifier_keys=key)
    return {"key": str(witness_key())}


def ask(address: str, key: str) -> dict[str, Any]:
    from django.utils import timezone

    from truthlytics.transparency.models import Witness
    from truthlytics.transparency.witnesses.asking import offer_due

    witness = Witness.objects.create(name="First", address=address, verifier_key=key)
    offered = offer_due(timezone.now())
    witness.refresh_from_db()
    return {"confirmed": offered, "problem": witness.problem, "answer": witness.answer}


def refusal() -> dict[str, Any]:
    from django.urls import reverse

    from truthlytics.transparency.models import Refusal

    return {"url": reverse("transparency:refusal", args=[Refusal.objects.get().pk])}


def main() -> None:
    configure(sys.argv[1])
    from truthlytics.transparency.keys import create_key

    create_key()
    commands = {"publish": publish, "list_log": list_log, "ask": ask, "refusal": refusal}
    print(json.dumps({"port": serve()}), flush=True)
    for line in sys.stdin:
        command = json.loads(line)
        print(json.dumps(commands[command.pop("do")](**command)), flush=True)


if __name__ == "__main__":
    assert Path(sys.argv[1]).is_dir()
    main()
