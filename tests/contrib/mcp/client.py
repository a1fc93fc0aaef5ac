"""A client of the Model Context Protocol, as its specification describes one."""

import itertools
import json

from django.test import Client
from jsonschema import Draft202012Validator

ACCEPT = "application/json, text/event-stream"


class Assistant:
    """Checks the form of each answer. `version` is that of the protocol, sent after the first message."""

    def __init__(self, version="2025-11-25"):
        self.http = Client(enforce_csrf_checks=True)
        self.ids = itertools.count(1)
        self.version, self.headers = version, {}

    def post(self, body, **headers):
        body = body if isinstance(body, bytes | str) else json.dumps(body)
        headers = {"Accept": ACCEPT} | self.headers | headers
        return self.http.post("/mcp", body, content_type="application/json", headers=headers)

    def ask(self, method, **params):
        """Send a request; return its whole answer."""
        number = next(self.ids)
        response = self.post({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        assert (response.status_code, response.headers["Content-Type"]) == (200, "application/json"), response
        answer = response.json()
        assert (answer["jsonrpc"], answer["id"]) == ("2.0", number), answer
        return answer

    def connect(self):
        """Begin as each client has to, and return what the server says about itself."""
        result = self.ask(
            "initialize",
            protocolVersion=self.version,
            capabilities={"roots": {"listChanged": True}},
            clientInfo={"name": "test", "version": "1"},
        )["result"]
        self.headers = {"MCP-Protocol-Version": result["protocolVersion"]}
        assert self.post({"jsonrpc": "2.0", "method": "notifications/initialized"}).status_code == 202
        self.tools = {tool["name"]: tool for tool in self.ask("tools/list")["result"]["tools"]}
        return result

    def call(self, name, **arguments):
        """Return the data of a tool's answer, which is what it has promised."""
        result = self.ask("tools/call", name=name, arguments=arguments)["result"]
        assert not result["isError"], result
        Draft202012Validator(self.tools[name]["outputSchema"]).validate(result["structuredContent"])
        return result["structuredContent"]

    def refusal(self, name, **arguments):
        """Return why a tool does not answer."""
        result = self.ask("tools/call", name=name, arguments=arguments)["result"]
        assert result["isError"] and "structuredContent" not in result, result
        return result["content"][0]["text"]

    def everything(self, article, query):
        """Return all that can be learned about an article, as one text."""
        asked = [("search", {"query": query}), ("list_corrections", {}), ("read_article", {"article": article.slug})]
        asked += [("read_version", {"article": article.slug, "number": number}) for number in (1, 2, 3)]
        return " ".join(
            json.dumps(self.ask("tools/call", name=name, arguments=arguments)["result"], ensure_ascii=False)
            for name, arguments in asked
        )


def connected(version="2025-11-25"):
    assistant = Assistant(version)
    assistant.connect()
    return assistant
