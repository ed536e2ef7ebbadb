"""Archivists and their links, as an administrator makes them."""

from conference.access.links import DAY_US, Link, state_of
from conference.access.service import AccessService
from conference.archive.ledger import Ledger
from conference.clock import Clock
from conference.events.archive import STREAM, ArchivistAppointed
from conference.http_api.administration import LinkView, Name, Settings, Spec, Text
from conference.ids import Randomness, SeatId, new_id


class ArchivistSpec(Spec):
    """Somebody who may look at all recordings."""

    name: Name
    unit: Text = ""


class Archivists:
    """Appoints and lists them through the same services as everybody else."""

    def __init__(
        self,
        ledger: Ledger,
        access: AccessService,
        settings: Settings,
        chance: tuple[Clock, Randomness],
    ) -> None:
        self._ledger = ledger
        self._access = access
        self._settings = settings
        self._clock, self._random = chance

    async def appoint(self, spec: ArchivistSpec) -> LinkView:
        """The archivist of this name and unit, who has one link that opens for another day at
        least: the one that there is, or a new one."""
        known = (await self._ledger.archivists()).values()
        found = next((each for each in known if _same(each, spec)), None)
        if found is None:
            person = SeatId(new_id(self._clock, self._random))
            found = ArchivistAppointed(person, spec.name, spec.unit)
            await self._ledger.tell(found)
        link = await self._open_link(found.person)
        if link is None:
            days = self._settings.lifetime_days
            link = await self._access.issue(STREAM, found.person, days, "archive")
        return self._view(link, found)

    async def _open_link(self, person: SeatId) -> Link | None:
        least_us = self._clock.wall_us() + DAY_US
        links = await self._access.valid_links(STREAM)
        own = (link for link in links if link.seat == person and link.expires_at_us >= least_us)
        return next(own, None)

    def _view(self, link: Link, archivist: ArchivistAppointed) -> LinkView:
        return LinkView(
            link=link.link,
            seat=link.seat,
            name=archivist.name,
            role="archivist",
            url=f"{self._settings.base_url}/j/{self._access.token(link.link)}",
            state=state_of(link, self._clock.wall_us()),
            expires_at_us=link.expires_at_us,
        )


def _same(archivist: ArchivistAppointed, spec: ArchivistSpec) -> bool:
    return (archivist.name, archivist.unit) == (spec.name, spec.unit)
