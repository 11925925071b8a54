import { useEffect, useState } from 'preact/hooks';
import { Icon } from '../shared/components/icon';
import { useStore } from '../shared/store';
import { readClaims } from '../shared/token_claims';
import { LevelBar } from './level_bar';
import type { NetworkCheck } from './network_check';
import type { StudioSession } from './studio_session';

const kNameKey = 'footlight.name';

/** Camera, microphone, network and name: checked on the way in, within reach while on air. */
export function CheckPanel(props: { session: StudioSession; network: NetworkCheck; token: string; inUse: boolean }) {
  const { session, network, token, inUse } = props;
  const capture = useStore(session.capture.state);
  const view = useStore(session.view);
  return (
    <div class="check card">
      <DeviceChoice
        label="Camera"
        devices={capture.cameras}
        track={capture.video}
        none={capture.cameraOff ? 'Off' : 'Choose one'}
        onChoose={(id) => void session.capture.choose('video', id)}
      />
      <DeviceChoice
        label="Microphone"
        devices={capture.microphones}
        track={capture.audio}
        onChoose={(id) => void session.capture.choose('audio', id)}
      />
      <LevelBar track={capture.audio} muted={capture.micMuted} />
      {capture.status === 'ready' && capture.message && <p class="small">{capture.message}</p>}
      {!inUse && <NetworkLine network={network} />}
      {view.isProducer ? <NameField session={session} /> : <InvitedAs token={token} />}
    </div>
  );
}

function DeviceChoice(props: {
  label: string;
  devices: MediaDeviceInfo[];
  track: MediaStreamTrack | null;
  /** What stands there while no device is open. */
  none?: string;
  onChoose: (id: string) => void;
}) {
  const { label, devices, track, none = 'Choose one', onChoose } = props;
  const id = `choose-${label.toLowerCase()}`;
  const current = track?.getSettings().deviceId ?? '';
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select
        id={id}
        class="input"
        value={current}
        disabled={devices.length === 0}
        onChange={(event) => onChoose(event.currentTarget.value)}
      >
        {devices.length === 0 && <option value="">None found</option>}
        {devices.length > 0 && !devices.some((d) => d.deviceId === current) && <option value={current}>{track?.label || none}</option>}
        {devices.map((device, index) => (
          <option key={device.deviceId} value={device.deviceId}>
            {device.label || `${label} ${index + 1}`}
          </option>
        ))}
      </select>
    </div>
  );
}

function NetworkLine({ network }: { network: NetworkCheck }) {
  const { status, words } = useStore(network.state);
  useEffect(() => {
    network.start();
    return () => network.stop();
  }, [network]);
  return (
    <p class="network-line" data-status={status} aria-live="polite">
      <Icon name={status === 'good' ? 'check' : status === 'checking' ? 'info' : 'warning'} size={18} /> {words}
    </p>
  );
}

function NameField({ session }: { session: StudioSession }) {
  const [name, setName] = useState(() => window.localStorage.getItem(kNameKey) ?? '');
  useEffect(() => void session.rename(name), [session]);
  const keep = () => {
    window.localStorage.setItem(kNameKey, name);
    void session.rename(name);
  };
  return (
    <div class="field">
      <label for="name">Your name</label>
      <input
        id="name"
        class="input"
        value={name}
        maxLength={80}
        autoComplete="name"
        placeholder="As the control room shows you"
        onInput={(event) => setName(event.currentTarget.value)}
        onBlur={keep}
        onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
      />
    </div>
  );
}

function InvitedAs({ token }: { token: string }) {
  const { name } = readClaims(token);
  return name ? <p class="quiet small">You are invited as {name}.</p> : null;
}
