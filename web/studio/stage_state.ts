import type { EventState } from '../shared/types';
import type { ConnectionState } from '../shared/webrtc/resilient_connection';

/** Where the presenter stands, as the page shows it. */
export type StageState = 'off' | 'connecting' | 'backstage' | 'on-air' | 'reconnecting' | 'taken-over' | 'refused' | 'over';

export interface StageFacts {
  connection: ConnectionState;
  eventState: EventState;
  /** False when the producer has this source waiting; null while nobody has said. */
  onStage: boolean | null;
  takenOver: boolean;
}

export function stageState({ connection, eventState, onStage, takenOver }: StageFacts): StageState {
  if (takenOver) return 'taken-over';
  if (eventState === 'ended' || eventState === 'archived') return 'over';
  switch (connection.name) {
    case 'idle':
      return 'off';
    case 'stopped':
      return connection.failure ? 'refused' : 'off';
    case 'connecting':
      return 'connecting';
    case 'reconnecting':
      return 'reconnecting';
    case 'connected':
      return eventState === 'live' && onStage !== false ? 'on-air' : 'backstage';
  }
}

/** True while the audience counts on this page: closing it asks first. */
export function isInUse(state: StageState): boolean {
  return state === 'on-air' || state === 'reconnecting' || state === 'backstage';
}
