import Hls from 'hls.js';
import { Store } from '../shared/store';
import type { LiveStatus, SessionType, WatchInfo } from '../shared/types';
import type { Engine, EngineEvents } from './engine';
import { HeldPicture } from './held_picture';
import { HlsEngine } from './hls_engine';
import { NativeHlsEngine } from './native_engine';
import { chooseMode, phaseOf, type Mode, type Phase } from './player_mode';
import { findRecording, playbackUrl } from './playback_urls';
import { StatusFollower } from './status_follower';
import { WhepEngine } from './whep_engine';

export interface PlayerView {
  phase: Phase;
  mode: Mode;
  /** What is wrong with the picture, in words; null when all is well. */
  trouble: string | null;
  /** After the end: is there something to watch? */
  recording: 'none' | 'looking' | 'ready' | 'playing';
}

/** The last second is still in the buffer when the end is announced: let it play out, but not for ever. */
const kPlayOutMs = 6000;

/**
 * Plays one event on one video element: follows its status, chooses the way, changes engines, and never shows black between.
 * Owned by the watch or embed page; runs on the page's thread; failures become `trouble`, never an exception.
 */
export class Player {
  readonly view: Store<PlayerView>;
  readonly held: HeldPicture;
  engine: Engine | null = null;
  /** What the person wants, whatever the media element says while it changes its source. */
  wantsToPlay = true;

  private readonly follower: StatusFollower;
  private readonly hlsUrl: string;
  private sessionType: SessionType;
  private relayEpoch: string | null = null;
  private engineKind = '';
  private playOut: ReturnType<typeof setTimeout> | null = null;

  constructor(
    private readonly video: HTMLVideoElement,
    canvas: HTMLCanvasElement,
    private readonly info: WatchInfo,
    private readonly token: string | null,
    private readonly override: string | null,
  ) {
    this.held = new HeldPicture(video, canvas);
    this.hlsUrl = playbackUrl(info.playback.hls_url, token);
    this.sessionType = info.session_type ?? 'broadcast';
    this.view = new Store<PlayerView>({ phase: phaseOf(info.state), mode: this.mode(), trouble: null, recording: 'none' });
    this.follower = new StatusFollower({
      url: new URL('status.json', this.hlsUrl).href + new URL(this.hlsUrl).search,
      onStatus: (status) => this.onStatus(status),
      onReachable: (reachable) => !reachable && this.view.value.phase === 'before' && this.trouble(kUnreachable),
    });
  }

  start(): void {
    this.apply();
    this.follower.start();
  }

  destroy(): void {
    this.follower.stop();
    this.leaveEngine();
  }

  play(): void {
    this.wantsToPlay = true;
    if (this.view.value.phase === 'live' && this.engine?.isAtEdge()) this.engine.goLive();
    else void this.video.play().catch(() => undefined);
  }

  pause(): void {
    this.wantsToPlay = false;
    this.video.pause();
  }

  playRecording(): void {
    this.wantsToPlay = true;
    this.video.muted = false; // the press that asked for it lets the browser play sound
    this.change({ recording: 'playing' });
    this.useEngine('recording');
  }

  private onStatus(status: LiveStatus): void {
    this.sessionType = status.session_type;
    const epoch = String(status.relay_epoch ?? '');
    if (this.relayEpoch !== null && this.relayEpoch !== epoch) this.engine?.onRelayChanged();
    this.relayEpoch = epoch;
    const phase = phaseOf(status.state);
    if (this.view.value.phase === 'live' && phase === 'ended') return this.waitForEnd();
    this.cancelPlayOut();
    this.change({ phase, mode: this.mode(), ...(phase === 'before' ? { trouble: null } : {}) });
    this.apply();
  }

  /** Makes the engine what phase and mode ask for. */
  private apply(): void {
    const { phase, mode } = this.view.value;
    if (phase === 'live') this.useEngine(mode);
    else if (phase === 'before') this.leaveEngine();
    else if (this.view.value.recording === 'none') void this.lookForRecording();
  }

  private useEngine(kind: Mode | 'recording'): void {
    if (this.engineKind === kind) return;
    this.held.hold();
    this.leaveEngine();
    this.engineKind = kind;
    this.engine = this.makeEngine(kind);
    this.engine.start();
  }

  private makeEngine(kind: Mode | 'recording'): Engine {
    const events: EngineEvents = {
      shouldPlay: () => this.wantsToPlay,
      onHold: () => this.held.hold(),
      onTrouble: (sentence) => this.trouble(sentence),
      onEnd: () => this.onEnd(),
    };
    if (kind === 'whep') return new WhepEngine(this.video, this.info.playback.whep_url, this.token, events);
    const live = kind === 'hls';
    // Chromium has HLS of its own by now, at its own latency: hls.js first wherever there is MediaSource.
    return Hls.isSupported()
      ? new HlsEngine(this.video, this.hlsUrl, live, events)
      : new NativeHlsEngine(this.video, this.hlsUrl, live, events);
  }

  private leaveEngine(): void {
    this.cancelPlayOut();
    this.engine?.destroy();
    this.engine = null;
    this.engineKind = '';
  }

  private waitForEnd(): void {
    if (this.playOut !== null) return;
    const wait = this.engineKind === 'whep' ? 500 : kPlayOutMs;
    this.playOut = setTimeout(() => this.onEnd(), wait);
  }

  private onEnd(): void {
    if (this.view.value.phase === 'ended') return;
    this.cancelPlayOut();
    this.held.hold();
    this.leaveEngine();
    this.change({ phase: 'ended', trouble: null });
    void this.lookForRecording();
  }

  private async lookForRecording(): Promise<void> {
    this.change({ recording: 'looking' });
    const found = await findRecording(this.hlsUrl, () => this.view.value.phase === 'ended');
    if (this.view.value.phase === 'ended') this.change({ recording: found ? 'ready' : 'none' });
  }

  private cancelPlayOut(): void {
    if (this.playOut !== null) clearTimeout(this.playOut);
    this.playOut = null;
  }

  private mode(): Mode {
    return chooseMode({
      sessionType: this.sessionType,
      override: this.override,
      canHls: Hls.isSupported() || this.video.canPlayType('application/vnd.apple.mpegurl') !== '',
      canWhep: 'RTCPeerConnection' in window,
    });
  }

  private trouble(sentence: string | null): void {
    this.change({ trouble: sentence });
  }

  private change(part: Partial<PlayerView>): void {
    const before = this.view.value;
    const after = { ...before, ...part };
    if (Object.keys(part).some((key) => before[key as keyof PlayerView] !== after[key as keyof PlayerView])) this.view.set(after);
  }
}

const kUnreachable = 'Footlight does not answer. Check that you are online; this page keeps trying.';
