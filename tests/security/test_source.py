"""Laws that the source itself must keep, read from its syntax (SECURITY E 6, 16, 20, 22, 24, 28, 34).

Each law is a small check over a syntax tree. Each is also tried on a line that breaks it, so that it is
known to see.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
REQUEST = {"GET", "POST", "FILES", "COOKIES", "META", "headers", "body"}
QUERIES = {
    "filter", "exclude", "annotate", "alias", "order_by", "extra", "raw", "values", "values_list", "only",
    "defer", "get", "create", "update", "update_or_create", "get_or_create", "aggregate", "Q",
}  # fmt: skip
Found = Iterator[tuple[int, str]]


def sources() -> list[Path]:
    """Every file of the program itself."""
    return [
        path
        for path in sorted((ROOT / "dossier").rglob("*.py"))
        if "tests" not in path.parts
        and "migrations" not in path.parts
        and path.name != "testing.py"
    ]


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _of_request(node: ast.AST) -> bool:
    """Whether the expression holds what a request sent: request.GET, request.POST …"""
    return any(
        isinstance(one, ast.Attribute) and one.attr in REQUEST and _name(one.value) == "request"
        for one in ast.walk(node)
    )


def _constants(tree: ast.AST) -> set[str]:
    """Names of a module that are given a text that is written there, and nothing else anywhere in the file."""
    given = [
        one.arg if isinstance(one, ast.arg) else one.id
        for one in ast.walk(tree)
        if isinstance(one, ast.arg)
        or (isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store))
    ]
    return {
        one.targets[0].id
        for one in getattr(tree, "body", ())
        if isinstance(one, ast.Assign)
        and isinstance(one.targets[0], ast.Name)
        and isinstance(one.value, ast.Constant)
        and given.count(one.targets[0].id) == 1
    }


def expanded_request(tree: ast.AST) -> Found:
    """What a request sent, spread into arguments: its keys would be names (CVE-2025-64459)."""
    for node in ast.walk(tree):
        for keyword in node.keywords if isinstance(node, ast.Call) else ():
            if keyword.arg is None and _of_request(keyword.value):
                yield node.lineno, "a request is spread into arguments"


def request_in_query(tree: ast.AST) -> Found:
    """What a request sent, given to a query directly: first it is read as a value of a kind."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) in QUERIES - {"get"}:
            for part in [*node.args, *(keyword.value for keyword in node.keywords)]:
                if _of_request(part):
                    yield node.lineno, f"request values reach {_name(node.func)}()"


def pasted_sql(tree: ast.AST) -> Found:
    """A statement made of pieces by % or format; an f-string is looked at by ruff's S608."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) in {
            "execute",
            "executemany",
            "raw",
            "extra",
        }:
            for part in node.args[:1]:
                formatted = isinstance(part, ast.Call) and _name(part.func) == "format"
                sql_module = formatted and "SQL" in ast.dump(part)  # psycopg.sql composes safely
                if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Mod):
                    yield node.lineno, "SQL is made by %"
                elif formatted and not sql_module:
                    yield node.lineno, "SQL is made by format()"


def templates_of_text(tree: ast.AST) -> Found:
    """Templates and format strings made while running: a person's text must never be one (20)."""
    ours = _constants(tree)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = _name(node.func)
        if name in {"Template", "from_string", "format_map", "safe_substitute", "substitute"}:
            yield node.lineno, f"{name}() makes a template of a text"
        if name == "format" and isinstance(node.func, ast.Attribute):
            of = node.func.value
            safe = isinstance(of, ast.Constant) or "SQL" in ast.dump(of) or "sql" in ast.dump(of)
            own = isinstance(of, ast.Name) and of.id in ours
            if not safe and not own and _name(of) not in {"builtins"}:
                yield node.lineno, "format() on a text that is no constant"
        if name in {"eval", "exec", "compile"} and isinstance(node.func, ast.Name):
            yield node.lineno, f"{name}()"


def unsafe_markup(tree: ast.AST) -> Found:
    """Text declared to be safe markup; format_html escapes what it is given."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) in {
            "mark_safe",
            "SafeString",
            "SafeText",
        }:
            yield node.lineno, f"{_name(node.func)}()"


def fetching(tree: ast.AST) -> Found:
    """Anything that fetches an address: there is nothing that may (21, 22)."""
    names = {
        "urllib.request",
        "requests",
        "httpx",
        "aiohttp",
        "http.client",
        "urllib3",
        "weasyprint",
        "pycurl",
    }
    for node in ast.walk(tree):
        modules = (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
        for module in modules:
            if module in names or module.split(".")[0] in names:
                yield node.lineno, f"{module} can fetch an address"


def unpickling(tree: ast.AST) -> Found:
    """Formats that run what they read (28)."""
    names = {"pickle", "cPickle", "dill", "shelve", "marshal", "jsonpickle"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            modules = (
                [a.name for a in node.names] if isinstance(node, ast.Import) else [node.module]
            )
            for module in modules:
                if (module or "").split(".")[0] in names:
                    yield node.lineno, f"{module} runs what it reads"
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {
            "yaml.load",
            "yaml.unsafe_load",
        }:
            yield node.lineno, "yaml.load runs what it reads"


def plain_xml(tree: ast.AST) -> Found:
    """Readers of XML that follow definitions (24); defusedxml does not."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            modules = (
                [a.name for a in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
            )
            for module in modules:
                if module.split(".")[0] in {"lxml", "xml"}:
                    yield node.lineno, f"{module} follows definitions"


def unprotected(tree: ast.AST) -> Found:
    """A view taken out of the protection against forged forms (31)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute) and _name(node) == "csrf_exempt":
            yield node.lineno, "csrf_exempt"


# A place where a law is set aside: "file:law" → why it is safe there.
ALLOWED: dict[str, str] = {
    "core/templatetags/look.py:unsafe_markup": "constants and the installed icon set",
    "customers/screens/facts.py:unsafe_markup": "what a template of ours made, escaped there",
    "customers/screens/past.py:unsafe_markup": "what a template of ours made, escaped there",
    "customers/screens/tables.py:unsafe_markup": "what a template of ours made, escaped there",
    "core/templatetags/tables.py:unsafe_markup": "each value was escaped where it was put in",
    "core/templatetags/records.py:unsafe_markup": "each value was escaped where it was put in",
    "core/templatetags/frame.py:unsafe_markup": "each value was escaped where it was put in",
    "core/templatetags/pivots.py:unsafe_markup": "each value was escaped where it was put in",
    "core/api/document.py:unprotected": "reads nothing and writes nothing; whoever posts is told so",
    "config/supervisor.py:fetching": "asks the program's own /healthz on this machine",
    "core/backup/runs.py:templates_of_text": "our own name of a file; the moment is filled in",
    "core/db/embedded.py:templates_of_text": "our own settings file of the server; paths are filled in",
    "reports/workbook.py:templates_of_text": "the look of a cell; its method is called format too",
}
MARKUP_IN_SCRIPTS = {
    "dom.js": "reads back what textContent escaped",
    "lines.js": "the server's own template of a line, with its number",
    "toasts.js": "constants; the text goes in as textContent",
}

LAWS: dict[Callable[[ast.AST], Found], str] = {
    expanded_request: "rows.filter(**request.GET.dict())",
    request_in_query: "rows.order_by(request.GET['sort'])",
    pasted_sql: "cursor.execute('SELECT %s' % name)",
    templates_of_text: "text.format(customer=customer)",
    unsafe_markup: "mark_safe(customer.name)",
    fetching: "import urllib.request",
    unpickling: "import pickle",
    plain_xml: "import xml.etree.ElementTree",
    unprotected: "csrf_exempt(view)",
}


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_the_source_keeps_the_law(law):
    broken = []
    for path in sources():
        place = path.relative_to(ROOT / "dossier").as_posix()
        if f"{place}:{law.__name__}" in ALLOWED:
            continue
        tree = ast.parse(path.read_text("utf-8"))
        broken += [f"{place}:{line}: {what}" for line, what in law(tree)]
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize(("law", "bad"), LAWS.items(), ids=lambda one: getattr(one, "__name__", ""))
def test_the_law_sees_a_line_that_breaks_it(law, bad):
    assert list(law(ast.parse(bad)))


@pytest.mark.parametrize(
    "bad",
    [
        "T = 'a'\ndef f(T):\n    return T.format(1)",
        "T = 'a'\nT = given()\nT.format(1)",
        "T = 'a'\nx.T.format(1)",
        "T = given()\nT.format(1)",
        "def f():\n    T = 'a'\n    return T.format(1)",
    ],
)
def test_only_a_constant_of_the_file_itself_is_a_text_of_ours(bad):
    assert list(templates_of_text(ast.parse(bad)))
    assert not list(templates_of_text(ast.parse("T = 'a'\ndef f():\n    return T.format(1)")))


def test_no_exception_is_stale():
    for key in ALLOWED:
        place, name = key.split(":")
        law = next(law for law in LAWS if law.__name__ == name)
        path = ROOT / "dossier" / place
        assert path.exists() and list(law(ast.parse(path.read_text("utf-8")))), f"remove {key}"


def test_templates_never_declare_a_text_safe_nor_carry_scripts():
    """`|safe`, `autoescape off` and inline scripts: none in any template (17, 19)."""
    bad = []
    for path in [
        *(ROOT / "templates").rglob("*.html"),
        *(ROOT / "dossier").rglob("templates/**/*.html"),
    ]:
        for number, text in enumerate(path.read_text("utf-8").splitlines(), 1):
            if any(
                sign in text
                for sign in ("|safe", "autoescape off", "|safeseq", "<script>", "javascript:")
            ):
                bad.append(f"{path.relative_to(ROOT)}:{number}: {text.strip()[:80]}")
            if any(
                f" {name}=" in text
                for name in ("onclick", "onload", "onerror", "onchange", "onsubmit")
            ):
                bad.append(f"{path.relative_to(ROOT)}:{number}: a script in an attribute")
    assert not bad, "\n".join(bad)


def test_scripts_never_make_markup_of_a_text():
    """innerHTML and its like, eval: only where what is set was made by the server's own templates."""
    bad = []
    for path in sorted((ROOT / "static" / "js").rglob("*.js")):
        if path.name in MARKUP_IN_SCRIPTS:
            continue
        for number, text in enumerate(path.read_text("utf-8").splitlines(), 1):
            if any(
                sign in text
                for sign in (
                    "innerHTML",
                    "outerHTML",
                    "insertAdjacentHTML",
                    "eval(",
                    "new Function",
                    "document.write",
                )
            ):
                bad.append(f"{path.name}:{number}: {text.strip()[:90]}")
    assert not bad, "\n".join(bad)


def test_sessions_messages_and_jobs_are_json(settings):
    """Nothing that is kept for later runs when it is read (28)."""
    assert settings.SESSION_SERIALIZER == "django.contrib.sessions.serializers.JSONSerializer"
    assert settings.MESSAGE_STORAGE.endswith("SessionStorage")
