"""One line in the room: a note, a note dated back, or a command; the commands stand by what they are about."""

from incidents.actions.composer.command import COMMANDS, Command
from incidents.actions.composer.line import DATED, Posted, post_line, split_moment

__all__ = ["COMMANDS", "DATED", "Command", "Posted", "post_line", "split_moment"]
