"""`{% include %}` as Django has it, but a template that the tag names outright is found once; and `{% once %}`.

A room is made of fifty small ones; to look each up again and to set the stage for it took longer than half of them.
"""

from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.template import engines
from django.template.base import Parser, Template, Token
from django.template.defaulttags import CycleNode, IfChangedNode, ResetCycleNode
from django.template.loader_tags import BlockNode, ExtendsNode, IncludeNode
from django.template.loader_tags import do_include as plain_include
from django.urls import get_script_prefix, get_urlconf
from django.utils.safestring import SafeString

register = template.Library()
# What remembers something for as long as its own template is rendered: Django sets a stage of its own for it.
REMEMBERS = (BlockNode, CycleNode, ExtendsNode, IfChangedNode, ResetCycleNode)


class KeptIncludeNode(IncludeNode):
    """One included template. A name that is known only when it is rendered is left to Django, and so is `only`."""

    kept: Template | None = None

    def render(self, context: Any) -> SafeString:
        """What the template shows. Raises TemplateDoesNotExist as Django does."""
        if self.kept is None:
            found = context.template.engine.get_template(self.template.var)
            if not isinstance(found, Template) or found.nodelist.get_nodes_by_type(REMEMBERS):  # type: ignore[arg-type]
                return super().render(context)
            self.kept = found
        with context.push(**{name: value.resolve(context) for name, value in self.extra_context.items()}):
            return self.kept.nodelist.render(context)


@register.tag
def include(parser: Parser, token: Token) -> IncludeNode:
    """`{% include "incidents/task/room.html" with task=task %}`."""
    node: IncludeNode = plain_include(parser, token)
    if node.isolated_context or not isinstance(node.template.var, str) or node.template.filters:
        return node
    return KeptIncludeNode(node.template, extra_context=node.extra_context)


@register.simple_tag
def once(template_name: str, **values: Any) -> SafeString:
    """`{% once "_components/nav_links.html" here=app is_staff=user.is_staff %}`: what the template shows of `values`.

    It knows nothing else, not even the request, and is rendered once for each of them; they are hashable.
    """
    show = _shown.__wrapped__ if settings.DEBUG else _shown  # who works on a template sees what they changed
    return show(template_name, tuple(values.items()), get_urlconf() or settings.ROOT_URLCONF, get_script_prefix())


@lru_cache(maxsize=4096)
def _shown(template_name: str, values: tuple[tuple[str, Any], ...], urlconf: str, prefix: str) -> SafeString:
    return SafeString(engines["django"].get_template(template_name).render(dict(values)).strip())
