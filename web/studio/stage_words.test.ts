import { expect, it } from 'vitest';
import type { StageState } from './stage_state';
import { stageSentence } from './stage_words';
import type { StudioView } from './studio_session';

const kView: StudioView = { title: 'T', eventState: 'live', isProducer: false, stage: 'on-air', message: null, known: true, refused: false };
const kAll = { picture: true, sound: true };
const kStages: StageState[] = ['off', 'connecting', 'backstage', 'on-air', 'reconnecting', 'taken-over', 'refused', 'over'];

it('has_a_sentence_for_every_state', () => {
  for (const stage of kStages) {
    for (const eventState of ['draft', 'live'] as const) {
      expect(stageSentence({ ...kView, stage, eventState }, kAll)).toMatch(/^[A-Z].*[.…]$/);
    }
  }
});

it('tells_the_presenter_what_the_audience_gets', () => {
  expect(stageSentence(kView, kAll)).toContain('sees and hears you');
  expect(stageSentence(kView, { picture: true, sound: false })).toContain('does not hear');
  expect(stageSentence(kView, { picture: false, sound: true })).toContain('slate');
  expect(stageSentence(kView, { picture: false, sound: false })).toContain('neither');
});

it('says_that_another_window_took_over', () => {
  expect(stageSentence({ ...kView, stage: 'taken-over' }, kAll)).toMatch(/another window/);
});
