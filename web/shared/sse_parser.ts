export interface ServerEvent {
  type: string;
  data: string;
}

/** Splits a text/event-stream (HTML Living Standard §9.2.6) into events, however the bytes were cut on the way. */
export class SseParser {
  /** Id of the last event that had one: what Last-Event-ID will carry. */
  lastEventId = '';
  /** Milliseconds the server asks to wait before coming back; null until it says so. */
  retry: number | null = null;

  private rest = '';
  private type = '';
  private data: string[] = [];
  private id: string | null = null;

  push(text: string): ServerEvent[] {
    this.rest += text;
    const events: ServerEvent[] = [];
    for (;;) {
      const line = this.takeLine();
      if (line === null) return events;
      if (line === '') this.dispatch(events);
      else this.field(line);
    }
  }

  /** A new connection begins: what was half read is lost, the id stays. */
  restart(): void {
    this.rest = '';
    this.type = '';
    this.data = [];
    this.id = null;
  }

  private takeLine(): string | null {
    const end = this.rest.search(/[\r\n]/);
    if (end < 0) return null;
    // A CR at the very end may be half of a CRLF: wait for the next byte.
    if (this.rest[end] === '\r' && end === this.rest.length - 1) return null;
    const line = this.rest.slice(0, end);
    const width = this.rest.startsWith('\r\n', end) ? 2 : 1;
    this.rest = this.rest.slice(end + width);
    return line;
  }

  private field(line: string): void {
    if (line.startsWith(':')) return;
    const colon = line.indexOf(':');
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'event') this.type = value;
    else if (name === 'data') this.data.push(value);
    else if (name === 'id' && !value.includes('\0')) this.id = value;
    else if (name === 'retry' && /^\d+$/.test(value)) this.retry = Number(value);
  }

  private dispatch(events: ServerEvent[]): void {
    if (this.id !== null) this.lastEventId = this.id;
    if (this.data.length > 0) events.push({ type: this.type || 'message', data: this.data.join('\n') });
    this.type = '';
    this.data = [];
    this.id = null;
  }
}
