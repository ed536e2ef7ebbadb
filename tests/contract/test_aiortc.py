"""What conference/media/dtls.py takes from aiortc beyond its public interface.

When one of these fails after an upgrade, that one file is to be read against the new aiortc;
nothing else in the project knows it.
"""

import inspect
from importlib.metadata import version
from pathlib import Path

from aiortc import rtcdtlstransport
from aiortc.rtcdtlstransport import RTCDtlsTransport, State

from conference.media import dtls

ROOT = Path(__file__).resolve().parents[2]


def test_the_version_is_pinned() -> None:
    assert version("aiortc").split(".")[:2] == ["1", "16"]
    wanted = (ROOT / "requirements.in").read_text("ascii").splitlines()
    assert "aiortc>=1.16,<1.17" in wanted


def test_the_private_names_are_there() -> None:
    source, door = inspect.getsource(rtcdtlstransport), inspect.getsource(dtls)
    for name in dtls.PRIVATE:
        assert f"def {name}(" in source or f"self.{name}" in source, name
        assert f".{name}" in door or f"def {name}(" in door, f"{name} is not used any more"
    assert {State.FAILED, State.CLOSED} <= set(State)


def test_of_the_ice_transport_only_these_are_used() -> None:
    """`_Path` stands in for an RTCIceTransport."""
    source = inspect.getsource(RTCDtlsTransport)
    used = {
        word.split("(")[0].split(")")[0]
        for part in source.split("self.transport.")[1:]
        for word in [part.split()[0].rstrip(",)")]
    }
    assert used == {"_recv", "_send", "role"}


def test_keys_are_made_after_the_fingerprint_was_checked() -> None:
    start = inspect.getsource(RTCDtlsTransport.start)
    assert start.index("_validate_peer_identity") < start.index("_setup_srtp")
    assert "State.FAILED" in start[start.index("_validate_peer_identity") :]


def test_receiving_may_be_cancelled_by_its_timer_only() -> None:
    assert "asyncio.wait_for(self.transport._recv()" in inspect.getsource(
        RTCDtlsTransport._recv_next
    )


def test_gcm_comes_first() -> None:
    names = [profile.openssl_profile for profile in rtcdtlstransport.SRTP_PROFILES]
    assert names == [
        b"SRTP_AEAD_AES_256_GCM",
        b"SRTP_AEAD_AES_128_GCM",
        b"SRTP_AES128_CM_SHA1_80",
    ]
