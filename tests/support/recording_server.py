"""A server that does nothing but record two tracks, until it is killed.

    python -m tests.support.recording_server DIRECTORY

Prints the writer's process id, and then the arrival (mono µs) of each packet it was given.
"""

import asyncio
import sys
from pathlib import Path

from conference.events.recording import RecordingStarted
from tests.support.recording import CAMERA, MICROPHONE, Studio


async def main(directory: Path) -> None:
    async with Studio(directory) as studio:
        await studio.happen(CAMERA, MICROPHONE, RecordingStarted("1"))
        print(studio.service.writer.pid, flush=True)
        while True:
            for track in (CAMERA.track, MICROPHONE.track):
                (packet,) = studio.feed(track, [1100])
            print(packet.arrival_us, flush=True)
            await asyncio.sleep(0.01)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
