import { useEffect, useRef, useState } from 'preact/hooks';
import { Icon } from '../shared/components/icon';
import type { FootlightEvent } from '../shared/types';
import { HeldPicture } from '../watch/held_picture';
import { WhepEngine } from '../watch/whep_engine';

/** The programme as it leaves the house, by WHEP: in rehearsal for the producer alone, live as the audience has it. */
export function Programme({ event, token, relayLosses }: { event: FootlightEvent; token: string; relayLosses: number }) {
  const running = event.state === 'rehearsal' || event.state === 'live';
  const video = useRef<HTMLVideoElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const engine = useRef<WhepEngine | null>(null);
  const [trouble, setTrouble] = useState<string | null>(null);
  const [started, setStarted] = useState(false);
  const [muted, setMuted] = useState(true);
  const url = event.playback.whep_url;

  useEffect(() => {
    if (!running) return;
    const held = new HeldPicture(video.current!, canvas.current!);
    const made = new WhepEngine(video.current!, url, token, {
      shouldPlay: () => true,
      onHold: () => held.hold(),
      onTrouble: setTrouble,
      onEnd: () => undefined,
    });
    engine.current = made;
    made.start();
    return () => {
      made.destroy();
      engine.current = null;
      setTrouble(null);
      setStarted(false);
    };
  }, [running, url, token]);
  useEffect(() => {
    if (relayLosses > 0) engine.current?.onRelayChanged();
  }, [relayLosses]);

  return (
    <figure class="programme" data-state={event.state} style={{ '--shape': `${event.canvas.width} / ${event.canvas.height}` }}>
      <video ref={video} muted={muted} playsInline aria-label="Programme" onLoadedData={() => setStarted(true)} />
      <canvas ref={canvas} hidden aria-hidden="true" />
      {!running && (
        <p class="programme-empty">
          {event.state === 'draft' ? 'The programme starts with the rehearsal.' : 'The programme is over.'}
        </p>
      )}
      {running && (trouble || !started) && (
        <p class="programme-trouble" role="status">
          {trouble ?? 'The programme is coming…'}
        </p>
      )}
      <figcaption>
        <span>Programme</span>
        {running && (
          <button class="button button-quiet" type="button" onClick={() => setMuted(!muted)}>
            <Icon name={muted ? 'muted' : 'sound'} /> {muted ? 'Listen' : 'Stop listening'}
          </button>
        )}
      </figcaption>
    </figure>
  );
}
