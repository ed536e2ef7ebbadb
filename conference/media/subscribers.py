"""One endpoint's receiving connection: its m-lines, the offer that is out, the slots agreed to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conference.errors import Refused
from conference.media import negotiation as sdp_talk
from conference.media.forwarder.api import PeerId, Slot
from conference.media.negotiation import LocalTransport, SubscriberAnswer
from conference.media.subscriptions import Line, Stream, Subscription


@dataclass(frozen=True, slots=True)
class SubscribeOffer:
    """`fresh`: the first one of a connection, the client makes a new RTCPeerConnection for it."""

    version: int
    sdp: str
    streams: tuple[Stream, ...]
    fresh: bool


class Subscriber:
    """Pure: the service speaks for it.  `sdp_session` is the number in o=."""

    def __init__(
        self, peer: PeerId, local: LocalTransport, subscription: Subscription, sdp_session: int
    ) -> None:
        self.peer = peer
        self.subscription = subscription
        self._local = local
        self._sdp_session = sdp_session
        self._answer: SubscriberAnswer | None = None
        self._text = ""

    @property
    def answered(self) -> bool:
        """Whether the other side's half is known."""
        return self._answer is not None

    @property
    def outstanding(self) -> SubscribeOffer | None:
        """The offer that waits for its answer, as it stands now."""
        if not self.subscription.outstanding:
            return None
        version, streams = self.subscription.version, self.subscription.streams()
        return SubscribeOffer(version, self._text, streams, fresh=self._answer is None)

    def next_offer(self) -> SubscribeOffer | None:
        """The next offer, when one is needed and none is out."""
        offer = self.subscription.next_offer()
        if offer is None:
            return None
        self._text = sdp_talk.offer_subscribe(
            offer.lines, self._local, self._sdp_session, offer.version
        )
        return self.outstanding

    def answer(self, version: int, text: str) -> SubscriberAnswer:
        """Take the answer to the offer that is out.

        Refused `answer_stale` for any other version, `connection_changed` when it comes from
        another connection than the first answer; ProtocolViolation `sdp_invalid` for garbage.
        """
        self.subscription.check(version)
        answer = sdp_talk.read_answer(text, self.subscription.offered())
        if self._answer is not None and answer.remote != self._answer.remote:
            raise Refused("connection_changed")
        self.subscription.answered(answer.accepted)
        self._answer = answer
        return answer

    def slots(self) -> Sequence[Slot]:
        """The m-lines that the subscriber receives on."""
        return [slot for line in self.subscription.lines if (slot := self._slot(line))]

    def _slot(self, line: Line) -> Slot | None:
        accepted = line.accepted
        if accepted is None:
            return None
        audio = line.kind == "audio"
        rtx = accepted.rtx and not audio
        return Slot(
            slot=line.slot,
            peer=self.peer,
            kind=line.kind,
            mid=line.mid,
            ssrc=line.ssrc,
            rtx_ssrc=line.rtx_ssrc if rtx else None,
            pt=sdp_talk.OPUS_PT if audio else sdp_talk.VP8_PT,
            rtx_pt=sdp_talk.VP8_RTX_PT if rtx else None,
            clock_rate=sdp_talk.CODEC_OF_KIND[line.kind][1],
            extensions=accepted.extensions,
            cname=line.cname,
        )
