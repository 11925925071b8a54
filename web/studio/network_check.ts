import { Store } from '../shared/store';

export interface NetworkState {
  status: 'checking' | 'good' | 'slow' | 'away';
  words: string;
}

const kEveryMs = 5000;
const kSlowMs = 400;

/** Before going on air: does Footlight answer, and how fast? */
export class NetworkCheck {
  readonly state = new Store<NetworkState>({ status: 'checking', words: 'Looking for Footlight…' });
  private timer: ReturnType<typeof setInterval> | null = null;

  start(): void {
    void this.look();
    this.timer = setInterval(() => void this.look(), kEveryMs);
  }

  stop(): void {
    if (this.timer !== null) clearInterval(this.timer);
  }

  private async look(): Promise<void> {
    if (!('RTCPeerConnection' in window)) {
      return this.state.set({ status: 'away', words: 'This browser has no WebRTC. Use a current Chrome, Edge, Firefox or Safari.' });
    }
    const began = performance.now();
    try {
      const response = await fetch('/healthz', { cache: 'no-store' });
      if (!response.ok) throw new Error(String(response.status));
      const ms = Math.round(performance.now() - began);
      if (ms > kSlowMs) this.state.set({ status: 'slow', words: `Footlight answers slowly (${ms} ms). A cable or better Wi-Fi helps.` });
      else this.state.set({ status: 'good', words: `Footlight answers in ${ms} ms.` });
    } catch {
      this.state.set({ status: 'away', words: 'Footlight does not answer. Check that you are online; this page keeps trying.' });
    }
  }
}
