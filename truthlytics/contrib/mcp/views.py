"""The address `/mcp`: Streamable HTTP, without a session and without a stream."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from articles.access import Access
from truthlytics.api.problems import Problem
from truthlytics.contrib.api.callers import caller_of
from truthlytics.contrib.mcp import tools
from truthlytics.contrib.mcp.jsonrpc import Code, RpcError, failure, is_request, parse
from truthlytics.publication import get_publication
from truthlytics.web.rate_limits import client_ip, consume
from truthlytics.web.types import JsonObject

# Of the protocol, the oldest first. They do not differ in anything that is used here.
VERSIONS = ("2025-03-26", "2025-06-18", "2025-11-25")
# Bytes. The longest question has some hundred.
MAX_BODY = 64 * 1024
# For each IP address and minute. Some services ask for many people from one address.
REQUESTS_PER_MINUTE = 120
INSTRUCTIONS = (
    "Everything here is published by {name}. Search, then read what you found. Every answer says which version it is "
    "from and lists corrections. Name the publication and link to `version_url` where you use a text. If `is_complete` "
    "is false, the rest is for subscribers."
)


# Cookies are ignored: no session is read, so another site could only read here what anyone may.
@csrf_exempt
@require_POST
def mcp(request: HttpRequest) -> HttpResponse:
    """Answer one message of a client."""
    if request.headers.get("Origin", settings.SITE_URL) != settings.SITE_URL:
        return _refused(403, "Pages of other sites cannot use this address.")
    if not consume("mcp", client_ip(request), limit=REQUESTS_PER_MINUTE, seconds=60):
        return _refused(429, "Too many requests. Wait a minute.", {"Retry-After": "60"})
    try:
        access = caller_of(request).access
    except Problem as problem:
        return problem.as_response()
    body = request.read(MAX_BODY + 1)
    if len(body) > MAX_BODY:
        return _refused(413, "The message is too large.")
    try:
        message = parse(body)
    except RpcError as error:
        return JsonResponse(failure(error), status=400)
    version = request.headers.get("MCP-Protocol-Version", VERSIONS[0])
    # The first message asks for a version in its body.
    if version not in VERSIONS and message.get("method") != "initialize":
        return _refused(400, f"Protocol versions: {', '.join(VERSIONS)}.")
    if not is_request(message):
        return HttpResponse(status=202)
    return JsonResponse(answer(message, access))


def _refused(status: int, text: str, headers: dict[str, str] | None = None) -> HttpResponse:
    return JsonResponse(failure(RpcError(Code.INVALID_REQUEST, text)), status=status, headers=headers)


def answer(message: JsonObject, access: Access) -> JsonObject:
    """Return the response to a request."""
    try:
        method, params = METHODS.get(message["method"]), message.get("params", {})
        if method is None:
            raise RpcError(Code.METHOD_NOT_FOUND, "There is no such method.")
        if not isinstance(params, dict):
            raise RpcError(Code.INVALID_PARAMS, "`params` must be an object.")
        return {"jsonrpc": "2.0", "id": message["id"], "result": method(params, access)}
    except RpcError as error:
        return failure(error, id=message["id"])


def _initialize(params: JsonObject, access: Access) -> JsonObject:
    wanted, name = params.get("protocolVersion"), get_publication().name
    return {
        "protocolVersion": wanted if wanted in VERSIONS else VERSIONS[-1],
        "capabilities": {"tools": {}},
        "serverInfo": {"name": "truthlytics", "title": name, "version": "1", "websiteUrl": settings.SITE_URL},
        "instructions": INSTRUCTIONS.format(name=name),
    }


def _ping(params: JsonObject, access: Access) -> JsonObject:
    return {}


def _list_tools(params: JsonObject, access: Access) -> JsonObject:
    if params.get("cursor") is not None:
        raise RpcError(Code.INVALID_PARAMS, "The list has one page.")
    return {"tools": [tool.describe(name) for name, tool in tools.TOOLS.items()]}


def _call_tool(params: JsonObject, access: Access) -> JsonObject:
    name, arguments = params.get("name"), params.get("arguments", {})
    if not isinstance(name, str) or name not in tools.TOOLS:
        raise RpcError(Code.INVALID_PARAMS, "There is no such tool.")
    if not isinstance(arguments, dict):
        raise RpcError(Code.INVALID_PARAMS, "`arguments` must be an object.")
    return tools.call(name, arguments, access)


METHODS: dict[str, Callable[[JsonObject, Access], JsonObject]] = {
    "initialize": _initialize,
    "ping": _ping,
    "tools/list": _list_tools,
    "tools/call": _call_tool,
}
