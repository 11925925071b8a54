import { Failure } from '../shared/failure';
import { Store } from '../shared/store';
import { openPublishSession, type PublishOptions } from '../shared/webrtc/publish_session';
import { ResilientConnection, type ConnectionState } from '../shared/webrtc/resilient_connection';
import { StatsReader, type SessionStats } from '../shared/webrtc/session_stats';
import type { RtcSession } from '../shared/webrtc/signalling';

const kStatsMs = 2000;

export interface PublisherOptions {
  url: string;
  token: string;
  codec: PublishOptions['codec'];
  prefer: PublishOptions['prefer'];
}

/** One source of this page (camera or screen), kept published until `stop`. Owned by the StudioSession. */
export class Publisher {
  readonly state = new Store<ConnectionState>({ name: 'idle' });
  readonly stats = new Store<SessionStats | null>(null);

  private readonly tracks: { audio: MediaStreamTrack | null; video: MediaStreamTrack | null } = { audio: null, video: null };
  private readonly connection: ResilientConnection;
  private session: RtcSession | null = null;
  private reader = new StatsReader();
  private timer: ReturnType<typeof setInterval> | null = null;

  constructor(private readonly options: PublisherOptions) {
    this.connection = new ResilientConnection({
      open: async (signal) => {
        const session = await openPublishSession({ ...this.options, ...this.tracks, signal });
        this.session = session;
        this.reader = new StatsReader();
        return session;
      },
      onState: (state) => this.onState(state),
    });
  }

  start(): void {
    this.connection.start();
  }

  stop(failure: Failure | null = null): void {
    this.connection.stop(failure);
  }

  /** The relay is gone, and this page's session with it. */
  onRelayLost(): void {
    this.connection.reopen();
  }

  /** True when `session` (an id that the server used) is the one this page holds now. */
  isSession(session: string): boolean {
    return session !== '' && this.session !== null && this.session.location.split(/[/?#]/).includes(session);
  }

  setTrack(kind: 'audio' | 'video', track: MediaStreamTrack | null): void {
    this.tracks[kind] = track;
    const transceiver = this.session?.peer.getTransceivers()[kind === 'audio' ? 0 : 1];
    transceiver?.sender.replaceTrack(track).catch(() => this.connection.reopen());
  }

  private onState(state: ConnectionState): void {
    this.state.set(state);
    const stands = state.name === 'connected';
    if (stands && this.timer === null) this.timer = setInterval(() => void this.measure(), kStatsMs);
    if (!stands && this.timer !== null) {
      clearInterval(this.timer);
      this.timer = null;
      this.stats.set(null);
    }
  }

  private async measure(): Promise<void> {
    const peer = this.session?.peer;
    if (!peer || peer.connectionState !== 'connected') return;
    const report = await peer.getStats();
    this.stats.set(this.reader.read(report.values(), 'outbound'));
  }
}
