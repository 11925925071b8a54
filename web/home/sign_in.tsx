import { useState } from 'preact/hooks';
import { Api } from '../shared/api';
import { Mark } from '../shared/components/mark';
import { Failure, sentenceFor } from '../shared/failure';

export function SignIn({ onToken, expired }: { onToken: (token: string) => void; expired: boolean }) {
  const [token, setToken] = useState('');
  const [busy, setBusy] = useState(false);
  const [message, setMessage] = useState<string | null>(expired ? 'You were signed out. Sign in again to go on.' : null);
  const submit = async (event: Event) => {
    event.preventDefault();
    const given = token.trim();
    if (!given) return setMessage('Paste the admin token first.');
    setBusy(true);
    try {
      await new Api(given).listEvents();
      onToken(given);
    } catch (error) {
      const refused = error instanceof Failure && (error.status === 401 || error.status === 403);
      setMessage(refused ? 'That is not the admin token of this Footlight. Look into the file again; it has one line.' : sentenceFor(error));
      setBusy(false);
    }
  };
  return (
    <main class="sign-in">
      <form class="stack" onSubmit={(event) => void submit(event)}>
        <Mark size={56} />
        <h1>Footlight</h1>
        <p class="quiet">
          Sign in with the admin token of this Footlight. It is the one line of the file <code>admin_token</code> in its data directory,
          for example <code>~/.local/state/footlight/admin_token</code>.
        </p>
        <div class="field">
          <label for="token">Admin token</label>
          <input
            id="token"
            class="input"
            type="password"
            autoComplete="current-password"
            value={token}
            aria-describedby="sign-in-message"
            onInput={(event) => setToken(event.currentTarget.value)}
          />
        </div>
        <p id="sign-in-message" class="sign-in-message" role="alert">
          {message}
        </p>
        <button class="button button-primary" type="submit" disabled={busy}>
          Sign in
        </button>
        <p class="quiet small">It is kept for this tab only.</p>
      </form>
    </main>
  );
}
