/** What happens at which second: a calendar of numbers, which mean what their keeper wants. Past the horizon nothing is kept. */
export type Wheel = { add(second: number, event: number): void; at(second: number): number[] };

export const eventWheel = (horizon: number): Wheel => {
  const slots = new Map<number, number[]>();
  return {
    add(second, event) {
      if (second >= horizon) return;
      const slot = slots.get(second);
      if (slot) slot.push(event);
      else slots.set(second, [event]);
    },
    at(second) {
      const slot = slots.get(second) ?? [];
      slots.delete(second);
      return slot;
    },
  };
};
