"""The small tools: ids, clocks, refusals."""

import re
import uuid
from random import Random, SystemRandom

from conference.clock import Now, SystemClock, read
from conference.errors import Fault, ProtocolViolation, Refused
from conference.ids import new_id, new_secret
from tests.support.virtual_clock import START_WALL_US, VirtualClock


def test_an_id_is_a_uuid_of_version_7_with_the_time_it_was_made() -> None:
    made = uuid.UUID(new_id(VirtualClock(), Random(1)))
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert made.int >> 80 == START_WALL_US // 1000


def test_ids_of_one_instant_differ_and_those_of_later_ones_sort_behind() -> None:
    clock, random = VirtualClock(), SystemRandom()
    first = {new_id(clock, random) for _ in range(1000)}
    clock.advance(1000)
    assert len(first) == 1000
    assert max(first) < new_id(clock, random)


def test_the_same_chance_makes_the_same_id() -> None:
    assert new_id(VirtualClock(), Random(7)) == new_id(VirtualClock(), Random(7))
    assert new_secret(Random(7)) == new_secret(Random(7))


def test_a_secret_has_192_bits_in_32_characters_of_an_url() -> None:
    secrets = {new_secret(Random(seed)) for seed in range(100)}
    assert len(secrets) == 100
    assert all(re.fullmatch(r"[0-9A-Za-z_-]{32}", secret) for secret in secrets)


def test_the_machines_clocks_give_microseconds_and_the_monotonic_one_never_falls() -> None:
    clock = SystemClock()
    readings = [clock.mono_us() for _ in range(1000)]
    assert readings == sorted(readings)
    assert 1_700_000_000_000_000 < clock.wall_us() < 4_000_000_000_000_000


def test_one_reading_has_both_clocks_and_the_life_it_was_taken_in() -> None:
    clock = VirtualClock(wall_us=5, mono_us=7)
    clock.advance(10)
    clock.set_wall(3)
    assert read(clock, "life") == Now(3, 17, "life")


def test_a_refusal_has_a_code_and_what_fills_its_sentence() -> None:
    refused = Refused("too_large", most=5)
    assert (refused.code, refused.params, str(refused)) == ("too_large", {"most": 5}, "too_large")
    violation = ProtocolViolation("bad_message", "no such field")
    assert (violation.code, violation.detail) == ("bad_message", "no such field")
    assert not issubclass(Fault, Refused)
