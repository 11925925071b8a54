import { Store } from '../shared/store';
import { Publisher } from './publisher';

export interface ScreenShareOptions {
  url: string;
  token: string;
  codec: 'h264' | 'vp8';
}

/** Shares a screen as a second source, from the browser's own choice of window to its "Stop sharing". */
export class ScreenShare {
  readonly sharing = new Store(false);
  private publisher: Publisher | null = null;
  private tracks: MediaStreamTrack[] = [];

  constructor(private readonly options: ScreenShareOptions) {}

  static get isPossible(): boolean {
    return 'mediaDevices' in navigator && 'getDisplayMedia' in navigator.mediaDevices;
  }

  /** Does nothing when the person closes the browser's dialog. */
  async start(): Promise<void> {
    if (this.publisher) return;
    let stream: MediaStream;
    try {
      stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { ideal: 30 } }, audio: true });
    } catch {
      return;
    }
    this.tracks = stream.getTracks();
    const video = stream.getVideoTracks()[0] ?? null;
    if (video) video.contentHint = 'detail';
    video?.addEventListener('ended', () => this.stop());
    // Letters must stay sharp: fewer frames before fewer pixels.
    const publisher = new Publisher({ ...this.options, prefer: 'maintain-resolution' });
    publisher.setTrack('video', video);
    publisher.setTrack('audio', stream.getAudioTracks()[0] ?? null);
    publisher.state.subscribe((state) => state.name === 'stopped' && this.stop());
    this.publisher = publisher;
    this.sharing.set(true);
    publisher.start();
  }

  stop(): void {
    const publisher = this.publisher;
    if (!publisher) return;
    this.publisher = null;
    for (const track of this.tracks) track.stop();
    this.tracks = [];
    this.sharing.set(false);
    publisher.stop();
  }

  onRelayLost(): void {
    this.publisher?.onRelayLost();
  }

  isSession(session: string): boolean {
    return this.publisher?.isSession(session) ?? false;
  }
}
