"""/metrics as a test reads it."""

import aiohttp
import pytest


async def metric(base_url: str, name: str, label: str = "") -> float:
    """The sum of the samples of `name` (without prefix and `_total`), or of the one whose label
    has the value `label`; fails when there is none."""
    async with aiohttp.ClientSession() as http, http.get(f"{base_url}/metrics") as response:
        text = await response.text()
    values = []
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        sample, _, value = line.rpartition(" ")
        family, _, labels = sample.partition("{")
        if family.removesuffix("_total").endswith(name) and f'"{label}"' in f'{labels}""':
            values.append(float(value))
    if not values:
        pytest.fail(f"no metric {name} {label}:\n{text}", pytrace=False)
    return sum(values)
