/** What the pages show of a running session. Times in ms, rates in bit/s; null where the browser does not say. */
export interface SessionStats {
  roundTripMs: number | null;
  jitterBufferMs: number | null;
  bitrate: number | null;
  /** Lost packets of those that should have come, 0 to 1: since the last reading. */
  lossRatio: number | null;
  framesPerSecond: number | null;
  width: number | null;
  height: number | null;
  codec: string | null;
  /** `udp`, `tcp` or `turn`. */
  transport: string | null;
  /** Why the sender holds back: `none`, `cpu`, `bandwidth`, `other`. */
  limitedBy: string | null;
}

type Report = Record<string, unknown> & { id: string; type: string; timestamp: number };

interface Totals {
  at: number;
  bytes: number;
  packets: number;
  lost: number;
  delay: number;
  emitted: number;
}

/** Turns the growing totals of getStats into rates between two readings. */
export class StatsReader {
  private before: Totals | null = null;

  read(reports: Iterable<Report>, direction: 'inbound' | 'outbound'): SessionStats {
    const all = [...reports];
    const byId = new Map(all.map((report) => [report.id, report]));
    const rtp = all.find((r) => r.type === `${direction}-rtp` && r['kind'] === 'video');
    const remote = all.find((r) => r.type === 'remote-inbound-rtp' && r['kind'] === 'video');
    const pair = selectedPair(all, byId);
    const now = totalsOf(rtp, remote, direction);
    const before = this.before;
    this.before = now;
    const seconds = before && now ? (now.at - before.at) / 1000 : 0;
    return {
      roundTripMs: scaled(number(pair?.['currentRoundTripTime']) ?? number(remote?.['roundTripTime']), 1000),
      jitterBufferMs: before && now && now.emitted > before.emitted
        ? ((now.delay - before.delay) / (now.emitted - before.emitted)) * 1000
        : null,
      bitrate: before && now && seconds > 0 ? ((now.bytes - before.bytes) * 8) / seconds : null,
      lossRatio: lossBetween(before, now, direction, remote),
      framesPerSecond: number(rtp?.['framesPerSecond']),
      width: number(rtp?.['frameWidth']),
      height: number(rtp?.['frameHeight']),
      codec: codecName(byId.get(String(rtp?.['codecId'] ?? ''))),
      transport: transportName(pair, byId),
      limitedBy: (rtp?.['qualityLimitationReason'] as string | undefined) ?? null,
    };
  }
}

function totalsOf(rtp: Report | undefined, remote: Report | undefined, direction: string): Totals | null {
  if (!rtp) return null;
  const inbound = direction === 'inbound';
  return {
    at: rtp.timestamp,
    bytes: number(rtp[inbound ? 'bytesReceived' : 'bytesSent']) ?? 0,
    packets: number(rtp[inbound ? 'packetsReceived' : 'packetsSent']) ?? 0,
    lost: number((inbound ? rtp : remote)?.['packetsLost']) ?? 0,
    delay: number(rtp['jitterBufferDelay']) ?? 0,
    emitted: number(rtp['jitterBufferEmittedCount']) ?? 0,
  };
}

function lossBetween(before: Totals | null, now: Totals | null, direction: string, remote?: Report): number | null {
  if (direction === 'outbound') {
    const fraction = number(remote?.['fractionLost']);
    if (fraction !== null) return fraction;
  }
  if (!before || !now) return null;
  const lost = Math.max(0, now.lost - before.lost);
  const came = Math.max(0, now.packets - before.packets);
  return lost + came > 0 ? lost / (lost + came) : null;
}

function selectedPair(all: Report[], byId: Map<string, Report>): Report | undefined {
  const transport = all.find((r) => r.type === 'transport');
  return (
    byId.get(String(transport?.['selectedCandidatePairId'] ?? '')) ??
    all.find((r) => r.type === 'candidate-pair' && r['nominated'] === true && r['state'] === 'succeeded')
  );
}

function transportName(pair: Report | undefined, byId: Map<string, Report>): string | null {
  const local = byId.get(String(pair?.['localCandidateId'] ?? ''));
  if (!local) return null;
  return local['candidateType'] === 'relay' ? 'turn' : ((local['protocol'] as string | undefined) ?? null);
}

function codecName(codec: Report | undefined): string | null {
  const mime = codec?.['mimeType'];
  return typeof mime === 'string' ? (mime.split('/')[1] ?? null) : null;
}

function number(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

function scaled(value: number | null, by: number): number | null {
  return value === null ? null : value * by;
}
