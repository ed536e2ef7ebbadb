// Identifiers made by the page (RFC 9562, version 7): time first, then chance.

/** `bytes` are 10 random octets, `now` is in milliseconds since the epoch. */
export function uuid7(now: number, bytes: Uint8Array): string {
  const octets = new Uint8Array(16);
  for (let index = 0; index < 6; index += 1) {
    octets[index] = Math.floor(now / 2 ** (8 * (5 - index))) % 256;
  }
  octets.set(bytes.subarray(0, 10), 6);
  octets[6] = 0x70 | ((octets[6] ?? 0) & 0x0f);
  octets[8] = 0x80 | ((octets[8] ?? 0) & 0x3f);
  const hex = Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

export function newCommandId(): string {
  return uuid7(Date.now(), crypto.getRandomValues(new Uint8Array(10)));
}
