"""Run the fake as a server, to try the site with it: `python -m tests.fakestripe --site http://localhost:8000`.

Start the site with the settings that this prints. The first page lists subscriptions and lets time pass. The site's own
clock stays where it is.
"""

import argparse
import time

from tests.fakestripe.connection import WEBHOOK_PATH
from tests.fakestripe.server import serve
from tests.fakestripe.transport import FakeStripe
from tests.fakestripe.webhooks import SECRET


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fakestripe")
    parser.add_argument("--port", type=int, default=12111)
    parser.add_argument("--site", default="http://localhost:8000", help="where webhooks are sent")
    options = parser.parse_args()
    fake = FakeStripe(now=int(time.time()))
    server = serve(fake, options.port, webhook_url=options.site.rstrip("/") + WEBHOOK_PATH)
    print(f"STRIPE_SECRET_KEY=sk_test_fake STRIPE_WEBHOOK_SECRET={SECRET} STRIPE_API_BASE={fake.base_url}")
    print(f"Pages: {fake.base_url}/", flush=True)
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        server.stop()


if __name__ == "__main__":
    main()
