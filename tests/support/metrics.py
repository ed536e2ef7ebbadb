"""/metrics as a test reads it."""

import aiohttp
import pytest


async def metric(base_url: str, name: str) -> float:
    """The sum of all samples whose metric name ends with `name`; fails when there is none."""
    async with aiohttp.ClientSession() as http, http.get(f"{base_url}/metrics") as response:
        text = await response.text()
    samples = [line.rpartition(" ") for line in text.splitlines() if line[:1] not in ("", "#")]
    values = [
        float(value)
        for labelled, _, value in samples
        if labelled.partition("{")[0].removesuffix("_total").endswith(name)
    ]
    if not values:
        pytest.fail(f"no metric ends with {name}:\n{text}", pytrace=False)
    return sum(values)
