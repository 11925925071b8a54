import { useState } from 'preact/hooks';
import { CopyField } from '../shared/components/copy_field';
import type { Invitation } from '../shared/types';
import type { Room } from './room';

/** A presenter's link is good for a week: long enough for the rehearsal and the evening. */
const kTtlSeconds = 7 * 24 * 3600;

export function Invite({ room }: { room: Room }) {
  const [name, setName] = useState('');
  const [invitations, setInvitations] = useState<Invitation[]>([]);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (!name.trim()) return;
    const made = await room.invite(name.trim(), kTtlSeconds);
    if (!made) return;
    setInvitations((before) => [made, ...before]);
    setName('');
  };
  return (
    <section class="card stack">
      <h2>Invite a presenter</h2>
      <form class="invite-form" onSubmit={(event) => void submit(event)}>
        <div class="field">
          <label for="invite-name">Name</label>
          <input id="invite-name" class="input" value={name} maxLength={80} autoComplete="off" onInput={(e) => setName(e.currentTarget.value)} />
        </div>
        <button class="button" type="submit" disabled={!name.trim()}>
          Make a link
        </button>
      </form>
      {invitations.length > 0 && (
        <div class="room-links">
          {invitations.map((invitation) => (
            <CopyField key={invitation.id} label={invitation.name} value={invitation.url} />
          ))}
        </div>
      )}
      <p class="quiet small">Each link is for one person: opened a second time, it takes over from the first.</p>
    </section>
  );
}
