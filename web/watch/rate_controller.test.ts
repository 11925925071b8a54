import { describe, expect, it } from 'vitest';
import { RateController } from './rate_controller';

/** A player fed with 200 ms parts, turned by hand in 50 ms steps; parts come `delay` seconds after their time. */
class Simulation {
  readonly controller = new RateController();
  now = 0;
  position: number;
  bufferEnd: number;
  rate = 1;
  stalls = 0;
  seeks = 0;
  private stalled = false;
  private readonly start: number;

  constructor(ahead: number, private readonly delay: (part: number) => number = () => 0) {
    this.position = 100 - ahead;
    this.bufferEnd = 100;
    this.start = 100;
  }

  private edge(): number {
    let end = this.start;
    for (let part = Math.floor(this.now / 200); part > 0; part -= 1) {
      if (this.now / 1000 >= part * 0.2 + this.delay(part)) {
        end = this.start + part * 0.2;
        break;
      }
    }
    return end;
  }

  run(seconds: number): this {
    for (const until = this.now + seconds * 1000; this.now < until; ) {
      this.now += 50;
      this.bufferEnd = Math.max(this.bufferEnd, this.edge());
      const wanted = this.position + 0.05 * this.rate;
      if (wanted > this.bufferEnd) {
        if (!this.stalled) this.stalls += 1;
        this.stalled = true;
        this.controller.onStall(this.now);
      } else {
        if (this.stalled) this.controller.onPlaying(this.now);
        this.stalled = false;
        this.position = wanted;
      }
      const decision = this.controller.step({ now: this.now, position: this.position, bufferEnd: this.bufferEnd, edge: this.bufferEnd });
      this.rate = decision.rate;
      if (decision.seekTo !== null) {
        this.seeks += 1;
        this.position = decision.seekTo;
      }
    }
    return this;
  }

  /** Mean distance behind the live edge over the next seconds. */
  distance(seconds: number): number {
    let sum = 0;
    let count = 0;
    for (let i = 0; i < seconds * 10; i += 1) {
      this.run(0.1);
      sum += this.start + this.now / 1000 - this.position;
      count += 1;
    }
    return sum / count;
  }
}

describe('RateController', () => {
  it('closes_a_second_of_distance_without_a_jump_or_a_stall', () => {
    const player = new Simulation(1.4).run(15);
    expect(player.distance(5)).toBeLessThan(0.5);
    expect(player.distance(5)).toBeGreaterThan(0.3);
    expect([player.stalls, player.seeks]).toEqual([0, 0]);
  });

  it('plays_slower_when_it_stands_too_close_to_the_edge', () => {
    const player = new Simulation(0.25).run(0.8);
    expect(player.rate).toBeLessThan(1);
    expect(player.rate).toBeGreaterThanOrEqual(0.9);
    player.run(10);
    expect(player.rate).toBeCloseTo(1, 1);
  });

  it('jumps_only_when_more_than_three_seconds_behind', () => {
    expect(new Simulation(2.9).run(20).seeks).toBe(0);
    const far = new Simulation(8).run(5);
    expect(far.seeks).toBe(1);
    expect(far.distance(2)).toBeLessThan(0.9);
  });

  it('never_leaves_the_rates_people_do_not_notice_and_moves_smoothly', () => {
    const player = new Simulation(2.8);
    let before = player.rate;
    for (let i = 0; i < 400; i += 1) {
      player.run(0.05);
      expect(player.rate).toBeGreaterThanOrEqual(0.9);
      expect(player.rate).toBeLessThanOrEqual(1.15 + 1e-9);
      expect(Math.abs(player.rate - before)).toBeLessThan(0.026);
      before = player.rate;
    }
  });

  it('grows_its_cushion_with_stalls_until_jitter_no_longer_shows', () => {
    let seed = 7;
    const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
    const late = new Map<number, number>();
    const delay = (part: number) => {
      if (!late.has(part)) late.set(part, random() < 0.08 ? 0.5 : 0.05 * random());
      return late.get(part)!;
    };
    const player = new Simulation(0.5, delay).run(120);
    const before = player.stalls;
    player.run(60);
    expect(player.stalls - before).toBeLessThanOrEqual(2);
    expect(player.controller.cushion).toBeGreaterThan(0.25);
  });

  it('comes_back_to_the_small_cushion_after_a_quiet_time', () => {
    const controller = new RateController();
    controller.onStall(0);
    controller.onPlaying(300);
    expect(controller.cushion).toBeCloseTo(0.32);
    for (let now = 300; now < 90_000; now += 100) {
      controller.step({ now, position: now / 1000, bufferEnd: now / 1000 + 0.4, edge: null });
    }
    expect(controller.cushion).toBeCloseTo(0.2);
  });

  it('jumps_over_what_piled_up_during_an_outage_but_not_during_jitter', () => {
    const controller = new RateController();
    const piled = { position: 10, bufferEnd: 11.5, edge: 11.5 };
    controller.onStall(0);
    controller.onPlaying(2500);
    const { seekTo } = controller.step({ now: 2550, ...piled });
    expect(seekTo).toBeCloseTo(11.2);
    expect(controller.step({ now: 6000, ...piled }).seekTo).toBeNull();
    controller.onStall(7000);
    controller.onPlaying(7500);
    expect(controller.step({ now: 7550, ...piled }).seekTo).toBeNull();
  });

  it('does_not_take_an_outage_for_jitter', () => {
    const controller = new RateController();
    controller.onStall(0);
    controller.onPlaying(2500);
    expect(controller.cushion).toBeCloseTo(0.2);
  });
});
