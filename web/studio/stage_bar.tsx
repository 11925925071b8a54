import { Icon, type IconName } from '../shared/components/icon';
import { useStore } from '../shared/store';
import { ScreenShare } from './screen_share';
import { isInUse } from './stage_state';
import type { StudioSession, StudioView } from './studio_session';

/** The one big button, and what a hand needs while on air. */
export function StageBar({ session, view }: { session: StudioSession; view: StudioView }) {
  const capture = useStore(session.capture.state);
  const sharing = useStore(session.screen.sharing);
  const busy = view.stage === 'connecting';
  const inUse = isInUse(view.stage) || busy;
  const canStart = view.known && (capture.audio !== null || capture.video !== null) && view.stage !== 'over';
  return (
    <div class="stage-bar">
      <div class="stage-tools" role="group" aria-label="Microphone, camera and screen">
        <Toggle
          icon={capture.micMuted ? 'micOff' : 'mic'}
          label={capture.micMuted ? 'Unmute' : 'Mute'}
          pressed={capture.micMuted}
          disabled={capture.audio === null}
          onClick={() => session.capture.setMicMuted(!capture.micMuted)}
        />
        <Toggle
          icon={capture.cameraOff ? 'cameraOff' : 'camera'}
          label={capture.cameraOff ? 'Camera on' : 'Camera off'}
          pressed={capture.cameraOff}
          disabled={capture.video === null && !capture.cameraOff}
          onClick={() => void session.capture.setCameraOff(!capture.cameraOff)}
        />
        {ScreenShare.isPossible && (
          <Toggle
            icon="screen"
            label={sharing ? 'Stop sharing' : 'Share screen'}
            pressed={sharing}
            disabled={!inUse}
            onClick={() => (sharing ? session.screen.stop() : void session.screen.start())}
          />
        )}
      </div>
      {inUse ? (
        <button class="button button-big stage-main" type="button" onClick={() => session.leave()}>
          <Icon name="leave" /> Leave
        </button>
      ) : (
        <button
          class="button button-primary button-big stage-main"
          type="button"
          disabled={!canStart}
          onClick={() => void session.goOnAir()}
        >
          Go on air
        </button>
      )}
    </div>
  );
}

function Toggle(props: { icon: IconName; label: string; pressed: boolean; disabled: boolean; onClick: () => void }) {
  return (
    <button class="button stage-tool" type="button" data-on={props.pressed} disabled={props.disabled} onClick={props.onClick}>
      <Icon name={props.icon} size={22} />
      <span>{props.label}</span>
    </button>
  );
}
