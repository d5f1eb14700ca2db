"""What somebody wrote as Markdown, where there is room for its words alone."""

from django import template

from core.markdown import plain_words

register = template.Library()
register.filter("plain_words", plain_words)
