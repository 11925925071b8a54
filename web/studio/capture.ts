import { Store } from '../shared/store';
import { captureSentence } from './capture_problem';

export interface CaptureState {
  status: 'asking' | 'ready' | 'blocked';
  /** Plain words when something is missing. */
  message: string | null;
  audio: MediaStreamTrack | null;
  video: MediaStreamTrack | null;
  cameras: MediaDeviceInfo[];
  microphones: MediaDeviceInfo[];
  micMuted: boolean;
  cameraOff: boolean;
}

const kVideo = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } };
const kAudio = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

/** The presenter's camera and microphone: asked for once, changed while in use. Owned by the StudioSession. */
export class Capture {
  readonly state = new Store<CaptureState>({
    status: 'asking',
    message: null,
    audio: null,
    video: null,
    cameras: [],
    microphones: [],
    micMuted: false,
    cameraOff: false,
  });
  private camera: string | null = null;
  private microphone: string | null = null;
  private closed = false;

  /** Called with the new track (or null) whenever what is sent must change. */
  onTrack: (kind: 'audio' | 'video', track: MediaStreamTrack | null) => void = () => undefined;

  async open(): Promise<void> {
    this.change({ status: 'asking', message: null });
    if (!('mediaDevices' in navigator)) {
      const message = 'Browsers open the camera on https pages and on this very machine only. Ask for an https link.';
      return this.change({ status: 'blocked', message });
    }
    try {
      const { tracks, message } = await this.acquire();
      if (this.closed) return tracks.forEach((track) => track.stop());
      this.adopt('audio', tracks.find((track) => track.kind === 'audio') ?? null);
      this.adopt('video', tracks.find((track) => track.kind === 'video') ?? null);
      this.change({ status: 'ready', message });
    } catch (error) {
      this.change({ status: 'blocked', message: captureSentence(error) });
    }
    await this.list();
    navigator.mediaDevices.addEventListener('devicechange', this.onDeviceChange);
  }

  /** For good: the light of the camera goes out. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    navigator.mediaDevices?.removeEventListener('devicechange', this.onDeviceChange);
    this.state.value.audio?.stop();
    this.state.value.video?.stop();
    this.change({ audio: null, video: null });
  }

  async choose(kind: 'audio' | 'video', deviceId: string): Promise<void> {
    if (kind === 'audio') this.microphone = deviceId;
    else this.camera = deviceId;
    if (kind === 'video' && this.state.value.cameraOff) return;
    await this.renew(kind);
  }

  setMicMuted(micMuted: boolean): void {
    const { audio } = this.state.value;
    if (audio) audio.enabled = !micMuted;
    this.change({ micMuted });
  }

  /** Off means off: the light of the camera goes out, and the audience gets the slate instead of black. */
  async setCameraOff(cameraOff: boolean): Promise<void> {
    this.change({ cameraOff });
    if (!cameraOff) return this.renew('video');
    this.state.value.video?.stop();
    this.adopt('video', null);
  }

  /** Both if possible, else the one there is. */
  private async acquire(): Promise<{ tracks: MediaStreamTrack[]; message: string | null }> {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: this.audioWish(), video: this.videoWish() });
      return { tracks: stream.getTracks(), message: null };
    } catch (error) {
      if (error instanceof DOMException && error.name !== 'NotFoundError' && error.name !== 'NotReadableError') throw error;
      return this.acquireOne(error);
    }
  }

  private async acquireOne(first: unknown): Promise<{ tracks: MediaStreamTrack[]; message: string | null }> {
    const only = async (constraints: MediaStreamConstraints, message: string) => {
      const stream = await navigator.mediaDevices.getUserMedia(constraints);
      return { tracks: stream.getTracks(), message };
    };
    try {
      return await only({ audio: this.audioWish() }, 'No camera could be opened. You can go on air with your voice alone.');
    } catch {
      try {
        return await only({ video: this.videoWish() }, 'No microphone could be opened. The audience will see you but not hear you.');
      } catch {
        throw first;
      }
    }
  }

  private async renew(kind: 'audio' | 'video'): Promise<void> {
    const wish = kind === 'audio' ? { audio: this.audioWish() } : { video: this.videoWish() };
    try {
      const old = this.state.value[kind];
      const stream = await navigator.mediaDevices.getUserMedia(wish);
      old?.stop();
      this.adopt(kind, stream.getTracks().find((track) => track.kind === kind) ?? null);
      this.change({ message: null });
    } catch (error) {
      this.change({ message: captureSentence(error) });
    }
    await this.list();
  }

  private adopt(kind: 'audio' | 'video', track: MediaStreamTrack | null): void {
    if (track && kind === 'audio') track.enabled = !this.state.value.micMuted;
    if (track && kind === 'video') track.contentHint = 'motion';
    track?.addEventListener('ended', () => this.state.value[kind] === track && void this.onEnded(kind));
    this.change(kind === 'audio' ? { audio: track } : { video: track });
    this.onTrack(kind, track);
  }

  /** The device was unplugged or taken away: use another one if there is one. */
  private async onEnded(kind: 'audio' | 'video'): Promise<void> {
    if (kind === 'audio') this.microphone = null;
    else this.camera = null;
    await this.renew(kind);
  }

  private readonly onDeviceChange = () => void this.list();

  private async list(): Promise<void> {
    try {
      const devices = await navigator.mediaDevices.enumerateDevices();
      const of = (kind: MediaDeviceKind) => devices.filter((device) => device.kind === kind && device.deviceId !== '');
      this.change({ cameras: of('videoinput'), microphones: of('audioinput') });
    } catch {
      // Without a list there is nothing to choose from; what is open stays open.
    }
  }

  private audioWish(): MediaTrackConstraints {
    return { ...kAudio, ...(this.microphone ? { deviceId: { exact: this.microphone } } : {}) };
  }

  private videoWish(): MediaTrackConstraints {
    return { ...kVideo, ...(this.camera ? { deviceId: { exact: this.camera } } : {}) };
  }

  private change(part: Partial<CaptureState>): void {
    this.state.set({ ...this.state.value, ...part });
  }
}
