"""What an action says when it will not: one clear sentence for the person who asked."""


class Refused(Exception):
    """The action will not be done, and nothing was changed. `str()` is a whole sentence to show to a person."""


class NotAllowed(Refused):
    """This actor may not do it."""


class WrongState(Refused):
    """The thing is not in a state in which this can be done."""


class InvalidInput(Refused):
    """What was typed or sent makes no sense here. `field` names the input at fault, or is empty."""

    def __init__(self, sentence: str, *, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


class Conflict(Refused):
    """Somebody else changed it first; the sentence says who or what."""
