"""A server that does nothing but record two tracks, until it is killed.

    python -m tests.support.recording_server DIRECTORY

Prints the writer's process id, and then the arrival (mono µs) of the packets it was given.
"""

import asyncio
import sys
from pathlib import Path

from conference.events.recording import RecordingStarted
from tests.support.recording import CAMERA, MICROPHONE, Studio

INTERVAL_SECONDS = 0.01


async def main(directory: Path) -> None:
    async with Studio(directory) as studio:
        await studio.happen(CAMERA, MICROPHONE, RecordingStarted("1"))
        print(studio.service.writer.pid, flush=True)
        feed(studio)
        await asyncio.Event().wait()


def feed(studio: Studio) -> None:
    """A packet of each track, and again after the interval."""
    for track in (CAMERA.track, MICROPHONE.track):
        (packet,) = studio.feed(track, [1100])
    print(packet.arrival_us, flush=True)
    asyncio.get_running_loop().call_later(INTERVAL_SECONDS, feed, studio)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
