"""OpenAI's chat completions and list of models, as any compatible client uses them.

Follows the vendor's published OpenAPI document. Mounted by fakes/app.py. Tests: tests/test_fakes/test_chat.py.
"""

from __future__ import annotations

import asyncio
import json
import math
import secrets
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from fakes.answers import Conversation, Writer
from fakes.catalogue import chat_models
from fakes.script import Answer, Call, Do
from fakes.world import Operation, Refused, World

Json = dict[str, Any]
_IMAGE_TOKENS, _MESSAGE_TOKENS, _PIECE = 765, 4, 24


@dataclass
class Reply:
    """What the model says. `tool` names the function whose arguments `text` is."""

    text: str
    finish_reason: str = "stop"
    refusal: str | None = None
    tool: str | None = None

    @property
    def tokens(self) -> int:
        return max(1, math.ceil(len(self.refusal or self.text) / 4))


class EventStream(Response):
    """Server-sent events with a pause between them."""

    def __init__(self, events: list[str], pause_s: float) -> None:
        self._pieces = [f"data: {event}\n\n".encode() for event in events]
        self._pause_s = pause_s
        super().__init__(b"".join(self._pieces), media_type="text/event-stream; charset=utf-8")
        del self.headers["content-length"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        for piece in self._pieces:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            await asyncio.sleep(self._pause_s)
        await send({"type": "http.response.body", "body": b""})


async def complete(world: World, call: Call, do: Do) -> Response:
    """Answer a conversation."""
    request = _checked(world, call)
    answer = do.answer or Answer()
    reply = _reply(world, request, answer)
    limit = request.get("max_completion_tokens") or request.get("max_tokens")
    if limit and reply.tokens > limit:
        reply = Reply(reply.text[: 4 * limit], "length", None, reply.tool)
    usage = _usage(request, reply)
    world.chats.append({"model": request["model"], "at": world.clock.now(), **usage})
    head: Json = {
        "id": f"chatcmpl-{secrets.token_hex(12)}",
        "created": int(world.clock.now()),
        "model": request["model"],
        "service_tier": "default",
        "system_fingerprint": "fp_fakes",
    }
    if request.get("stream"):
        return EventStream(_events(head, request, reply, usage), answer.chunk_s)
    choice = {"index": 0, "message": _message(reply), "logprobs": None, "finish_reason": reply.finish_reason}
    return JSONResponse({**head, "object": "chat.completion", "choices": [choice], "usage": usage})


async def models(world: World, call: Call, do: Do) -> Response:
    """List the models, each with the day it is shut down."""
    return JSONResponse({"object": "list", "data": [_model_view(name, end) for name, end in _known(world).items()]})


async def model(world: World, call: Call, do: Do) -> Response:
    """Describe one model."""
    name = call.path.rsplit("/", 1)[1]
    known = _known(world)
    if name not in known:
        raise _unknown(name)
    return JSONResponse(_model_view(name, known[name]))


def refusal(status: int, message: str, code: str | None = None, param: str | None = None) -> Refused:
    """Return an error as OpenAI words them."""
    error = {"message": message, "type": "invalid_request_error", "param": param, "code": code}
    return Refused(JSONResponse({"error": error}, status))


def _known(world: World) -> dict[str, date | None]:
    today = datetime.fromtimestamp(world.clock.now(), UTC).date()
    listed = {**chat_models(), **dict.fromkeys(world.script.settings.chat_models)}
    return {name: end for name, end in listed.items() if end is None or end > today}


def _unknown(name: str) -> Refused:
    return refusal(404, f"The model `{name}` does not exist or you do not have access to it.", "model_not_found")


def _model_view(name: str, end: date | None) -> Json:
    shown = end.isoformat() if end else None
    return {"id": name, "object": "model", "created": 1_700_000_000, "owned_by": "fakes", "shutdown_date": shown}


def _checked(world: World, call: Call) -> Json:
    request = call.payload
    if not isinstance(request, dict):
        raise refusal(400, "We could not parse the JSON body of your request.")
    if request.get("model") not in _known(world):
        raise _unknown(str(request.get("model")))
    if not isinstance(request.get("messages"), list) or not request["messages"]:
        raise refusal(400, "Missing required parameter: 'messages'.", "missing_required_parameter", "messages")
    wanted = request.get("response_format") or {"type": "text"}
    if wanted["type"] == "json_object" and "json" not in call.prompt.lower():
        raise refusal(400, "'messages' must contain the word 'json' in some form.", None, "messages")
    if wanted["type"] == "json_schema" and wanted["json_schema"].get("strict"):
        _check_strict(wanted["json_schema"], "response_format")
    for tool in request.get("tools") or []:
        if tool["function"].get("strict"):
            _check_strict({"schema": tool["function"].get("parameters", {})}, "tools")
    return request


def _check_strict(wanted: Json, param: str) -> None:
    """Refuse what structured outputs do not take: every object closed, every property required."""
    stack: list[Any] = [wanted.get("schema", {})]
    while stack:
        part = stack.pop()
        if isinstance(part, dict):
            if part.get("type") == "object" and isinstance(part.get("properties", {}), dict):
                missing = set(part.get("properties", {})) - set(part.get("required", []))
                if part.get("additionalProperties") is not False:
                    raise _bad_schema(param, "'additionalProperties' is required to be supplied and to be false.")
                if missing:
                    raise _bad_schema(
                        param, f"'required' must include every key in properties. Missing '{min(missing)}'."
                    )
            stack += part.values()
        elif isinstance(part, list):
            stack += part


def _bad_schema(param: str, what: str) -> Refused:
    return refusal(400, f"Invalid schema for {param}: {what}", "invalid_json_schema", param)


def _reply(world: World, request: Json, answer: Answer) -> Reply:
    if answer.refusal:
        return Reply("", refusal=answer.refusal)
    tool, title, schema = _asked(request)
    text = _text(world, request, title, schema, answer)
    if answer.malformed or answer.finish_reason in ("length", "content_filter"):
        text = text[: len(text) // 2]
    usual = "tool_calls" if tool else "stop"
    return Reply(text, answer.finish_reason or usual, None, tool)


def _asked(request: Json) -> tuple[str | None, str, Json | None]:
    """Return the tool to call if any, the name of what is asked for, and its schema."""
    tools = {tool["function"]["name"]: tool["function"] for tool in request.get("tools") or []}
    choice = request.get("tool_choice", "auto")
    answered = request["messages"][-1].get("role") == "tool"
    if tools and choice != "none" and not (answered and choice == "auto"):
        name = choice["function"]["name"] if isinstance(choice, dict) else next(iter(tools))
        schema = tools[name].get("parameters") or {"type": "object"}
        return name, schema.get("title") or name, schema
    wanted = request.get("response_format") or {"type": "text"}
    if wanted["type"] == "json_schema":
        schema = wanted["json_schema"].get("schema") or {"type": "object"}
        return None, schema.get("title") or wanted["json_schema"]["name"], schema
    return None, wanted["type"], {"type": "object"} if wanted["type"] == "json_object" else None


def _text(world: World, request: Json, title: str, schema: Json | None, answer: Answer) -> str:
    if answer.content is not None:
        return answer.content if isinstance(answer.content, str) else json.dumps(answer.content)
    if answer.wrong_schema:
        return json.dumps({"unexpected": True})
    found, ready = _ready(world, request, title)
    if found:
        return ready if isinstance(ready, str) else json.dumps(ready)
    talk = Conversation.read(text_of(request, {"system", "developer"}), text_of(request, {"user"}))
    schema = schema if schema != {"type": "object"} else _schema_in(talk) or schema
    return json.dumps(Writer(schema, talk).write()) if schema else f"Here is an idea for {talk.topic()}."


def _ready(world: World, request: Json, title: str) -> tuple[bool, Any]:
    """Return whether the script has an answer under this title, or the schema's name, and which one is due."""
    names = [title, (request.get("response_format") or {}).get("json_schema", {}).get("name", title)]
    for name in names:
        if name in world.script.settings.answers:
            ready = world.script.settings.answers[name]
            turn = world.taken.get(name, 0)
            world.taken[name] = turn + 1
            return True, ready[min(turn, len(ready) - 1)] if isinstance(ready, list) else ready
    return False, None


def _schema_in(talk: Conversation) -> Json | None:
    """Return the schema that the instructions hold, where the client asks for plain JSON and explains itself."""
    candidates = [*Conversation.read("", talk.system).documents, *talk.documents]
    return next((found for found in candidates if isinstance(found, dict) and "properties" in found), None)


def text_of(request: Any, roles: set[str] | None = None) -> str:
    """Return the text of a conversation's messages, of these roles only."""
    parts: list[str] = []
    for message in request.get("messages") or [] if isinstance(request, dict) else []:
        if roles is None or message.get("role") in roles:
            content = message.get("content")
            parts += [content] if isinstance(content, str) else [part.get("text", "") for part in content or []]
    return "\n".join(parts)


def _usage(request: Json, reply: Reply) -> Json:
    """Count tokens: a quarter of the characters, a fixed number for each picture and message."""
    parts = [part for message in request["messages"] for part in _parts(message)]
    images = sum(part.get("type") == "image_url" for part in parts)
    text = len(text_of(request)) + len(json.dumps(request.get("response_format") or request.get("tools") or ""))
    asked = math.ceil(text / 4) + images * _IMAGE_TOKENS + len(request["messages"]) * _MESSAGE_TOKENS
    return {
        "prompt_tokens": asked,
        "completion_tokens": reply.tokens,
        "total_tokens": asked + reply.tokens,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
    }


def _parts(message: Json) -> list[Json]:
    content = message.get("content")
    return [part for part in content if isinstance(part, dict)] if isinstance(content, list) else []


def _message(reply: Reply) -> Json:
    message: Json = {"role": "assistant", "content": reply.text, "refusal": reply.refusal, "annotations": []}
    if reply.refusal:
        message["content"] = None
    if reply.tool:
        message |= {"content": None, "tool_calls": [_tool_call(reply.tool, reply.text)]}
    return message


def _tool_call(name: str, arguments: str) -> Json:
    function = {"name": name, "arguments": arguments}
    return {"id": f"call_{secrets.token_hex(8)}", "type": "function", "function": function}


def _events(head: Json, request: Json, reply: Reply, usage: Json) -> list[str]:
    counted = bool((request.get("stream_options") or {}).get("include_usage"))
    chunk = {**head, "object": "chat.completion.chunk", **({"usage": None} if counted else {})}
    first: Json = {"role": "assistant", "content": "", "refusal": None}
    if reply.tool:
        first |= {"content": None, "tool_calls": [{"index": 0, **_tool_call(reply.tool, "")}]}
    deltas = [first]
    said = reply.refusal or reply.text
    for start in range(0, len(said), _PIECE):
        deltas.append(_delta(reply, said[start : start + _PIECE]))
    chunks = [{**chunk, "choices": [_choice(delta, None)]} for delta in deltas]
    chunks.append({**chunk, "choices": [_choice({}, reply.finish_reason)]})
    if counted:
        chunks.append({**chunk, "choices": [], "usage": usage})
    return [*map(json.dumps, chunks), "[DONE]"]


def _delta(reply: Reply, piece: str) -> Json:
    if reply.tool:
        return {"tool_calls": [{"index": 0, "function": {"arguments": piece}}]}
    return {"refusal" if reply.refusal else "content": piece}


def _choice(delta: Json, finish_reason: str | None) -> Json:
    return {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}


OPERATIONS = [
    Operation("openai", "chat", "POST", "/v1/chat/completions", complete),
    Operation("openai", "models", "GET", "/v1/models", models),
    Operation("openai", "model", "GET", "/v1/models/{model}", model),
]
