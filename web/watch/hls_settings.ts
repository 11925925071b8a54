import type { HlsConfig } from 'hls.js';

/** Soon and for long: an origin that restarts is back within 2 s, and nobody should reload a page over it. */
const kRetry = { maxNumRetry: 8, retryDelayMs: 150, maxRetryDelayMs: 1000, backoff: 'exponential' as const };
const kTimeoutRetry = { maxNumRetry: 3, retryDelayMs: 0, maxRetryDelayMs: 0 };

/** A blocking reload is held for 3 target durations at most (rfc8216bis §6.2.5.2): 6 s with 2 s segments. */
const kFirstByteLimitMs = 8000;

const policy = (maxLoadTimeMs: number) => ({
  default: { maxTimeToFirstByteMs: kFirstByteLimitMs, maxLoadTimeMs, timeoutRetry: kTimeoutRetry, errorRetry: kRetry },
});

/** How far behind the newest part hls.js begins; the rate controller takes it from there. */
export const kStartBehindS = 0.5;

export function hlsSettings(live: boolean): Partial<HlsConfig> {
  return {
    lowLatencyMode: live,
    ...(live ? { liveSyncDuration: kStartBehindS } : {}),
    liveSyncOnStallIncrease: 0, // the rate controller has its own answer to stalls
    maxLiveSyncPlaybackRate: 1, // hls.js keeps its hands off the rate
    liveDurationInfinity: true,
    backBufferLength: 30,
    maxBufferLength: live ? 10 : 30,
    // One rung: nothing to measure before the first picture.
    startLevel: 0,
    testBandwidth: false,
    abrEwmaDefaultEstimate: 5_000_000,
    startFragPrefetch: true,
    // fMP4 needs no remuxing, and a worker from a blob: URL would need a hole in the content security policy.
    enableWorker: false,
    // Nothing of these is in our playlists.
    enableWebVTT: false,
    enableIMSC1: false,
    enableCEA708Captions: false,
    enableInterstitialPlayback: false,
    enableDateRangeMetadataCues: false,
    enableEmsgMetadataCues: false,
    enableID3MetadataCues: false,
    emeEnabled: false,
    detectStallWithCurrentTimeMs: 400,
    highBufferWatchdogPeriod: 1,
    nudgeMaxRetry: 6,
    maxBufferHole: 0.15,
    manifestLoadPolicy: policy(10_000),
    playlistLoadPolicy: policy(10_000),
    fragLoadPolicy: policy(20_000),
  };
}
