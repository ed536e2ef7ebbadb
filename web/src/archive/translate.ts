// From the server's JSON to what the pages work with. Pure.

import type { Cut, Interval, Listed, Mark, Person, Replay, Stretch, Tape, Tone } from './model';
import type { WireCue, WireFile, WireInterval, WireLine, WirePerson, WireReplay, WireStretch } from './wire';

const tones: Partial<Record<string, Tone>> = {
  signed: 'go',
  completed: 'go',
  frozen: 'brand',
  acknowledged: 'brand',
  reopened: 'warn',
  lost: 'warn',
  recording_paused: 'warn',
  recording_stopped: 'warn',
  session_paused: 'warn',
  server_restarted: 'warn',
  gap: 'warn',
  recording_failed: 'rec',
  recording_started: 'rec',
  recording_resumed: 'rec',
};
const minor = new Set(['muted', 'unmuted', 'drafted', 'replaced']);

export function markOf(cue: WireCue): Mark {
  const kind = cue.source !== null ? `${cue.kind}_${cue.source}` : cue.kind;
  return {
    id: String(cue.seq),
    kind,
    at_us: cue.at_us,
    recorded: cue.r_us !== null,
    wall_us: cue.wall_us,
    seats: cue.seats,
    tone: tones[cue.kind] ?? 'plain',
    reason: cue.reason,
    document: cue.document,
    clause: cue.clause,
    minor: minor.has(cue.kind),
  };
}

/** Where the recording stood still: between two intervals, as long as the clock on the wall says. */
export function cutsOf(intervals: readonly WireInterval[]): Cut[] {
  return intervals.slice(1).map((next, index) => {
    const before = intervals[index] ?? next;
    return {
      r_us: before.r_to_us,
      wall_from_us: before.wall_to_us,
      wall_to_us: next.wall_from_us,
      reason: before.ended_by ?? 'stopped',
    };
  });
}

export function intervalOf(interval: WireInterval): Interval {
  return { r_from_us: interval.r_from_us, r_to_us: interval.r_to_us, wall_from_us: interval.wall_from_us };
}

export function stretchOf(stretch: WireStretch): Stretch {
  return { kind: stretch.kind, from_us: stretch.from_r_us, to_us: stretch.to_r_us };
}

export function personOf(person: WirePerson): Person {
  const { seat, name, role, standing, endpoints } = person;
  return { seat, name, role, standing, endpoints };
}

export function tapeOf(file: WireFile, base: string): Tape {
  return {
    endpoint: file.endpoint,
    // Another content has another address: browsers keep what they have read of media by address.
    url: `${base}${file.url}?v=${file.sha256.slice(0, 16)}`,
    version: file.usable === false ? 'unusable' : file.sha256,
    picture: file.video,
    sound: file.audio,
    silent: file.filled.map(stretchOf),
    blank: file.holes.map(stretchOf),
    damaged: file.damaged.map(stretchOf),
    usable: file.usable !== false,
  };
}

/** What is said elsewhere on the page is no flaw of its own there. */
const saidElsewhere = new Set(['never_recorded', 'packaging_failed']);

/** Tapes in the order of those who sit before them. */
function inOrder(files: readonly WireFile[], people: readonly WirePerson[]): WireFile[] {
  const place = (file: WireFile): number => people.findIndex((person) => person.endpoints.includes(file.endpoint));
  return [...files].sort((one, other) => place(one) - place(other));
}

/** `base`: /u/{login}/ */
export function replayOf(answer: WireReplay, base: string): Replay {
  const { session, title, case_number, state, recording, opened_us, packaging } = answer;
  return {
    session,
    title,
    case_number,
    state,
    recording,
    end_us: answer.r_end_us,
    opened_us,
    people: answer.people.map(personOf),
    tapes: inOrder(answer.files, answer.people).map((file) => tapeOf(file, base)),
    marks: answer.cues.map(markOf),
    cuts: cutsOf(answer.intervals),
    intervals: answer.intervals.map(intervalOf),
    flaws: answer.flaws.filter((flaw) => !saidElsewhere.has(flaw.kind)),
    packaging,
  };
}

/** Some of the files have not been looked at yet: ask again. */
export function stillLooking(answer: WireReplay): boolean {
  return answer.files.some((file) => file.usable === null);
}

export function listedOf(line: WireLine): Listed {
  return {
    session: line.session,
    title: line.title,
    case_number: line.case_number,
    state: line.state,
    opened_us: line.opened_at_us,
    scheduled_us: line.scheduled_at_us,
    recording: line.recording,
    end_us: line.recorded_us,
    gaps: line.gaps,
    completed: line.completed,
    host: line.host_name,
    unit: line.host_unit,
  };
}
