import { sentenceFor } from '../shared/failure';
import { ResilientConnection, type ConnectionState } from '../shared/webrtc/resilient_connection';
import { StatsReader } from '../shared/webrtc/session_stats';
import type { RtcSession } from '../shared/webrtc/signalling';
import { openWatchSession } from '../shared/webrtc/watch_session';
import type { Engine, EngineEvents, EngineFacts } from './engine';

/** How often the numbers of the latency panel are taken. */
const kStatsMs = 1000;

/** The programme by WHEP: posts again when ICE fails or the relay has a new epoch. Owned by the Player or a control room. */
export class WhepEngine implements Engine {
  private readonly connection: ResilientConnection;
  private readonly reader = new StatsReader();
  private session: RtcSession | null = null;
  private timer: ReturnType<typeof setInterval> | null = null;
  private last: ReturnType<StatsReader['read']> | null = null;

  constructor(
    private readonly video: HTMLVideoElement,
    url: string,
    token: string | null,
    private readonly events: EngineEvents,
  ) {
    this.connection = new ResilientConnection({
      open: async (signal) => {
        const session = await openWatchSession({ url, token, signal, onStream: (stream) => this.show(stream) });
        this.session = session;
        return session;
      },
      onState: (state) => this.onState(state),
      isTemporary: (failure) => failure.status === 409 || failure.status === 404,
    });
  }

  start(): void {
    this.connection.start();
    this.timer = setInterval(() => void this.measure(), kStatsMs);
  }

  destroy(): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.connection.stop();
    this.video.srcObject = null;
  }

  onRelayChanged(): void {
    this.events.onHold();
    this.connection.reopen();
  }

  goLive(): void {
    void this.video.play().catch(() => undefined);
  }

  seek(): void {
    // There is nothing behind the newest picture.
  }

  window(): null {
    return null;
  }

  isAtEdge(): boolean {
    return !this.video.paused;
  }

  /** Half a round trip and the jitter buffer: what WebRTC can know without a clock in the picture. */
  latency(): number | null {
    if (!this.last || this.last.jitterBufferMs === null) return null;
    return this.last.jitterBufferMs + (this.last.roundTripMs ?? 0) / 2;
  }

  async facts(): Promise<EngineFacts> {
    const stats = this.last;
    return {
      transport: stats?.transport ? `WHEP over ${stats.transport.toUpperCase()}` : 'WHEP',
      latencyMs: this.latency(),
      latencyName: 'From server',
      bufferMs: stats?.jitterBufferMs ?? null,
      rate: 1,
      roundTripMs: stats?.roundTripMs ?? null,
      bitrate: stats?.bitrate ?? null,
      size: this.video.videoWidth ? `${this.video.videoWidth} × ${this.video.videoHeight}` : null,
      codec: stats?.codec ?? null,
    };
  }

  private show(stream: MediaStream): void {
    this.events.onHold();
    this.video.srcObject = stream;
    if (this.events.shouldPlay()) void this.video.play().catch(() => undefined);
  }

  private onState(state: ConnectionState): void {
    if (state.name === 'connected') this.events.onTrouble(null);
    if (state.name === 'reconnecting') {
      this.events.onHold();
      this.events.onTrouble('The connection was lost. Reconnecting…');
    }
    if (state.name === 'stopped' && state.failure) this.events.onTrouble(sentenceFor(state.failure));
  }

  private async measure(): Promise<void> {
    const peer = this.session?.peer;
    if (!peer || peer.connectionState !== 'connected') return;
    const report = await peer.getStats();
    this.last = this.reader.read(report.values(), 'inbound');
  }
}
