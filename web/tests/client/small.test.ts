import { describe, expect, it } from 'vitest';

import { browserFault, faultOf } from '../../src/client/devices';
import { judge, unseen } from '../../src/client/feed';
import { uuid7 } from '../../src/client/ids';
import { SpeakingDetector } from '../../src/client/levels';
import { judgeLine } from '../../src/client/quality';
import { iceFragment } from '../../src/client/rtc';
import { ticketStore } from '../../src/client/ticket';
import { item } from '../rooms';

describe('the numbers of the feed', () => {
  it('tell next from seen and from a hole', () => {
    expect([judge(4, 3), judge(4, 4), judge(4, 5), judge(4, 6)]).toEqual(['seen', 'seen', 'next', 'gap']);
  });

  it('let through what was missed, in order and without a hole', () => {
    const opened = (n: number): ReturnType<typeof item> => item('room:session:opened', {}, { n });
    expect(unseen(4, [opened(6), opened(5), opened(4)])?.map(({ n }) => n)).toEqual([5, 6]);
    expect(unseen(4, [opened(6)])).toBeNull();
    expect(unseen(4, [])).toEqual([]);
  });
});

describe('an identifier', () => {
  it('is a version 7 UUID that begins with its time', () => {
    const id = uuid7(0x0123456789ab, new Uint8Array(10).fill(0xff));
    expect(id).toBe('01234567-89ab-7fff-bfff-ffffffffffff');
  });
});

describe('speaking', () => {
  function run(levels: [number, number][]): boolean[] {
    const detector = new SpeakingDetector();
    return levels.map(([level, at]) => {
      detector.feed(level, at);
      return detector.speaking;
    });
  }

  it('shows after 0.2 s and stays 0.5 s', () => {
    expect(run([[0.1, 0], [0.1, 100], [0.1, 200], [0, 300], [0, 700], [0, 800]])).toEqual([false, false, true, true, true, false]);
  });

  it('is not shown for a click', () => {
    expect(run([[0.5, 0], [0, 100], [0.5, 200], [0, 300]])).toEqual([false, false, false, false]);
  });
});

describe('a line', () => {
  const at = (received: number, lost: number, roundTrip: number | null = 0.05): Parameters<typeof judgeLine>[1] => ({ received, lost, roundTrip });

  it.each([
    ['unknown before the second reading', undefined, at(100, 0), 'unknown'],
    ['unknown while nothing comes', at(100, 0), at(100, 0), 'unknown'],
    ['good with little loss', at(100, 0), at(200, 5), 'good'],
    ['weak with much loss', at(100, 0), at(180, 20), 'weak'],
    ['weak when packets take long', at(100, 0), at(200, 0, 0.9), 'weak'],
    ['good when recovered packets bring the loss down', at(100, 9), at(200, 3), 'good'],
  ] as const)('is %s', (_, before, now, verdict) => {
    expect(judgeLine(before, now)).toBe(verdict);
  });
});

describe('a device', () => {
  it.each([
    ['NotAllowedError', 'denied'],
    ['NotFoundError', 'missing'],
    ['OverconstrainedError', 'missing'],
    ['NotReadableError', 'busy'],
    ['SomethingElse', 'broken'],
  ])('%s means %s', (name, fault) => {
    expect(faultOf(new DOMException('', name))).toBe(fault);
  });
});

describe('a browser', () => {
  const peer = { prototype: { addTransceiver: (): void => undefined } };
  const devices = { mediaDevices: { getUserMedia: (): void => undefined } };

  it.each([
    ['fine', { isSecureContext: true, RTCPeerConnection: peer, navigator: devices }, null],
    ['too old without peer connections', { isSecureContext: true, navigator: devices }, 'too_old'],
    ['too old without transceivers', { isSecureContext: true, RTCPeerConnection: { prototype: {} }, navigator: devices }, 'too_old'],
    ['too old without devices', { isSecureContext: true, RTCPeerConnection: peer, navigator: {} }, 'too_old'],
    ['insecure', { isSecureContext: false, RTCPeerConnection: peer, navigator: {} }, 'insecure'],
  ] as const)('is %s', (_, surroundings, fault) => {
    expect(browserFault(surroundings)).toBe(fault);
  });
});

describe('a description', () => {
  it('names its transport by the first fragment', () => {
    expect(iceFragment('v=0\r\na=ice-ufrag:tTID\r\na=ice-pwd:x\r\na=ice-ufrag:other\r\n')).toBe('tTID');
    expect(iceFragment('v=0\r\n')).toBeNull();
  });
});

describe('a ticket', () => {
  const ticket = { endpoint: 'e', key: 'k', epoch: 'p', last: 3, replaced: false };

  it('survives in the storage of the tab', () => {
    const store = ticketStore(sessionStorage, 'seat');
    store.save(ticket);
    expect(ticketStore(sessionStorage, 'seat').load()).toEqual(ticket);
    store.clear();
    expect(store.load()).toBeNull();
  });

  it.each(['{', 'null', '{"endpoint": 3}'])('is none when it cannot be read: %s', (text) => {
    sessionStorage.setItem('seat', text);
    expect(ticketStore(sessionStorage, 'seat').load()).toBeNull();
  });
});
