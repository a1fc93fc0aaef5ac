"""Caches in between never mix formats: nginx, which here keeps everything by its address alone, and Varnish."""

import http.client
import shutil
import subprocess
import tempfile
from pathlib import Path
from socketserver import ThreadingMixIn
from threading import Thread
from time import sleep
from unittest import SkipTest
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from django.db import connections
from django.test import override_settings, tag

from tests.factories import make_article, make_version
from tests.transactions import TransactionTestCase
from tests.truthlytics.cache.test_cdn import VARNISH
from tests.truthlytics.cache.visitor import MIDDLEWARE, Visitor
from tests.truthlytics.server.served import free_port
from truthlytics.cache.edge import Edge
from truthlytics.cache.invalidation import site_generations
from truthlytics.env import BASE_DIR

HOST = "testserver"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
ODD = ["text/markdown", "application/json", "application/activity+json", "text/markdown;q=2, */*;q=-1", "", "\xff;,"]
NGINX = """
daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/log;
events {{ }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  proxy_cache_path {folder}/pages keys_zone=pages:1m;
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://127.0.0.1:{backend};
      proxy_set_header Host $host;
      proxy_cache pages;
      proxy_cache_valid 200 1m;
      proxy_ignore_headers Cache-Control Expires Vary;
      add_header X-Kept $upstream_cache_status;
    }}
  }}
}}
"""


class QuietHandler(WSGIRequestHandler):
    def log_message(self, *arguments):
        pass


class ThreadedServer(ThreadingMixIn, WSGIServer):
    daemon_threads = True


@tag("sqlite")  # The caches do not know which database there is.
@override_settings(MIDDLEWARE=MIDDLEWARE, CDN=VARNISH, ALLOWED_HOSTS=[HOST, "news.example.org"])
class CacheInBetweenCase(TransactionTestCase):
    def setUp(self):
        article = make_article(slug="the-harbour", headline="The harbour", body="<p>41 berths.</p>")
        make_version(article, body="<p>14 berths.</p>", kind="correction", note="There are 14.")
        self.folder = Path(tempfile.mkdtemp())
        # Varnish gives up its rights.
        self.folder.chmod(0o755)
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.cache = Visitor(edge=Edge(site_generations(), follows=False)).cache
        server = make_server("127.0.0.1", 0, self.serve, ThreadedServer, QuietHandler)
        self.backend = server.server_port
        Thread(target=server.serve_forever, args=(0.05,)).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)

    def serve(self, environ, start_response):
        try:
            return [b"".join(self.cache(environ, start_response))]
        finally:
            connections.close_all()

    def start(self, program, *arguments):
        path = shutil.which(program) or shutil.which(program, path="/usr/sbin")
        if path is None:
            raise SkipTest(f"{program} is not installed.")
        process = subprocess.Popen([path, *map(str, arguments)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)

    def get(self, port, path, accept, **more):
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        headers = {"Host": HOST, "Accept": accept, "Accept-Encoding": "identity", **more}
        client.request("GET", path, headers=headers)
        response = client.getresponse()
        body = response.read()
        client.close()
        return response.headers, body

    def wait_for(self, port):
        for _ in range(200):
            try:
                return self.get(port, "/robots.txt", BROWSER)
            except OSError:
                sleep(0.05)
        raise AssertionError("The cache did not start.")

    def start_varnish(self):
        """Start Varnish as docs/deploy says, and return its port."""
        port, vcl = free_port(), self.folder / "site.vcl"
        text = (BASE_DIR / "docs/deploy/varnish.vcl").read_text("utf-8").replace('"10.0.0.10"', '"127.0.0.1"')
        vcl.write_text(text.replace('.port = "80"', f'.port = "{self.backend}"'), encoding="utf-8")
        work = ["-n", self.folder / "work", "-f", vcl, "-s", "malloc,16m"]
        self.start("varnishd", "-F", "-j", "none", "-a", f"127.0.0.1:{port}", *work)
        self.wait_for(port)
        return port


class CachesInBetweenTests(CacheInBetweenCase):
    def check(self, port, is_kept):
        """Ask for each address in odd ways first. What is kept then has to be what its readers expect."""
        pages = ["/", "/articles/the-harbour/", "/articles/the-harbour/versions/1/", "/latest/"]
        texts = [f"/articles/the-harbour{version}.{kind}" for version in ("", "/versions/1") for kind in ("md", "json")]
        types = {"md": "text/markdown; charset=utf-8", "json": "application/json"}
        for path in [*pages, *texts]:
            usual = types[path.rpartition(".")[2]] if path in texts else BROWSER
            expected = types[path.rpartition(".")[2]] if path in texts else "text/html; charset=utf-8"
            # What a reader gets without any cache.
            fresh = Visitor().get(path, HTTP_ACCEPT=usual)["body"]
            for accept in [*ODD, *types.values(), BROWSER, usual]:
                headers, body = self.get(port, path, accept)
                with self.subTest(path=path, accept=accept):
                    self.assertEqual(headers["Content-Type"], expected)
                    self.assertEqual(body, fresh)
                    self.assertNotIn("Accept,", f"{headers['Vary']},".replace(" ", ""))
            self.assertTrue(is_kept(headers), f"{path} was not kept.")

    def test_nginx(self):
        port = free_port()
        (self.folder / "nginx.conf").write_text(NGINX.format(folder=self.folder, port=port, backend=self.backend))
        self.start("nginx", "-p", self.folder, "-c", self.folder / "nginx.conf", "-e", self.folder / "log")
        self.wait_for(port)
        self.check(port, lambda headers: headers["X-Kept"] == "HIT")

    def test_varnish(self):
        self.check(self.start_varnish(), lambda headers: len(headers["X-Varnish"].split()) == 2)
