import { describe, expect, it } from 'vitest';
import { Failure } from '../shared/failure';
import { isInUse, stageState, type StageFacts } from './stage_state';

const kFacts: StageFacts = { connection: { name: 'connected' }, eventState: 'live', onStage: true, takenOver: false };
const state = (more: Partial<StageFacts>) => stageState({ ...kFacts, ...more });

describe('stageState', () => {
  it('is_on_air_only_when_connected_live_and_on_stage', () => {
    expect(state({})).toBe('on-air');
    expect(state({ onStage: false })).toBe('backstage');
    expect(state({ eventState: 'rehearsal' })).toBe('backstage');
    expect(state({ eventState: 'draft' })).toBe('backstage');
  });

  it('is_on_air_before_anyone_has_said_otherwise', () => {
    expect(state({ onStage: null })).toBe('on-air');
  });

  it('tells_the_first_connection_from_a_lost_one', () => {
    expect(state({ connection: { name: 'idle' } })).toBe('off');
    expect(state({ connection: { name: 'connecting' } })).toBe('connecting');
    expect(state({ connection: { name: 'reconnecting' } })).toBe('reconnecting');
  });

  it('tells_leaving_from_being_refused_or_taken_over', () => {
    expect(state({ connection: { name: 'stopped', failure: null } })).toBe('off');
    expect(state({ connection: { name: 'stopped', failure: new Failure(403, '') } })).toBe('refused');
    expect(state({ connection: { name: 'stopped', failure: null }, takenOver: true })).toBe('taken-over');
  });

  it('is_over_when_the_event_is', () => {
    expect(state({ eventState: 'ended' })).toBe('over');
    expect(isInUse('over')).toBe(false);
    expect(isInUse('reconnecting')).toBe(true);
  });
});
