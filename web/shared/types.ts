// The nouns of `/api/v1` that pages read (docs/openapi.yaml has the exact form).

export type EventState = 'draft' | 'rehearsal' | 'live' | 'ended' | 'archived';
export type SessionType = 'broadcast' | 'interactive';
export type Audience = 'public' | 'token';

export interface Canvas {
  width: number;
  height: number;
  fps: number;
}

export interface Playback {
  hls_url: string;
  whep_url: string;
}

export interface FootlightEvent {
  id: string;
  title: string;
  state: EventState;
  session_type: SessionType;
  audience: Audience;
  canvas: Canvas;
  record: boolean;
  auto_stage: boolean;
  starts_at: string | null;
  created_at: string;
  started_at: string | null;
  ended_at: string | null;
  links: { studio: string; control_room: string; watch: string };
  ingest: { whip_url: string; rtmp_url: string | null; stream_key?: string };
  playback: Playback;
}

export interface WatchInfo {
  title: string;
  starts_at: string | null;
  state: EventState;
  session_type?: SessionType;
  playback: Playback;
}

export interface Source {
  id: string;
  name: string;
  kind: 'camera' | 'screen' | 'rtmp' | 'clip' | 'test';
  state: 'connected' | 'lost' | 'idle';
  on_stage: boolean;
  muted: boolean;
  gain_db: number;
  transport: string | null;
}

export interface Invitation {
  id: string;
  role: 'producer' | 'presenter' | 'viewer';
  name: string;
  token: string;
  url: string;
  expires_at: string;
}

export interface List<T> {
  items: T[];
  next: string | null;
}

/** What `/live/{event}/status.json` says to every viewer alike. */
export interface LiveStatus {
  version: number | string;
  state: EventState;
  session_type: SessionType;
  relay_epoch: string | number;
}
