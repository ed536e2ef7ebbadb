"""What a participant is told to do, read from text."""

import pytest

from conference.simulation.script import Action, parse_script


def test_steps_come_in_the_order_of_their_seconds() -> None:
    assert parse_script("5.5 mute camera, 2 record start, 8 unmute camera,") == [
        Action(2.0, "record", {"action": "start"}),
        Action(5.5, "mute", {"source": "camera", "muted": True}),
        Action(8.0, "mute", {"source": "camera", "muted": False}),
    ]


def test_the_other_commands() -> None:
    script = parse_script("1 session pause, 2 layout focus s1, 3 layout grid, 4 leave")
    assert [(each.name, dict(each.payload)) for each in script] == [
        ("session", {"action": "pause"}),
        ("layout", {"layout": "focus", "focus": "s1"}),
        ("layout", {"layout": "grid", "focus": None}),
        ("leave", {}),
    ]


@pytest.mark.parametrize("text", ["mute camera", "x mute camera", "1 mute door", "1 record", "1"])
def test_nonsense_is_named(text: str) -> None:
    with pytest.raises(ValueError, match="step"):
        parse_script(text)
