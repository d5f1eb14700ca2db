"""Every address of Muster's own, and where it leads in a story of the world."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from tests.house.world import Story


@dataclass(frozen=True)
class Door:
    """One address pattern of ours: its full name, its view and the names of its parameters."""

    name: str
    route: str
    view: Any
    parameters: tuple[str, ...]

    def path(self, story: Story) -> str:
        """The address in `story`."""
        path = self.route
        for parameter in self.parameters:
            begin, end = path.index("<"), path.index(">")
            path = path[:begin] + str(story.value(parameter)) + path[end + 1 :]
        return "/" + path


def doors() -> Iterator[Door]:
    """Every address of Muster's own; those of allauth and of Django's admin are theirs."""
    for door in _walk(get_resolver(), "", ""):
        theirs = getattr(door.view, "__module__", "").split(".")[0] in {"allauth", "django"}
        # Ninja's root is an address to build others from, and answers nothing.
        if not theirs and not door.route.startswith("admin/") and door.name != "api:api-root":
            yield door


def _walk(resolver: URLResolver, route: str, namespace: str) -> Iterator[Door]:
    for each in resolver.url_patterns:
        there = route + str(each.pattern)
        if isinstance(each, URLPattern):
            yield Door(f"{namespace}{each.name}", there, each.callback, tuple(_parameters(there)))
        else:
            yield from _walk(each, there, f"{namespace}{each.namespace}:" if each.namespace else namespace)


def _parameters(route: str) -> Iterator[str]:
    for part in route.split("<")[1:]:
        yield part.split(">")[0].rpartition(":")[2]
