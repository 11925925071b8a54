/** What the latency panel (key I) shows; null where it is not known. */
export interface EngineFacts {
  transport: string;
  latencyMs: number | null;
  /** How much of the way that latency covers, in words. */
  latencyName: string;
  bufferMs: number | null;
  rate: number;
  roundTripMs: number | null;
  bitrate: number | null;
  size: string | null;
  codec: string | null;
}

export interface EngineEvents {
  /** False while the person has paused. */
  shouldPlay: () => boolean;
  /** The next moments may have no picture: keep the last one up. */
  onHold: () => void;
  /** The stream is broken (a reason in plain words) or whole again (null). */
  onTrouble: (sentence: string | null) => void;
  /** The stream came to its end. */
  onEnd: () => void;
}

/** Fills a video element with one way of playing; made when that way is chosen, destroyed when it is left. */
export interface Engine {
  start(): void;
  destroy(): void;
  /** The relay has a new epoch: media that came through it is gone. */
  onRelayChanged(): void;
  /** Jumps to the newest picture and stays with it. */
  goLive(): void;
  /** Moves in what can be rewound to; does nothing where nothing can. */
  seek(position: number): void;
  /** What can be rewound to on the media timeline; null when nothing can. */
  window(): { start: number; end: number } | null;
  /** True while the player holds itself at the newest picture. */
  isAtEdge(): boolean;
  latency(): number | null;
  facts(): Promise<EngineFacts>;
}
