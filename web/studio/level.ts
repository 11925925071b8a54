/** The meter's range: below −60 dBFS a room is silent. */
const kFloorDb = -60;

/** 0 to 1 on a scale of decibels, from samples of −1 to 1. */
export function meterLevel(samples: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < samples.length; i += 1) sum += samples[i]! * samples[i]!;
  const rms = samples.length > 0 ? Math.sqrt(sum / samples.length) : 0;
  if (rms <= 0) return 0;
  return Math.min(1, Math.max(0, 1 - (20 * Math.log10(rms)) / kFloorDb));
}

/** Listens to a microphone and says how loud it is, without playing it. */
export class LevelMeter {
  private readonly context = new AudioContext();
  private readonly analyser: AnalyserNode;
  private readonly samples: Float32Array<ArrayBuffer>;

  constructor(track: MediaStreamTrack) {
    this.analyser = new AnalyserNode(this.context, { fftSize: 1024 });
    this.samples = new Float32Array(this.analyser.fftSize);
    this.context.createMediaStreamSource(new MediaStream([track])).connect(this.analyser);
  }

  read(): number {
    // Before the person touches the page a browser may hold the context back; asking again is free.
    if (this.context.state === 'suspended') void this.context.resume();
    this.analyser.getFloatTimeDomainData(this.samples);
    return meterLevel(this.samples);
  }

  close(): void {
    void this.context.close();
  }
}
