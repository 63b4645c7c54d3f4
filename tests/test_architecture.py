"""The house as it was drawn: who may import whom, what lies where, how long a file may get."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import django.contrib.admin
import pytest

BASE = Path(__file__).resolve().parent.parent

# Each room, and whom it may import.
ROOMS = {
    "agencies": set(),
    "scoring": {"agencies"},
    "rankings": {"agencies", "scoring"},
    "portal": {"agencies", "scoring", "rankings"},
}
# The standard library and each other only.
PURE = (
    *("scoring.rulebook", "scoring.points", "scoring.guidance", "scoring.waterfall"),
    *("rankings.order", "agencies.credit_rules"),
)

# Inside a room arrows go from later lines to earlier ones, or stay on the line.
LAYERS = {
    "vocabulary": "enums signals policy months rulebook points guidance waterfall order indicators"
    " wording bulk files embedded settings formats logs refusals credit_rules programs passwords",
    "models": "models",
    "ledger": "ledger",
    "queries": "queries exports",
    "actions": "actions outbox imports evaluation facts rulebook_versions conduct_policy roles"
    " account account_mail second_factor"
    " projection receipts certificates lever_texts heartbeats reconcile"
    " rulebook_text rulebook_drafts rulebook_life consultation_comments rescoring under_draft"
    " backtests disputes intake support events star_source preferences",
    "doors": "jobs sessions due admin admin_site forms tables filters views management urls access"
    " middleware context_processors client_ip templatetags receivers apps worker scheduler run demo"
    " static_files wsgi",
}

TOP = {
    *(
        ".ci",
        ".editorconfig",
        ".env.example",
        ".gitignore",
        ".npmrc",
        "Makefile",
        "manage.py",
        "pyproject.toml",
    ),
    *("package.json", "package-lock.json", "requirements", "README.md", "CHANGELOG.md", "docs"),
    *(*ROOMS, "templates", "tests"),
}

# Templates that a library asks for by their names.
BY_CONVENTION = {"400.html", "403.html", "403_csrf.html", "404.html", "500.html"}


@dataclass(frozen=True)
class Import:
    """One import of a module of ours: from where, what, and on which line."""

    importer: str
    target: str
    line: int
    at_load: bool

    @property
    def rooms(self) -> tuple[str, str]:
        return self.importer.partition(".")[0], self.target.partition(".")[0]

    def __str__(self) -> str:
        return f"{self.importer}:{self.line} imports {self.target}"


@cache
def project_files() -> tuple[Path, ...]:
    """Every file of the project: all but git's own and what .gitignore names."""
    lines = (BASE / ".gitignore").read_text(encoding="utf-8").splitlines()
    ignored = [line.strip("/") for line in lines if line and not line.startswith("#")]

    def walk(directory: Path) -> Iterator[Path]:
        for path in sorted(directory.iterdir()):
            if path.name == ".git" or any(fnmatch(path.name, pattern) for pattern in ignored):
                continue
            if path.is_dir():
                yield from walk(path)
            else:
                yield path.relative_to(BASE)

    return tuple(walk(BASE))


@cache
def modules() -> dict[str, Path]:
    """The modules of all rooms by their dotted names, without migrations."""
    found = {}
    for path in project_files():
        if path.suffix == ".py" and path.parts[0] in ROOMS and "migrations" not in path.parts:
            name = ".".join(path.with_suffix("").parts)
            found[name.removesuffix(".__init__")] = path
    return found


def is_for_types_only(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.If)
        and isinstance(node.test, ast.Name)
        and node.test.id == "TYPE_CHECKING"
    )


def statements(node: ast.AST, at_load: bool = True) -> Iterator[tuple[ast.AST, bool]]:
    """Every statement that is ever executed, and whether it is when the module is loaded."""
    for child in ast.iter_child_nodes(node):
        if is_for_types_only(child):
            continue
        inside = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        yield child, at_load
        yield from statements(child, at_load and not inside)


@cache
def imports_of(importer: str) -> tuple[tuple[str, int, bool], ...]:
    """What a module imports: (dotted name, line, whether at load), types left out."""
    found = []
    for node, at_load in statements(ast.parse((BASE / modules()[importer]).read_bytes())):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno, at_load) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{importer}:{node.lineno} imports relatively"
            for alias in node.names:
                submodule = f"{node.module}.{alias.name}"
                name = submodule if submodule in modules() else str(node.module)
                found.append((name, node.lineno, at_load))
    return tuple(found)


@cache
def own_imports() -> tuple[Import, ...]:
    return tuple(
        Import(importer, target, line, at_load)
        for importer in modules()
        for target, line, at_load in imports_of(importer)
        if target.partition(".")[0] in ROOMS and target != importer
    )


def layer(module: str) -> int:
    """The line of LAYERS on which a module's place in its room is; a room itself is the first."""
    _, _, inside = module.partition(".")
    place = inside.partition(".")[0]
    if not place:
        return 0
    for number, names in enumerate(LAYERS.values()):
        if place in names.split():
            return number
    raise AssertionError(f"{module}: {place!r} has no layer yet, give it one in LAYERS")


def test_the_walk_sees_the_house() -> None:
    assert len(modules()) > 100
    assert {module.partition(".")[0] for module in modules()} == set(ROOMS)
    assert any(found.rooms == ("rankings", "scoring") for found in own_imports())


def test_rooms_import_only_the_rooms_above_them() -> None:
    wrong = [
        str(found)
        for found in own_imports()
        if found.rooms[0] != found.rooms[1] and found.rooms[1] not in ROOMS[found.rooms[0]]
    ]
    assert wrong == []


def test_nobody_imports_the_tests() -> None:
    wrong = [
        f"{importer}:{line}"
        for importer in modules()
        for target, line, _ in imports_of(importer)
        if target.partition(".")[0] == "tests"
    ]
    assert wrong == []


def test_arrows_inside_a_room_do_not_turn_back() -> None:
    back = {
        (found.importer, found.target)
        for found in own_imports()
        if found.rooms[0] == found.rooms[1] and layer(found.target) > layer(found.importer)
    }
    assert back == set()


def test_every_module_has_its_layer() -> None:
    assert {layer(module) for module in modules()} == set(range(len(LAYERS)))


def test_modules_do_not_import_in_circles() -> None:
    """A package's own `__init__` counts as a module; what loads it by the way does not."""
    graph: dict[str, set[str]] = {module: set() for module in modules()}
    for found in own_imports():
        if found.at_load and found.target in graph:
            graph[found.importer].add(found.target)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as circle:
        pytest.fail(" → ".join(circle.args[1]))


def is_pure(module: str) -> bool:
    return any(module == core or module.startswith(f"{core}.") for core in PURE)


def test_pure_cores_import_the_standard_library_and_each_other() -> None:
    cores = [module for module in modules() if is_pure(module)]
    assert {"scoring.points", "rankings.order", "scoring.rulebook.parsing"} <= set(cores)
    wrong = [
        f"{core}:{line} imports {target}"
        for core in cores
        for target, line, _ in imports_of(core)
        if not is_pure(target) and target.partition(".")[0] not in sys.stdlib_module_names
    ]
    assert wrong == []


def test_pure_cores_work_where_nothing_is_installed() -> None:
    loaded = subprocess.run(
        [
            sys.executable,
            "-I",
            "-S",
            "-c",
            "import sys; sys.path.insert(0, sys.argv[1]);"
            "import scoring.points, scoring.rulebook, rankings.order;"
            "print(sorted({name.partition('.')[0] for name in sys.modules}"
            " - set(sys.stdlib_module_names)))",
            str(BASE),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert ast.literal_eval(loaded.stdout) == ["__main__", "rankings", "scoring"]


def test_the_top_level_holds_nothing_else() -> None:
    assert {path.parts[0] for path in project_files()} - TOP == set()


def test_files_stay_short() -> None:
    def most(path: Path) -> int | None:
        if "migrations" in path.parts:
            return None
        if path.suffix == ".html":
            return 150
        if path.suffix == ".py":
            return 600 if path.parts[0] == "tests" else 400
        return None

    long = {}
    for path in project_files():
        limit = most(path)
        lines = len((BASE / path).read_bytes().splitlines()) if limit else 0
        if limit and lines > limit:
            long[str(path)] = lines
    assert long == {}


def test_functions_stay_short() -> None:
    long = [
        f"{path}:{node.lineno} {node.name}"
        for path in modules().values()
        for node in ast.walk(ast.parse((BASE / path).read_bytes()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > 45
    ]
    assert long == []


def test_no_file_names_a_machine_or_a_registry() -> None:
    # Spelled so that this file does not find itself.
    places = "|".join(("home", "root", "Users", "work", "tmp", "opt"))
    paths = re.compile(rf"(?<![\w.\"'*/}}])/(?:{places})/\w")
    quoted = re.compile(rf"[\"']/(?:{places})/\w")
    hosts = re.compile(
        "|".join(("registry" + r"\.\w", "pypi" + r"\.\w", "python" + "hosted")), re.I
    )
    wrong = []
    for path in project_files():
        content = (BASE / path).read_bytes()
        if b"\x00" in content[:8000]:
            continue
        for number, line in enumerate(content.decode().splitlines(), start=1):
            if any(pattern.search(line) for pattern in (paths, quoted, hosts)):
                wrong.append(f"{path}:{number}: {line.strip()[:80]}")
    assert wrong == []


def test_every_template_is_used() -> None:
    admin = Path(django.contrib.admin.__file__).parent / "templates"
    texts = {
        path: (BASE / path).read_text(encoding="utf-8")
        for path in project_files()
        if path.suffix in {".py", ".html"} and path.parts[0] in {*ROOMS, "templates"}
    }
    unused = []
    for path in project_files():
        if path.parts[0] != "templates" or path.suffix != ".html":
            continue
        name = path.relative_to("templates").as_posix()
        # "…/{name}.html" in an f-string stands for every template of that folder.
        folder = f'"{Path(name).parent.as_posix()}/{{name}}.html"'
        if name in BY_CONVENTION or (admin / name).exists():
            continue
        if not any(
            f'"{name}"' in text or folder in text for other, text in texts.items() if other != path
        ):
            unused.append(name)
    assert unused == []
