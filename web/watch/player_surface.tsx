import { useEffect, useRef, useState } from 'preact/hooks';
import { Icon } from '../shared/components/icon';
import { useStore } from '../shared/store';
import type { WatchInfo } from '../shared/types';
import { AfterEvent } from './after_event';
import { Controls, goLive, setVolume, toggleSound } from './controls';
import { exposeDiagnostics } from './diagnostics';
import { FactsPanel } from './facts_panel';
import { Player } from './player';
import type { Phase } from './player_mode';
import { actionFor, type PlayerAction } from './shortcuts';
import { useIdle } from './use_idle';
import { useVideo } from './use_video';
import { WaitingRoom } from './waiting_room';
import './player.css';

const kSeekStepS = 10;
const kVolumeStep = 0.1;

export interface PlayerSurfaceProps {
  info: WatchInfo;
  token: string | null;
  /** `?transport=` of the address. */
  override: string | null;
  onPhase?: (phase: Phase) => void;
}

/** The whole player of `/watch` and `/embed`: picture, controls, waiting room and what comes after. */
export function PlayerSurface({ info, token, override, onPhase }: PlayerSurfaceProps) {
  const frame = useRef<HTMLDivElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [player, setPlayer] = useState<Player | null>(null);
  useEffect(() => {
    const made = new Player(video.current!, canvas.current!, info, token, override);
    const hide = exposeDiagnostics(made, video.current!);
    setPlayer(made);
    made.start();
    onPhase?.(made.view.value.phase);
    const unwatch = made.view.subscribe(({ phase }) => onPhase?.(phase));
    return () => {
      unwatch();
      hide();
      made.destroy();
    };
  }, [info, token, override]);
  return (
    <div class="player" ref={frame}>
      {/* Captions come with the programme's own text tracks when there are any. */}
      <video class="player-video" ref={video} muted playsInline tabIndex={-1} aria-label={info.title} />
      <canvas class="player-held" ref={canvas} hidden aria-hidden="true" />
      {player && <Overlay player={player} video={video.current!} frame={frame.current!} info={info} />}
    </div>
  );
}

function Overlay(props: { player: Player; video: HTMLVideoElement; frame: HTMLDivElement; info: WatchInfo }) {
  const { player, video, frame, info } = props;
  const view = useStore(player.view);
  const state = useVideo(video);
  const idle = useIdle(frame);
  const [facts, setFacts] = useState(false);
  const [fullscreen, toggleFullscreen] = useFullscreen(frame, video);
  const act = (action: PlayerAction) => {
    if (action === 'facts') setFacts((shown) => !shown);
    else if (action === 'toggle-fullscreen') toggleFullscreen();
    else applyAction(action, player, video);
  };
  useShortcuts(act);
  const hidden = idle && !state.paused;
  const showsPicture = view.phase === 'live' || view.recording === 'playing';
  return (
    <>
      {view.phase === 'before' && <WaitingRoom title={info.title} startsAt={info.starts_at} trouble={view.trouble} />}
      {view.phase === 'ended' && view.recording !== 'playing' && (
        <AfterEvent title={info.title} recording={view.recording} onWatch={() => player.playRecording()} />
      )}
      {showsPicture && (
        <>
          <div
            class="player-surface"
            data-idle={hidden}
            onClick={(event) => isMouse(event) && applyAction('toggle-play', player, video)}
            onDblClick={(event) => isMouse(event) && toggleFullscreen()}
          />
          <Trouble text={troubleText(view.trouble, state)} />
          <SoundButton shown={state.muted && state.started} video={video} player={player} />
          {facts && <FactsPanel player={player} onClose={() => setFacts(false)} />}
          <Controls
            player={player}
            view={view}
            video={video}
            state={state}
            hidden={hidden}
            fullscreen={fullscreen}
            onFullscreen={toggleFullscreen}
            onFacts={() => setFacts((shown) => !shown)}
          />
        </>
      )}
    </>
  );
}

/** A finger on the picture asks for the controls; only a mouse, which has them already, means play or pause. */
function isMouse(event: MouseEvent): boolean {
  return !('pointerType' in event) || event.pointerType === 'mouse' || event.pointerType === '';
}

function troubleText(trouble: string | null, state: { started: boolean; waiting: boolean; paused: boolean }): string | null {
  if (trouble) return trouble;
  if (!state.started) return 'The picture is coming…';
  return state.waiting && !state.paused ? 'Waiting for the picture…' : null;
}

/** Shown only when it lasts: a word that flickers is worse than none. */
function Trouble({ text }: { text: string | null }) {
  const [shown, setShown] = useState<string | null>(null);
  useEffect(() => {
    const timer = setTimeout(() => setShown(text), text ? 700 : 0);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <p class="player-trouble" role="status" hidden={!shown}>
      {shown}
    </p>
  );
}

function SoundButton({ shown, video, player }: { shown: boolean; video: HTMLVideoElement; player: Player }) {
  if (!shown) return null;
  const turnOn = () => {
    toggleSound(video);
    player.play();
  };
  return (
    <button class="button button-primary button-big sound-button" type="button" onClick={turnOn}>
      <Icon name="sound" size={24} /> Turn on sound
    </button>
  );
}

function applyAction(action: PlayerAction, player: Player, video: HTMLVideoElement): void {
  if (action === 'toggle-play') return video.paused ? player.play() : player.pause();
  if (action === 'toggle-sound') return toggleSound(video);
  if (action === 'live') return goLive(player);
  if (action === 'louder') return setVolume(video, video.volume + kVolumeStep);
  if (action === 'quieter') return setVolume(video, video.volume - kVolumeStep);
  player.engine?.seek(video.currentTime + (action === 'back' ? -kSeekStepS : kSeekStepS));
}

function useShortcuts(act: (action: PlayerAction) => void): void {
  const latest = useRef(act);
  latest.current = act;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      const type = target instanceof HTMLInputElement ? target.type : '';
      const { key, ctrlKey, altKey, metaKey } = event;
      const action = actionFor({ key, ctrlKey, altKey, metaKey, tag: target.tagName, type });
      if (action === null) return;
      event.preventDefault();
      latest.current(action);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}

function useFullscreen(frame: HTMLElement, video: HTMLVideoElement): [boolean, () => void] {
  const [on, setOn] = useState(false);
  useEffect(() => {
    const read = () => setOn(document.fullscreenElement !== null);
    document.addEventListener('fullscreenchange', read);
    return () => document.removeEventListener('fullscreenchange', read);
  }, []);
  const toggle = () => {
    if (document.fullscreenElement) return void document.exitFullscreen();
    if (frame.requestFullscreen) return void frame.requestFullscreen().catch(() => undefined);
    // iPhones give full screen to video elements only.
    (video as HTMLVideoElement & { webkitEnterFullscreen?: () => void }).webkitEnterFullscreen?.();
  };
  return [on, toggle];
}
