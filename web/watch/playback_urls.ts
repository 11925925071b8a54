import { Backoff, pause } from '../shared/backoff';

/** The playlist's address with the viewer's token, which `#EXT-X-DEFINE:QUERYPARAM="token"` hands on to every other one. */
export function playbackUrl(hlsUrl: string, token: string | null): string {
  const url = new URL(hlsUrl, document.baseURI);
  if (token && !url.searchParams.has('token')) url.searchParams.set('token', token);
  return url.href;
}

/** The origin closes the recording a few seconds after the end. */
const kTries = 6;

/** True once the event's URL answers with a playlist; false when it does not within some seconds. */
export async function findRecording(url: string, stillWanted: () => boolean): Promise<boolean> {
  const backoff = new Backoff({ first: 500, most: 4000 });
  for (let tries = 0; tries < kTries && stillWanted(); tries += 1) {
    try {
      const response = await fetch(url);
      if (response.ok) return true;
    } catch {
      // The origin may be on its way back.
    }
    await pause(backoff.next());
  }
  return false;
}
