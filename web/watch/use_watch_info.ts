import { useEffect, useState } from 'preact/hooks';
import { Api } from '../shared/api';
import { Backoff, pause } from '../shared/backoff';
import { Failure, sentenceFor } from '../shared/failure';
import type { WatchInfo } from '../shared/types';

export interface WatchInfoState {
  info: WatchInfo | null;
  /** Why there is none yet, in words. */
  message: string | null;
  /** True when asking again cannot help. */
  final: boolean;
}

/** Reads once what there is to watch; keeps asking while Footlight does not answer. */
export function useWatchInfo(eventId: string, token: string | null): WatchInfoState {
  const [state, setState] = useState<WatchInfoState>({ info: null, message: null, final: false });
  useEffect(() => {
    const stopped = new AbortController();
    const backoff = new Backoff({ first: 300, most: 4000 });
    const api = new Api(token);
    const run = async () => {
      while (!stopped.signal.aborted) {
        try {
          const info = await api.watchInfo(eventId);
          return setState({ info, message: null, final: false });
        } catch (error) {
          const status = error instanceof Failure ? error.status : 0;
          const final = [400, 401, 403, 404].includes(status);
          setState({ info: null, message: sentenceFor(error), final });
          if (final) return;
        }
        await pause(backoff.next(), stopped.signal);
      }
    };
    void run();
    return () => stopped.abort();
  }, [eventId, token]);
  return state;
}
