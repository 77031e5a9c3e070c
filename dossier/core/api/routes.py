"""Operations of an object type: each names the right it needs, what it takes and what it answers.

An operation is a function of the call, the keys in the address and the body. It calls a selector or a
service of its department and returns what is answered; everything around it is done here, once.
"""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from ninja import Body as InBody
from ninja import Path, Query, Router, Schema
from pydantic import Field, create_model

from dossier.core.access import Actor
from dossier.core.api import kinds
from dossier.core.api.auth import PREFIX, Bearer, Caller
from dossier.core.api.inputs import BodyModel, given
from dossier.core.api.once import claimed, key_of
from dossier.core.api.problems import bad_parameter, refused
from dossier.core.api.records import MOST, PAGE, Record
from dossier.core.api.scopes import READ, WRITE, ObjectType, object_type
from dossier.core.errors import Refusal, Stale
from dossier.core.keyset import LONGEST
from dossier.core.services import frame

Json = Any
_KEYS = re.compile(r"{(\w+)}")
_SAFE = ("GET",)


@dataclass(frozen=True)
class Call:
    """Who asks, and the parameters of the address that were sent."""

    actor: Actor
    token_id: int
    query: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Operation:
    """One operation, as the document tells of it."""

    method: str
    path: str
    name: str
    summary: str | Promise
    description: str | Promise
    of: ObjectType
    mode: str
    needs: tuple[tuple[str, str], ...]
    run: Callable[..., Json]
    status: int
    answer: Callable[[], kinds.Schema] | None  # None: nothing but the status
    answer_name: str
    keys: Mapping[str, Any]
    body: BodyModel | None
    query: type[Schema] | None
    shows: Callable[..., Json] | None  # the record as it stands, told with a stale edit
    ruled: bool  # rules of the business may refuse it
    kept: bool  # its answer may be kept for a repeat

    @property
    def writes(self) -> bool:
        """Whether it may change something."""
        return self.method not in _SAFE


@dataclass
class Routes:
    """The operations of one object type. ``kind`` is the kind of record whose rights they need."""

    of: ObjectType
    kind: str
    tag: str | Promise = ""
    keys: Mapping[str, Any] = field(
        default_factory=dict
    )  # of the address, where they are no row keys
    operations: list[Operation] = field(default_factory=list)

    def __post_init__(self) -> None:
        object_type(self.of)
        _routes.append(self)

    # -- declaring ----------------------------------------------------------------------------------

    def records(
        self,
        path: str,
        record: Record,
        *,
        plural: str,
        summary: tuple[str | Promise, str | Promise],
        needs: Sequence[str] = ("view",),
    ) -> None:
        """The list of a kind of object, and one of them."""
        query = _list_query(record)

        def several(call: Call) -> Json:
            return _page(record, call)

        self._add(
            "GET", path, several, name=f"list_{plural}", summary=summary[0], needs=needs,
            answer=record.page_document, answer_name=f"{record.name}Page", query=query, ruled=False,
        )  # fmt: skip
        self.single(path, record, summary=summary[1], needs=needs)

    def single(
        self,
        path: str,
        record: Record,
        *,
        summary: str | Promise,
        needs: Sequence[str] = ("view",),
    ) -> None:
        """One object by its key."""

        def one(call: Call, id: Any) -> Json:
            return record.one(call.actor, id)

        name = re.sub(r"(?<!^)(?=[A-Z])", "_", record.name).lower()
        self._add(
            "GET", f"{path}/{{id}}", one, name=f"get_{name}", summary=summary, needs=needs,
            answer=record.document, answer_name=record.name, ruled=False,
        )  # fmt: skip

    def read(
        self,
        path: str,
        *,
        summary: str | Promise,
        answer: tuple[str, Callable[[], kinds.Schema]],
        needs: Sequence[str] = ("view",),
        description: str | Promise = "",
        query: type[Schema] | None = None,
    ) -> Callable[[Callable[..., Json]], Callable[..., Json]]:
        """A reading operation of its own."""

        def declare(run: Callable[..., Json]) -> Callable[..., Json]:
            self._add(
                "GET", path, run, name=run.__name__, summary=summary, description=description,
                needs=needs, answer=answer[1], answer_name=answer[0], query=query,
            )  # fmt: skip
            return run

        return declare

    def write(
        self,
        method: str,
        path: str,
        *,
        summary: str | Promise,
        needs: str | Sequence[str],
        body: BodyModel | None = None,
        record: Record | None = None,
        answer: tuple[str, Callable[[], kinds.Schema]] | None = None,
        status: int = 200,
        description: str | Promise = "",
        shows: bool = False,
        kept: bool = True,
    ) -> Callable[[Callable[..., Json]], Callable[..., Json]]:
        """A writing operation. ``record`` is what it answers; ``shows``: it takes a version of that
        record; not ``kept``: its answer is nothing to be stored for a repeat, as an uncovered value."""
        made = (record.name, record.document) if record is not None else answer

        def declare(run: Callable[..., Json]) -> Callable[..., Json]:
            self._add(
                method, path, run, name=run.__name__, summary=summary, description=description,
                needs=(needs,) if isinstance(needs, str) else needs, status=status, body=body,
                answer=made[1] if made else None, answer_name=made[0] if made else "",
                shows=record.one if record is not None and shows else None, kept=kept,
            )  # fmt: skip
            return run

        return declare

    def _add(
        self,
        method: str,
        path: str,
        run: Callable[..., Json],
        *,
        name: str,
        summary: str | Promise,
        needs: Sequence[str],
        answer: Callable[[], kinds.Schema] | None,
        answer_name: str,
        description: str | Promise = "",
        status: int = 200,
        body: BodyModel | None = None,
        query: type[Schema] | None = None,
        shows: Callable[..., Json] | None = None,
        ruled: bool = True,
        kept: bool = True,
    ) -> None:
        rights = [need if "." in need else f"{self.kind}.{need}" for need in needs if need]
        self.operations.append(
            Operation(
                method=method,
                path=path,
                name=name,
                summary=summary,
                description=description,
                of=self.of,
                mode=READ if method in _SAFE else WRITE,
                needs=tuple((r.rpartition(".")[0], r.rpartition(".")[2]) for r in rights),
                run=run,
                status=status,
                answer=answer,
                answer_name=answer_name,
                keys={key: self.keys.get(key, kinds.ID_PARAMETER) for key in _KEYS.findall(path)},
                body=body,
                query=query,
                shows=shows,
                ruled=ruled,
                kept=kept,
            )
        )

    # -- mounting -----------------------------------------------------------------------------------

    def router(self) -> Router:
        """The operations as the framework wants them."""
        router = Router(tags=[self.of.word])
        for operation in self.operations:
            router.add_api_operation(
                operation.path,
                [operation.method],
                _view(operation),
                auth=Bearer(operation.of.word, operation.mode, operation.needs),
                operation_id=operation.name,
            )
        return router


_routes: list[Routes] = []


def all_routes() -> list[Routes]:
    """Every object type's operations, in the order of declaration."""
    return _routes


# Lists -------------------------------------------------------------------------------------------------


def parameters(name: str, /, **made: tuple[Any, Any]) -> type[Schema]:
    """Parameters of the address: type and title; none of them needed."""
    fields: dict[str, Any] = {}
    for key, (kind, title) in made.items():
        fields[key] = (kind | None if not _is_list(kind) else kind, _parameter(kind, title))
    model: type[Schema] = create_model(name, __base__=Schema, **fields)
    return model


def _is_list(kind: Any) -> bool:
    return getattr(kind, "__origin__", None) is list


def _parameter(kind: Any, title: Any) -> Any:
    def say(schema: dict[str, Any]) -> None:
        schema.pop("default", None)
        schema["title"] = str(
            title() if callable(title) and not isinstance(title, Promise) else title
        )

    return Field([] if _is_list(kind) else None, json_schema_extra=say)


def _list_query(record: Record) -> type[Schema]:
    sorts = [word for name in record.sorts for word in (name, f"-{name}")]
    made: dict[str, tuple[Any, Any]] = {
        "fields": (
            kinds.words([one.name for one in record.shown]),
            _("Only these fields, parted by commas"),
        ),
        "sort": (kinds.choice(sorts), _("Order; with “-” descending")),
        "after": (kinds.text(LONGEST, shortest=1), _("Cursor of the page before")),
        "limit": (kinds.number_parameter(1, MOST), _("Most objects on a page (default 50)")),
    }
    if record.search is not None:
        made["q"] = (kinds.text(100), _("Search, as on the pages"))
    for item in record.filters:
        made[item.name] = (item.kind, item.title)
    return parameters(f"{record.name}Query", **made)


def _page(record: Record, call: Call) -> Json:
    query, actor = call.query, call.actor
    rows = record.rows(actor)
    if query.get("q") and record.search is not None:
        rows = record.search(rows, query["q"], actor)
    for item in record.filters:
        if item.name in query:
            rows = item.apply(rows, query[item.name], actor)
    fields = query.get("fields")
    return record.page(
        actor,
        rows,
        sort=query.get("sort") or record.default_sort,
        after=query.get("after") or "",
        limit=query.get("limit") or PAGE,
        names=fields.split(",") if fields else None,
    )


# Answering ---------------------------------------------------------------------------------------------


def _view(operation: Operation) -> Callable[..., HttpResponse]:
    """The function the framework calls, with a signature it can read parameters from."""
    known: set[str] = set(operation.query.model_fields) if operation.query else set()

    def view(request: HttpRequest, **values: Any) -> HttpResponse:
        caller: Caller = request.auth  # type: ignore[attr-defined] # set by the framework
        query: Schema | None = values.pop("query", None)
        sent: Schema | None = values.pop("body", None)
        unknown = sorted(set(request.GET) - known)
        if unknown:
            raise bad_parameter(unknown[0], request.GET[unknown[0]])
        call = Call(caller.actor, caller.token_id, _set(query))
        arguments = dict(values)
        if sent is not None:
            arguments["body"] = given(sent)
        work = functools.partial(operation.run, call, **arguments)
        if not operation.writes:
            return _answer(operation, work())
        try:
            return _written(request, operation, caller, work)
        except Stale as stale:
            if operation.shows is None:
                raise
            return _stale(operation, call, arguments, stale)

    parts = [inspect.Parameter("request", inspect.Parameter.POSITIONAL_OR_KEYWORD)]
    for key, kind in operation.keys.items():
        parts.append(_part(key, kind, Path(...)))  # type: ignore[type-arg] # a call here, not a type
    if operation.query is not None:
        parts.append(_part("query", operation.query, Query(...)))  # type: ignore[type-arg] # the same
    if operation.body is not None:
        parts.append(_part("body", operation.body, InBody(...)))  # type: ignore[type-arg] # the same
    view.__signature__ = inspect.Signature(parts)  # type: ignore[attr-defined] # read by inspect.signature
    view.__name__ = operation.name
    return view


def _part(name: str, kind: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)


def _set(query: Schema | None) -> dict[str, Any]:
    """The parameters that were sent."""
    if query is None:
        return {}
    return {name: getattr(query, name) for name in query.model_fields_set}


def _plain(value: Any) -> Any:
    """What the JSON writer does not know by itself."""
    return str(value)


def _answer(operation: Operation, made: Json) -> HttpResponse:
    if operation.answer is None:
        return HttpResponse(status=204)
    response = HttpResponse(
        orjson.dumps(made, default=_plain), status=operation.status, content_type="application/json"
    )
    if operation.status == 201 and isinstance(made, dict) and "id" in made:
        response.headers["Location"] = f"{PREFIX}{operation.path.strip('/')}/{made['id']}"
    return response


def _written(
    request: HttpRequest, operation: Operation, caller: Caller, work: Callable[[], Json]
) -> HttpResponse:
    """Do a write; with a key, once, its answer kept with it in the same transaction."""
    key = key_of(request) if operation.kept else ""
    with frame():
        if not key:
            return _answer(operation, work())
        claim = claimed(request, caller.token_id, key)
        if claim.status:
            response = HttpResponse(
                bytes(claim.body),
                status=claim.status,
                content_type="application/json" if claim.body else None,
                headers={"Idempotent-Replayed": "true"},
            )
            if claim.location:
                response.headers["Location"] = claim.location
            return response
        response = _answer(operation, work())
        claim.status = response.status_code
        claim.body = response.content
        claim.location = response.headers.get("Location", "")
        claim.save(update_fields=["status", "body", "location"])
        return response


def _stale(
    operation: Operation, call: Call, arguments: Mapping[str, Any], stale: Stale
) -> HttpResponse:
    """A conflict with both versions: the record as it stands now, and what was sent."""
    assert operation.shows is not None
    try:
        current = operation.shows(call.actor, arguments["id"])
    except Refusal as gone:
        return refused(gone, writing=True)
    return refused(stale, writing=True, current=current, sent=arguments.get("body", {}))
