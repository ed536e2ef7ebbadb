// Who is speaking: loudness over time, without flicker.

const loud = 0.015;
const onAfter = 200;
const offAfter = 500;

/** On after 0.2 s of speech, off after 0.5 s of silence. Pure: times are arguments, ms. */
export class SpeakingDetector {
  speaking = false;
  private since: number | null = null;

  /** `level` 0..1 (amplitude); true when `speaking` has changed. */
  feed(level: number, now: number): boolean {
    const differs = level >= loud !== this.speaking;
    if (!differs) {
      this.since = null;
      return false;
    }
    this.since ??= now;
    if (now - this.since < (this.speaking ? offAfter : onAfter)) return false;
    this.speaking = !this.speaking;
    this.since = null;
    return true;
  }
}

/** The loudness of an own track, 0..1 (root mean square of the last 43 ms). */
export class Meter {
  private readonly source: MediaStreamAudioSourceNode;
  private readonly analyser: AnalyserNode;
  private readonly samples: Float32Array<ArrayBuffer>;

  constructor(context: AudioContext, track: MediaStreamTrack) {
    this.source = context.createMediaStreamSource(new MediaStream([track]));
    this.analyser = context.createAnalyser();
    this.analyser.fftSize = 2048;
    this.samples = new Float32Array(this.analyser.fftSize);
    this.source.connect(this.analyser);
  }

  level(): number {
    this.analyser.getFloatTimeDomainData(this.samples);
    let sum = 0;
    this.samples.forEach((sample) => (sum += sample * sample));
    return Math.sqrt(sum / this.samples.length);
  }

  close(): void {
    this.source.disconnect();
  }
}
