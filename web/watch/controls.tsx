import { Icon, type IconName } from '../shared/components/icon';
import type { Player, PlayerView } from './player';
import { SeekBar, TimeText } from './seek_bar';
import type { VideoState } from './use_video';

export interface ControlsProps {
  player: Player;
  view: PlayerView;
  video: HTMLVideoElement;
  state: VideoState;
  hidden: boolean;
  fullscreen: boolean;
  onFullscreen: () => void;
  onFacts: () => void;
}

/** The strip of controls under the picture; it steps back while nobody moves. */
export function Controls({ player, view, video, state, hidden, fullscreen, onFullscreen, onFacts }: ControlsProps) {
  const live = view.phase === 'live';
  const atEdge = player.engine?.isAtEdge() ?? true;
  return (
    <div class="controls" data-hidden={hidden}>
      <SeekBar player={player} video={video} live={live} />
      <div class="controls-row">
        <PlayerButton
          icon={state.paused ? 'play' : 'pause'}
          label={state.paused ? 'Play' : 'Pause'}
          keys="Space"
          onClick={() => (state.paused ? player.play() : player.pause())}
        />
        <PlayerButton
          icon={state.muted || state.volume === 0 ? 'muted' : 'sound'}
          label={state.muted ? 'Sound on' : 'Mute'}
          keys="M"
          onClick={() => toggleSound(video)}
        />
        <input
          class="volume"
          type="range"
          aria-label="Volume"
          min={0}
          max={1}
          step={0.05}
          value={state.muted ? 0 : state.volume}
          style={{ '--share': `${(state.muted ? 0 : state.volume) * 100}%` }}
          onInput={(event) => setVolume(video, Number(event.currentTarget.value))}
        />
        {live && <LiveButton atEdge={atEdge && !state.paused} onClick={() => goLive(player)} />}
        <TimeText player={player} video={video} live={live} />
        <span class="controls-gap" />
        <QualityMenu video={video} />
        <PlayerButton icon="info" label="Latency and transport" keys="I" onClick={onFacts} />
        {document.pictureInPictureEnabled && (
          <span class="only-wide">
            <PlayerButton icon="pip" label="Picture in picture" onClick={() => void togglePip(video)} />
          </span>
        )}
        <PlayerButton
          icon="fullscreen"
          label={fullscreen ? 'Leave full screen' : 'Full screen'}
          keys="F"
          onClick={onFullscreen}
        />
      </div>
    </div>
  );
}

function PlayerButton(props: { icon: IconName; label: string; keys?: string; onClick: () => void }) {
  const { icon, label, keys, onClick } = props;
  return (
    <button class="player-button" type="button" aria-label={label} title={keys ? `${label} (${keys})` : label} onClick={onClick}>
      <Icon name={icon} size={22} />
    </button>
  );
}

function LiveButton({ atEdge, onClick }: { atEdge: boolean; onClick: () => void }) {
  return (
    <button class="live-button" type="button" data-at-edge={atEdge} title="Back to live (L)" onClick={onClick}>
      {atEdge ? 'Live' : 'Back to live'}
    </button>
  );
}

/** One rung so far: the menu says which, and that Footlight chooses. */
function QualityMenu({ video }: { video: HTMLVideoElement }) {
  return (
    <label class="quality">
      <span class="visually-hidden">Quality</span>
      <select class="quality-select" title="Quality">
        <option value="auto">{video.videoHeight ? `Auto (${video.videoHeight}p)` : 'Auto'}</option>
      </select>
    </label>
  );
}

export function goLive(player: Player): void {
  player.wantsToPlay = true;
  player.engine?.goLive();
}

export function toggleSound(video: HTMLVideoElement): void {
  video.muted = !video.muted;
  if (!video.muted && video.volume === 0) video.volume = 0.7;
}

export function setVolume(video: HTMLVideoElement, volume: number): void {
  video.volume = Math.min(1, Math.max(0, volume));
  video.muted = video.volume === 0;
}

async function togglePip(video: HTMLVideoElement): Promise<void> {
  try {
    if (document.pictureInPictureElement) await document.exitPictureInPicture();
    else await video.requestPictureInPicture();
  } catch {
    // The browser's own refusal (no picture yet, or not now) needs no second message.
  }
}
