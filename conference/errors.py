"""Three kinds of failure, by who is to hear of it."""


class Refused(Exception):
    """Told to the person who asked. `code` names the sentence `error.<code>` of the message
    catalogue, `params` fill it."""

    def __init__(self, code: str, **params: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


class ProtocolViolation(Exception):
    """The other side spoke nonsense. `detail` is for the log: it never quotes what was sent."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


class Fault(Exception):
    """Our own failure, for the log; the person sees a short sentence and an incident number."""
