"""A refusal: the programme says no, in words the person can act on."""

import inspect


class Refusal(Exception):
    """That is not possible right now.

    A subclass's docstring is the sentence the person reads; `{names}` in it are filled from
    keywords. `field` puts it beside that input of a form. A refusal is no fault: nothing is
    logged but its name, and the transaction it leaves is rolled back.
    """

    def __init__(self, *, field: str | None = None, **facts: object) -> None:
        words = inspect.cleandoc(type(self).__doc__ or Refusal.__doc__ or "").split("\n\n")[0]
        self.words = " ".join(words.split()).format(**facts) if facts else " ".join(words.split())
        self.field = field
        super().__init__(self.words)


class Invalid(Refusal):
    """{words}

    What fits, said beside the field: `raise Invalid(field="end", words="Choose a time after
    09:00.")`.
    """


class NotYours(Refusal):
    """This button is not for you, or no longer there. Your page: `/mentor`"""


class FormChanged(Refusal):
    """This changed meanwhile: {what}. Your text is kept; look again and send."""
