import { useEffect, useRef } from 'preact/hooks';
import { useStore } from '../shared/store';
import type { Capture } from './capture';
import type { StageState } from './stage_state';

/** The camera as the audience will get it: not mirrored, in the programme's shape. */
export function Preview({ capture, stage }: { capture: Capture; stage: StageState }) {
  const { video, status, message, cameraOff } = useStore(capture.state);
  const element = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const node = element.current!;
    node.srcObject = video ? new MediaStream([video]) : null;
    if (video) void node.play().catch(() => undefined);
  }, [video]);
  return (
    <div class="preview" data-stage={stage}>
      <video ref={element} muted playsInline aria-label="Preview of your camera" />
      {!video && (
        <div class="preview-empty">
          {stage === 'over' && <p>Your camera and microphone are off.</p>}
          {stage !== 'over' && status === 'asking' && <p>Your browser asks for the camera and microphone. Press Allow.</p>}
          {stage !== 'over' && status === 'ready' && <p>{cameraOff ? 'Your camera is off. The audience sees the slate.' : 'No picture. The audience hears you only.'}</p>}
          {stage !== 'over' && status === 'blocked' && (
            <>
              <p role="alert">{message}</p>
              <button class="button button-primary" type="button" onClick={() => void capture.open()}>
                Try again
              </button>
            </>
          )}
        </div>
      )}
    </div>
  );
}
