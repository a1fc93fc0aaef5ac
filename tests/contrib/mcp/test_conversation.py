"""A client's conversation, as the specification prescribes it, and what the server refuses."""

import json
import random
from unittest import mock

from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from jsonschema import Draft202012Validator

from tests.contrib.mcp.client import Assistant, connected
from tests.factories import make_article, make_subscriber
from truthlytics.contrib.mcp import schemas, views
from truthlytics.contrib.mcp.tools import TOOLS
from truthlytics.publication import get_publication

PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}


class ConversationTests(TestCase):
    def test_each_version_of_the_protocol(self):
        for version in views.VERSIONS:
            with self.subTest(version):
                assistant = Assistant(version)
                result = assistant.connect()
                self.assertEqual(result["protocolVersion"], version)
                self.assertEqual(result["capabilities"], {"tools": {}})
                self.assertEqual(result["serverInfo"]["title"], get_publication().name)
                self.assertEqual(
                    list(assistant.tools),
                    ["search", "read_article", "read_version", "list_corrections", "check_quotation"],
                )
                self.assertEqual(assistant.ask("ping")["result"], {})

    def test_other_versions_are_offered_the_newest(self):
        for version in ("2024-11-05", "2026-07-28", "", None, ["2025-06-18"], 7):
            self.assertEqual(Assistant(version).connect()["protocolVersion"], "2025-11-25")

    def test_a_client_that_begins_without_introduction_is_told_so(self):
        """One that knows newer versions then falls back to `initialize`, unless the error is one of theirs."""
        response = Assistant().post(PING | {"method": "tools/list"}, **{"MCP-Protocol-Version": "2026-07-28"})
        self.assertEqual((response.status_code, response.json()["error"]["code"]), (400, -32600))
        self.assertIn("2025-11-25", response.json()["error"]["message"])

    def test_every_tool_says_what_it_takes_and_returns(self):
        for tool in connected().tools.values():
            Draft202012Validator.check_schema(tool["inputSchema"])
            Draft202012Validator.check_schema(tool["outputSchema"])
            self.assertEqual((tool["annotations"]["readOnlyHint"], tool["inputSchema"]["type"]), (True, "object"))
            self.assertTrue(tool["description"])

    def test_notifications_and_responses_have_no_answer(self):
        for message in (
            {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 3}},
            {"jsonrpc": "2.0", "method": "of the client's own"},
            {"jsonrpc": "2.0", "id": 4, "result": {}},
            {"jsonrpc": "2.0", "id": "x", "error": {"code": 1, "message": "No."}},
        ):
            response = Assistant().post(message)
            self.assertEqual((response.status_code, response.content), (202, b""))

    def test_errors_of_requests_have_their_codes(self):
        assistant = connected()
        for method, params, code in (
            ("resources/list", {}, -32601),
            ("tools/list", {"cursor": "x"}, -32602),
            ("tools/call", {"name": "write_article"}, -32602),
            ("tools/call", {"name": ["search"]}, -32602),
            ("tools/call", {"name": "search", "arguments": ["harbour"]}, -32602),
        ):
            self.assertEqual(assistant.ask(method, **params)["error"]["code"], code)
        self.assertEqual(assistant.post(PING | {"params": [1]}).json()["error"]["code"], -32602)


class TransportTests(TestCase):
    def test_only_post(self):
        for method in ("get", "put", "delete", "options", "head"):
            response = getattr(self.client, method)("/mcp", headers={"Accept": "text/event-stream"})
            self.assertEqual((response.status_code, response.headers["Allow"]), (405, "POST"))

    def test_pages_of_other_sites_are_refused(self):
        for origin in ("https://evil.example", "null", "http://localhost:8000.evil.example", "http://localhost"):
            self.assertEqual(Assistant().post(PING, Origin=origin).status_code, 403)
        self.assertEqual(Assistant().post(PING, Origin="http://localhost:8000").status_code, 200)

    def test_other_hosts_are_refused(self):
        self.assertEqual(Assistant().post(PING, Host="evil.example").status_code, 400)

    def test_cookies_are_ignored(self):
        article = make_article(body="<p>Free.</p><hr data-gate><p>zylophantine</p>", required_level=10)
        assistant = connected()
        assistant.http.force_login(make_subscriber())
        with CaptureQueriesContext(connection) as queries:
            assistant.ask("ping")
        self.assertNotIn("session", str(queries.captured_queries))
        self.assertNotIn("zylophantine", assistant.everything(article, "zylophantine free"))
        response = assistant.post(PING)
        self.assertEqual((response.headers["Cache-Control"], dict(response.cookies)), ("private, no-store", {}))

    def test_no_program_can_ask_without_end(self):
        assistant = Assistant()
        with mock.patch.object(views, "REQUESTS_PER_MINUTE", 2):
            self.assertEqual([assistant.post(PING).status_code for _ in range(3)], [200, 200, 429])
            self.assertEqual(assistant.post(PING).headers["Retry-After"], "60")

    def test_large_messages_are_refused(self):
        self.assertEqual(Assistant().post(b" " * views.MAX_BODY + json.dumps(PING).encode()).status_code, 413)

    def test_what_is_no_message_is_refused(self):
        deep, huge = b"[" * 60_000, b"9" * 60_000
        for body in (
            b"", b"{", b"null", b"7", b'"ping"', b"\xff\xfe", "{}".encode("utf-16"), b"\xef\xbb\xbf{}", deep, huge,
            b'{"a":' * 10_000 + b"1" + b"}" * 10_000, [PING], [], {}, PING | {"jsonrpc": "1.0"}, PING | {"id": None},
            PING | {"id": True}, PING | {"id": 1.5}, PING | {"id": {}}, PING | {"method": None}, PING | {"method": 1},
            {"jsonrpc": "2.0", "id": 1}, '{"jsonrpc":"2.0","id":1e999,"method":"ping"}',
            '{"jsonrpc":"2.0","id":NaN,"method":"ping"}', '{"jsonrpc":"2.0","id":"\\ud800","method":"ping"}',
        ):  # fmt: skip
            with self.subTest(str(body)[:60]):
                response = Assistant().post(body)
                self.assertEqual((response.status_code, "id" in response.json()), (400, False))


class HostileInputTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.article = make_article(slug="the-harbour")

    def test_no_argument_is_an_error_of_the_server(self):
        generator, assistant = random.Random(7), connected()
        for number in range(300):
            name = generator.choice(list(TOOLS))
            arguments = {key: odd(generator) for key in generator.sample(NAMES, generator.randint(0, 3))}
            body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {
                "name": name, "arguments": arguments,
            }})  # fmt: skip
            with self.subTest(number=number, body=body[:200]), mock.patch.object(views, "REQUESTS_PER_MINUTE", 10**6):
                response = assistant.post(body)
                self.assertIn(response.status_code, (200, 400))
                if response.status_code == 200 and not Draft202012Validator(TOOLS[name].takes).is_valid(arguments):
                    self.assertTrue(response.json()["result"]["isError"])

    def test_the_check_agrees_with_json_schema(self):
        generator = random.Random(8)
        for tool in TOOLS.values():
            validator = Draft202012Validator(tool.takes)
            for _ in range(150):
                arguments = {key: odd(generator) for key in generator.sample(NAMES, generator.randint(0, 3))}
                with self.subTest(str(arguments)[:200]):
                    self.assertEqual(schemas.problem_with(arguments, tool.takes) == "", validator.is_valid(arguments))


NAMES = ["query", "page", "article", "number", "limit", "__proto__", ""]
ODD = [
    "", "the-harbour", "http://localhost:8000/articles/the-harbour/", "http://[", "//", "/", "../../etc/passwd", "²",
    "x\x00y", "\x00", "\u202e\u2066", "e" + "\u0301" * 300, "%00%ff", "' OR 1=1 --", "a" * 200, "a " * 250, "😀" * 40,
    "http://localhost:8000/articles/the-harbour/?a=%00#x", "http://localhost:8000/articles/\x00/", 0, 1, 2, 25, 26, -1,
    1.0, 1.5, 50, 51, 10**6, 2**63, 10**40, True, False, None, [], {}, [["x"]], {"$ref": "#"}, "\ufffe\uffff",
]  # fmt: skip


def odd(generator):
    return generator.choice(ODD)
