"""The API described: OpenAPI for programs, and a page for people made from the same document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from dossier.core.api import once
from dossier.core.api.auth import PREFIX
from dossier.core.api.problems import MEDIA_TYPE, TITLES, not_found, not_possible
from dossier.core.api.routes import Operation, all_routes

Json = dict[str, Any]
PROBLEM = "#/components/schemas/Problem"
_ENGLISH = "en"


def _statuses(operation: Operation) -> list[int]:
    """The statuses of problems an operation can end in."""
    found = [400, 401, 403, 429, 503]
    if operation.keys or operation.writes:
        found.append(404)
    if operation.ruled:
        found.append(422)
    if operation.writes:
        found += [409, 413]
    return sorted(found)


def described(language: str) -> Json:
    """The OpenAPI document in a language."""
    from dossier.core.api.app import api  # which names this module's views

    with translation.override(language):
        made: Json = dict(api().get_openapi_schema(path_prefix=PREFIX.strip("/")))
        # The framework lists the parameters of an address as if they were a schema too.
        schemas: Json = {
            name: one
            for name, one in made["components"]["schemas"].items()
            if not name.endswith("Query")
        }
        schemas["Problem"] = _problem_schema()
        for routes in all_routes():
            for operation in routes.operations:
                path = f"{PREFIX.rstrip('/')}{operation.path}"
                _complete(made["paths"][path][operation.method.lower()], operation, schemas)
        made["info"] = {
            "title": "Dossier",
            "version": "1",
            "description": _(
                "Every object of the program, by the same rules as its pages: what a person may not do there a token of that person may not do here."
            ),
        }
        made["servers"] = [{"url": "/"}]
        made["tags"] = [
            {"name": routes.of.word, "description": str(routes.tag or routes.of.label)}
            for routes in all_routes()
        ]
        made["security"] = [{"bearer": []}]
        made["components"] = {
            "schemas": schemas,
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": _("A token made under “API tokens” in the menu of your name."),
                }
            },
        }
        plain: Json = _settled(made)
        return plain


def _settled(value: Any) -> Any:
    """The document with every text in the active language."""
    if isinstance(value, dict):
        return {str(key): _settled(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_settled(one) for one in value]
    return str(value) if isinstance(value, Promise) else value


def _complete(entry: Json, operation: Operation, schemas: Json) -> None:
    """Add to what the framework knows of an operation: summary, answers, scope, the key of repeats."""
    entry["summary"] = str(operation.summary)
    if operation.description:
        entry["description"] = str(operation.description)
    entry["security"] = [{"bearer": []}]
    entry["x-scope"] = f"{operation.of.word}:{operation.mode}"
    entry["parameters"] = [_parameter(one) for one in entry.get("parameters", [])]
    if operation.writes and operation.kept:
        entry["parameters"].append(_repeat_key())
    sent = entry.get("requestBody")
    if sent:
        content = sent["content"]["application/json"]
        content["example"] = example(content["schema"], schemas)
    responses: Json = {}
    if operation.answer is None:
        responses["204"] = {"description": _("Done")}
    else:
        if operation.answer_name not in schemas:
            schemas[operation.answer_name] = _settled(operation.answer())
        schema = {"$ref": f"#/components/schemas/{operation.answer_name}"}
        responses[str(operation.status)] = {
            "description": str(_("Made") if operation.status == 201 else _("Done")),
            "content": {
                "application/json": {"schema": schema, "example": example(schema, schemas)}
            },
        }
        if operation.status == 201:
            responses["201"]["headers"] = {
                "Location": {"schema": {"type": "string"}, "required": False}
            }
    for status in _statuses(operation):
        responses[str(status)] = {
            "description": str(TITLES[status]),
            "content": {MEDIA_TYPE: {"schema": {"$ref": PROBLEM}}},
        }
        headers = {401: "WWW-Authenticate", 429: "Retry-After", 503: "Retry-After"}
        if status in headers:
            responses[str(status)]["headers"] = {headers[status]: {"schema": {"type": "string"}}}
    entry["responses"] = responses


def _parameter(entry: Json) -> Json:
    """A parameter of the address: one that may be left out is not null but absent."""
    schema = dict(entry["schema"])
    options = schema.get("anyOf")
    if options:
        real = [one for one in options if one.get("type") != "null"]
        schema.pop("anyOf")
        schema = real[0] | schema if len(real) == 1 else schema | {"anyOf": real}
    title = schema.pop("title", "")
    made = {"name": entry["name"], "in": entry["in"], "required": entry["required"]}
    if schema.pop("x-comma", False):
        made |= {"style": "form", "explode": False}
    made |= {"schema": schema}
    if title and entry["in"] == "query":
        made["description"] = str(title)
    return made


def _repeat_key() -> Json:
    return {
        "name": once.HEADER,
        "in": "header",
        "required": False,
        "description": _(
            "A word of your own for this request. Sent again with it within a day, the request is not done twice and gets the same answer."
        ),
        "schema": {"type": "string", "pattern": once.PATTERN, "maxLength": 64},
    }


def _problem_schema() -> Json:
    entry = {
        "type": "object",
        "properties": {
            "field": {"type": "string"},
            "pointer": {"type": "string"},
            "code": {"type": "string"},
            "detail": {"type": "string"},
        },
        "required": ["field", "pointer", "code", "detail"],
    }
    return {
        "type": "object",
        "title": "Problem",
        "description": "RFC 9457",
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "code": {"type": "string", "description": _("A word that stays the same")},
            "detail": {"type": "string", "description": _("What to do, in your language")},
            "errors": {"type": "array", "items": entry},
            "current": {
                "type": "object",
                "description": _("With 409: the record as it stands now"),
            },
            "sent": {"type": "object", "description": _("With 409: what you sent")},
        },
        "required": ["type", "title", "status", "code", "detail", "errors"],
        "example": {
            "type": f"{PREFIX}docs#problem-422",
            "title": str(TITLES[422]),
            "status": 422,
            "code": "missing",
            "detail": _("This must be given."),
            "errors": [
                {
                    "field": "name",
                    "pointer": "/name",
                    "code": "missing",
                    "detail": _("This must be given."),
                }
            ],
        },
    }


# Examples ----------------------------------------------------------------------------------------------


def example(schema: Mapping[str, Any], schemas: Mapping[str, Any], *, depth: int = 0) -> Any:
    """A value that fits a schema: in bodies what is demanded, in answers everything."""
    if "$ref" in schema:
        return example(schemas[schema["$ref"].rpartition("/")[2]], schemas, depth=depth)
    if schema.get("examples"):
        return schema["examples"][0]
    for options in ("anyOf", "oneOf"):
        if options in schema:
            real = [one for one in schema[options] if one.get("type") != "null"]
            return example(real[0], schemas, depth=depth)
    if "enum" in schema:
        return schema["enum"][0]
    kinds = schema.get("type", "object")
    kind = kinds[0] if isinstance(kinds, list) else kinds
    if kind == "object":
        return _object_example(schema, schemas, depth)
    if kind == "array":
        return [example(schema["items"], schemas, depth=depth + 1)] if schema.get("items") else []
    return _plain_example(kind, schema)


def _object_example(schema: Mapping[str, Any], schemas: Mapping[str, Any], depth: int) -> Json:
    properties = schema.get("properties", {})
    names = [name for name in properties if name in schema.get("required", ())] or list(properties)
    return {name: example(properties[name], schemas, depth=depth + 1) for name in names}


_FORMATS = {"date": "2026-01-31", "date-time": "2026-01-31T08:30:00+00:00"}
_PATTERNED = {"^[0-9]{6}$": "370600", "^[A-T][0-9]{0,2}$": "I65"}


def _plain_example(kind: str, schema: Mapping[str, Any]) -> Any:
    if kind == "integer":
        return max(1, int(schema.get("minimum", 1)))
    if kind == "boolean":
        return True
    if kind == "null":
        return None
    if "format" in schema:
        return _FORMATS[schema["format"]]
    pattern = str(schema.get("pattern") or "")
    if pattern:
        return _PATTERNED.get(pattern, "1.5" if r"\." in pattern else "1")
    return "text"[: schema.get("maxLength") or 4]


# Answers -----------------------------------------------------------------------------------------------


@cache
def _written(language: str) -> bytes:
    return orjson.dumps(described(language))


@csrf_exempt
def openapi(request: HttpRequest) -> HttpResponse:
    """The document; in English unless another language is asked for. It holds no data and is open."""
    if request.method not in ("GET", "HEAD"):
        return not_possible("GET, HEAD")
    language = translation.get_language() if "Accept-Language" in request.headers else _ENGLISH
    response = HttpResponse(_written(language or _ENGLISH), content_type="application/json")
    response.headers["Cache-Control"] = "public, max-age=300"
    response.headers["Vary"] = "Accept-Language"
    return response


@csrf_exempt
def nowhere(request: HttpRequest, rest: str = "") -> HttpResponse:
    """No such address of the API."""
    return not_found()


@csrf_exempt
def to_docs(request: HttpRequest) -> HttpResponse:
    """The root leads to the description."""
    return HttpResponseRedirect(reverse("api-docs"))


@require_http_methods(["GET", "HEAD"])
def docs(request: HttpRequest) -> HttpResponse:
    """The reference for people, in their language; open, for it holds no data."""
    return render(
        request,
        "api/docs.html",
        {
            "sections": list(_sections(translation.get_language() or settings.LANGUAGE_CODE)),
            "frame": "base.html" if request.user.is_authenticated else "base_plain.html",
            "base": request.build_absolute_uri("/").rstrip("/"),
            "problems": [(status, TITLES[status]) for status in sorted(TITLES)],
        },
    )


def _sections(language: str) -> Iterator[Json]:
    document = _document(language)
    by_tag: dict[str, list[Json]] = {}
    for path, methods in document["paths"].items():
        for method, entry in methods.items():
            for tag in entry["tags"]:
                by_tag.setdefault(tag, []).append(_operation(document, path, method.upper(), entry))
    seen = set()
    for tag in document["tags"]:
        name = tag["name"]
        if name in by_tag and name not in seen:
            seen.add(name)
            yield {
                "name": name,
                "title": tag["description"],
                "operations": by_tag[name],
            }


@cache
def _document(language: str) -> Json:
    return described(language)


def _operation(document: Json, path: str, method: str, entry: Json) -> Json:
    schemas = document["components"]["schemas"]
    sent = entry.get("requestBody", {}).get("content", {}).get("application/json")
    good = next(
        (
            (status, answer)
            for status, answer in entry["responses"].items()
            if status.startswith("2")
        )
    )
    answer = good[1].get("content", {}).get("application/json", {})
    return {
        "id": entry["operationId"],
        "method": method,
        "path": path,
        "summary": entry["summary"],
        "description": entry.get("description", ""),
        "scope": entry["x-scope"],
        "parameters": [
            {
                "name": one["name"],
                "where": one["in"],
                "type": type_words(one["schema"], schemas),
                "title": one.get("description", ""),
                "required": one["required"],
            }
            for one in entry["parameters"]
        ],
        "fields": _fields(sent["schema"], schemas) if sent else [],
        "sent": _pretty(sent["example"]) if sent else "",
        "status": good[0],
        "answer": _pretty(answer["example"]) if answer else "",
        "problems": [status for status in entry["responses"] if not status.startswith("2")],
    }


def _fields(schema: Json, schemas: Json) -> list[Json]:
    if "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    needed = schema.get("required", ())
    return [
        {
            "name": name,
            "type": type_words(one, schemas),
            "title": " · ".join(
                part for part in (one.get("title", ""), one.get("description", "")) if part
            ),
            "required": name in needed,
        }
        for name, one in schema.get("properties", {}).items()
    ]


def type_words(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    """A schema in a few words: what kind, how long, which words."""
    for options in ("anyOf", "oneOf"):
        if options in schema:
            return " | ".join(type_words(one, schemas) for one in schema[options])
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "enum" in schema:
        return " | ".join(f"“{one}”" if isinstance(one, str) else "null" for one in schema["enum"])
    kind = schema.get("type", "object")
    if kind == "array":
        return f"[{type_words(schema.get('items', {}), schemas)}]"
    text = " | ".join(kind) if isinstance(kind, list) else str(kind)
    if "format" in schema:
        text += f" ({schema['format']})"
    elif "maxLength" in schema:
        text += f" ≤ {schema['maxLength']}"
    elif r"\." in schema.get("pattern", ""):
        text += f" ({_('decimal number')})"
    return text


def _pretty(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
