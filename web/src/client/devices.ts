// Cameras, microphones and loudspeakers, and why one of them cannot be had.

import type { Source } from './wire';

/** Why a device gives nothing; each has its own sentence. */
export type CaptureFault = 'denied' | 'missing' | 'busy' | 'broken';
/** Why the page cannot work in this browser at all, or cannot ask for devices. */
export type BrowserFault = 'insecure' | 'too_old';

export type Chosen = Record<Source, string | null>;
export type Captured = Record<Source, { track: MediaStreamTrack | null; fault: CaptureFault | null }>;

const faultByName: Record<string, CaptureFault> = {
  NotAllowedError: 'denied',
  SecurityError: 'denied',
  PermissionDeniedError: 'denied',
  NotFoundError: 'missing',
  DevicesNotFoundError: 'missing',
  OverconstrainedError: 'missing',
  NotReadableError: 'busy',
  TrackStartError: 'busy',
  AbortError: 'busy',
};

export function faultOf(error: unknown): CaptureFault {
  return faultByName[(error as Error | null)?.name ?? ''] ?? 'broken';
}

export interface Surroundings {
  isSecureContext: boolean;
  RTCPeerConnection?: { prototype: object } | undefined;
  navigator: { mediaDevices?: { getUserMedia?: unknown } | undefined };
}

export function browserFault(at: Surroundings): BrowserFault | null {
  if (!at.RTCPeerConnection || !('addTransceiver' in at.RTCPeerConnection.prototype)) return 'too_old';
  if (!at.isSecureContext) return 'insecure';
  return at.navigator.mediaDevices?.getUserMedia ? null : 'too_old';
}

const picture: MediaTrackConstraints = {
  width: { ideal: 640 },
  height: { ideal: 360 },
  frameRate: { ideal: 25, max: 30 },
};
const sound: MediaTrackConstraints = {
  echoCancellation: true,
  noiseSuppression: true,
  autoGainControl: true,
};

function constraint(source: Source, device: string | null): MediaTrackConstraints {
  const base = source === 'camera' ? picture : sound;
  return device ? { ...base, deviceId: { exact: device } } : base;
}

function media(): MediaDevices | undefined {
  // Absent on insecure origins, whatever the type says.
  const devices: MediaDevices | undefined = navigator.mediaDevices;
  return devices;
}

/** One device of one kind; the wanted one may be unplugged, then any other. */
export async function captureOne(source: Source, device: string | null): Promise<Captured[Source]> {
  const devices = media();
  if (!devices) return { track: null, fault: 'denied' };
  const key = source === 'camera' ? 'video' : 'audio';
  try {
    const stream = await devices.getUserMedia({ [key]: constraint(source, device) });
    return { track: stream.getTracks()[0] ?? null, fault: null };
  } catch (error) {
    const fault = faultOf(error);
    return fault === 'missing' && device ? captureOne(source, null) : { track: null, fault };
  }
}

/** Both at once, so that the browser asks once; one by one when that fails, to know which. */
export async function captureBoth(chosen: Chosen): Promise<Captured> {
  try {
    const stream = await media()?.getUserMedia({
      audio: constraint('microphone', chosen.microphone),
      video: constraint('camera', chosen.camera),
    });
    const of = (kind: string): MediaStreamTrack | null => stream?.getTracks().find((each) => each.kind === kind) ?? null;
    if (of('audio') && of('video')) {
      return { microphone: { track: of('audio'), fault: null }, camera: { track: of('video'), fault: null } };
    }
    stream?.getTracks().forEach((track) => track.stop());
  } catch {
    // Which of the two it was is found out below.
  }
  return {
    microphone: await captureOne('microphone', chosen.microphone),
    camera: await captureOne('camera', chosen.camera),
  };
}

export interface DeviceLists {
  microphone: MediaDeviceInfo[];
  camera: MediaDeviceInfo[];
  loudspeaker: MediaDeviceInfo[];
}

export async function listDevices(): Promise<DeviceLists> {
  const all = (await media()?.enumerateDevices()) ?? [];
  const of = (kind: MediaDeviceKind): MediaDeviceInfo[] => all.filter((each) => each.kind === kind && each.deviceId !== '');
  return { microphone: of('audioinput'), camera: of('videoinput'), loudspeaker: of('audiooutput') };
}

/** Calls back whenever a device comes or goes; the result ends it. */
export function watchDevices(changed: () => void): () => void {
  const devices = media();
  devices?.addEventListener('devicechange', changed);
  return () => devices?.removeEventListener('devicechange', changed);
}
