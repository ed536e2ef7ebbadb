"""Thinking is pure: rules take time and chance as arguments and know no library of the world."""

from pathlib import Path

from tests.rules.tree import Source, sources

WORLD = {
    "aiohttp",
    "aioice",
    "aiortc",
    "asyncio",
    "av",
    "random",
    "secrets",
    "socket",
    "socketio",
    "sqlalchemy",
    "subprocess",
    "threading",
    "time",
}
NOW = ("datetime.now", "datetime.utcnow", "datetime.today", "date.today")

# Packages whose every module is pure, except the ones that are named here.
DOMAIN = {"events", "rooms", "cases", "documents", "terminals"}
ONE_ASYNC_FILE = "service.py"


def is_pure(name: Path) -> bool:
    """Whether a module of conference/ may only think."""
    return len(name.parts) > 2 and name.parts[1] in DOMAIN and name.name != ONE_ASYNC_FILE


def test_pure_files_know_nothing_of_the_world() -> None:
    pure = [source for source in sources("conference") if is_pure(source.name)]
    faults = [fault for source in pure for fault in worldly(source)]
    assert not faults, "\n".join(faults)


def worldly(source: Source) -> list[str]:
    """Each import of a library of the world, and each look at the clock."""
    imports = [
        f"{source.name}:{line} imports {name}"
        for line, name in source.imported()
        if name.split(".")[0] in WORLD
    ]
    looks = [
        f"{source.name}:{call.lineno} calls {name}"
        for call, name in source.calls()
        if name.endswith(NOW)
    ]
    return imports + looks
