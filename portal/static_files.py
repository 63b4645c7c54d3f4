"""Finds the few files of npm packages that pages use, under `vendor/`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.contrib.staticfiles.utils import matches_patterns
from django.core.files.storage import FileSystemStorage

# path below /static/ -> path below node_modules/
VENDORED = {
    "vendor/bootstrap.min.css": "bootstrap/dist/css/bootstrap.min.css",
    "vendor/bootstrap.min.css.map": "bootstrap/dist/css/bootstrap.min.css.map",
    "vendor/bootstrap-icons.min.css": "bootstrap-icons/font/bootstrap-icons.min.css",
    "vendor/fonts/bootstrap-icons.woff2": "bootstrap-icons/font/fonts/bootstrap-icons.woff2",
    "vendor/fonts/bootstrap-icons.woff": "bootstrap-icons/font/fonts/bootstrap-icons.woff",
    "vendor/echarts.min.js": "echarts/dist/echarts.min.js",
}


class NodeModulesFinder(BaseFinder):
    """Serves `VENDORED` from node_modules; nothing else of a package is public."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.root = settings.BASE_DIR / "node_modules"
        super().__init__(*args, **kwargs)

    def check(self, **kwargs: Any) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        source = VENDORED.get(path)
        found = self.root / source if source else None
        if found is None or not found.exists():
            return []
        return [str(found)] if find_all else str(found)

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterable[tuple[str, Any]]:
        for path, source in VENDORED.items():
            if not matches_patterns(path, list(ignore_patterns or [])):
                yield path, _VendoredStorage(self.root, {path: source})


class _VendoredStorage(FileSystemStorage):
    """Opens a vendored file under its public name."""

    def __init__(self, root: Any, names: dict[str, str]) -> None:
        super().__init__(location=root)
        self.names = names

    def path(self, name: str) -> str:
        return super().path(self.names.get(name, name))
