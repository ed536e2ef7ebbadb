"""How much one socket may say."""

from dataclasses import dataclass

MOST_VIOLATIONS = 20
"""So many messages that break the protocol, and the socket is closed."""

MESSAGES_PER_SECOND = 20
BURST = 60


@dataclass(slots=True)
class Allowance:
    """A token bucket: BURST messages at once, MESSAGES_PER_SECOND in the long run."""

    filled_us: int
    tokens: float = BURST

    def take(self, now_us: int) -> bool:
        """Whether one more message is within the allowance at this instant (µs, monotonic)."""
        earned = (now_us - self.filled_us) * MESSAGES_PER_SECOND / 1e6
        self.tokens = min(BURST, self.tokens + earned)
        self.filled_us = now_us
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True
