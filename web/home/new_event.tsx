import { useEffect, useRef, useState } from 'preact/hooks';
import type { NewEvent } from '../shared/api';
import { newEventFrom } from './new_event_form';

/** Asks the title and nothing else; the rest is under More. */
export function NewEventDialog({ onCreate, onClose }: { onCreate: (event: NewEvent) => Promise<boolean>; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [busy, setBusy] = useState(false);
  const [message, setMessage] = useState<string | null>(null);
  useEffect(() => {
    const node = dialog.current!;
    node.showModal();
    return () => node.close();
  }, []);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const wish = newEventFrom(new FormData(event.currentTarget as HTMLFormElement));
    if (!wish.title) return setMessage('Give the event a title, so that people know where they are.');
    setBusy(true);
    if (await onCreate(wish)) return onClose();
    setBusy(false);
    setMessage('The event was not made. The reason stands at the top of the page.');
  };
  return (
    <dialog ref={dialog} aria-labelledby="new-event-title" onCancel={(event) => (event.preventDefault(), onClose())}>
      <form class="stack" onSubmit={(event) => void submit(event as unknown as SubmitEvent)} noValidate>
        <h2 id="new-event-title">New event</h2>
        <div class="field">
          <label for="title">Title</label>
          <input id="title" name="title" class="input" maxLength={200} autoComplete="off" autoFocus />
        </div>
        <More />
        {message && (
          <p role="alert" class="form-message">
            {message}
          </p>
        )}
        <div class="dialog-actions">
          <button class="button" type="button" onClick={onClose}>
            Cancel
          </button>
          <button class="button button-primary" type="submit" disabled={busy}>
            Create
          </button>
        </div>
      </form>
    </dialog>
  );
}

function More() {
  return (
    <details>
      <summary>More</summary>
      <div class="stack more">
        <div class="field">
          <label for="starts_at">Starts</label>
          <input id="starts_at" name="starts_at" class="input" type="datetime-local" />
        </div>
        <Choice name="session_type" label="Session">
          <option value="broadcast">Broadcast: any number of viewers, about a second behind</option>
          <option value="interactive">Interactive: viewers a fraction of a second behind</option>
        </Choice>
        <Choice name="audience" label="Audience">
          <option value="public">Everyone with the link</option>
          <option value="token">Only invited viewers</option>
        </Choice>
        <Choice name="canvas" label="Picture">
          <option value="1280x720x30">1280 × 720, 30 frames a second</option>
          <option value="1920x1080x30">1920 × 1080, 30 frames a second</option>
          <option value="854x480x30">854 × 480, 30 frames a second</option>
          <option value="640x360x30">640 × 360, 30 frames a second</option>
        </Choice>
        <label class="choice">
          <input type="checkbox" name="record" defaultChecked /> Record, so that people can watch it afterwards
        </label>
      </div>
    </details>
  );
}

function Choice({ name, label, children }: { name: string; label: string; children: preact.ComponentChildren }) {
  return (
    <div class="field">
      <label for={name}>{label}</label>
      <select id={name} name={name} class="input">
        {children}
      </select>
    </div>
  );
}
