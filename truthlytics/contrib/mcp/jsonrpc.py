"""Messages of JSON-RPC 2.0, as the Model Context Protocol uses them. Pure."""

import json
from enum import IntEnum

from truthlytics.web.types import JsonObject


class Code(IntEnum):
    PARSE_ERROR = -32700
    INVALID_REQUEST = -32600
    METHOD_NOT_FOUND = -32601
    INVALID_PARAMS = -32602


class RpcError(Exception):
    """What the client did wrong, in a sentence for its developers."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code = code


def parse(body: bytes) -> JsonObject:
    """Return the one message in `body`: a request, a notification or a response. Raises RpcError."""
    try:
        message = json.loads(body.decode())
        # Refuses infinite numbers and halves of characters, which no answer could repeat.
        json.dumps(message, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError) as error:
        raise RpcError(Code.PARSE_ERROR, "The body is not JSON in UTF-8, or it is nested too deeply.") from error
    if isinstance(message, list):
        raise RpcError(Code.INVALID_REQUEST, "Send one message in each request. Batches are not supported.")
    if not isinstance(message, dict) or message.get("jsonrpc") != "2.0" or not _is_valid(message):
        raise RpcError(Code.INVALID_REQUEST, "The body is no message of JSON-RPC 2.0.")
    return message


def _is_valid(message: JsonObject) -> bool:
    if "id" in message and (isinstance(message["id"], bool) or not isinstance(message["id"], str | int)):
        return False
    if "method" in message:
        return isinstance(message["method"], str)
    return "id" in message and ("result" in message or "error" in message)


def is_request(message: JsonObject) -> bool:
    """Return whether `message` has to be answered."""
    return "method" in message and "id" in message


def failure(error: RpcError, **fields: object) -> JsonObject:
    """Return the message about `error`. `fields` has the id of the request, if it is known."""
    return {"jsonrpc": "2.0", **fields, "error": {"code": error.code, "message": str(error)}}
