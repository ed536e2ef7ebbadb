"""Thinking is pure: rules take time and chance as arguments and know no library of the world."""

from pathlib import Path

from tests.rules.tree import Source, sources

WORLD = {
    "aiohttp",
    "aioice",
    "aiortc",
    "asyncio",
    "av",
    "cryptography",
    "ifaddr",
    "multiprocessing",
    "os",
    "pathlib",
    "pylibsrtp",
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

# Every module of these packages is pure, except service.py and those of TOUCHES below.
DOMAIN = {
    "access",
    "archive",
    "cases",
    "certificates",
    "documents",
    "events",
    "journal",
    "media",
    "recording",
    "rooms",
    "terminals",
}
ONE_ASYNC_FILE = "service.py"
ELSEWHERE = {
    "rehearsal/score.py",
    "simulation/figure.py",
    "simulation/story.py",
    "simulation/view.py",
}
"""Pure files of packages that are not."""
TOUCHES = {
    "archive/copies.py": "hashes the files made of recordings",
    "certificates/ports.py": "names the type of a folder",
    "certificates/x509.py": "makes keys, the door to cryptography",
    "documents/render/fonts.py": "reads the tables of font files",
    "documents/render/worker.py": "the process that typst runs in",
    "media/addresses.py": "asks which addresses this machine has",
    "media/dtls.py": "the door to aiortc's DTLS",
    "media/srtp.py": "the door to libsrtp",
    "media/stun.py": "aioice's parser, itself pure",
    "media/udpmux.py": "owns the media sockets",
    "recording/disk.py": "writes and syncs the files",
    "recording/packager/__main__.py": "the packager's process",
    "recording/packager/follow.py": "reads recorded files while they grow",
    "recording/packager/output.py": "gives the packaged files their names",
    "recording/packager/package.py": "takes away what an older run left",
    "recording/packager/webm.py": "the door to the muxer",
    "recording/packaging.py": "starts and watches the packagers' processes",
    "recording/reading.py": "reads the files of a take",
    "recording/recorder.py": "the recorder's process",
    "recording/recovery.py": "reads back the files of a dead writer",
    "recording/reports.py": "carries what the writer says into the rooms, in tasks",
    "recording/tap.py": "the socket to the recorder",
    "recording/verify.py": "reads the files it verifies",
    "recording/writer.py": "starts and watches the recorder's process",
    "rooms/live.py": "a room's inbox and the task that owns the room",
}


def is_pure(name: Path) -> bool:
    """Whether a module of conference/ may only think."""
    if name.relative_to("conference").as_posix() in ELSEWHERE:
        return True
    if len(name.parts) < 3 or name.parts[1] not in DOMAIN or name.name == ONE_ASYNC_FILE:
        return False
    return name.relative_to("conference").as_posix() not in TOUCHES


def test_pure_files_know_nothing_of_the_world() -> None:
    pure = [source for source in sources("conference") if is_pure(source.name)]
    faults = [fault for source in pure for fault in worldly(source)]
    assert not faults, "\n".join(faults)


def test_what_is_listed_as_touching_the_world_does() -> None:
    listed = [
        s for s in sources("conference") if s.name.as_posix().removeprefix("conference/") in TOUCHES
    ]
    idle = [str(source.name) for source in listed if not worldly(source)]
    assert not idle, f"pure by now, so no longer to be listed: {idle}"


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
