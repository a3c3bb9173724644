/** What is told by fills and backgrounds, where the system forces its own colours. */
import { describe, expect, it } from 'vitest';
import { CHROMIUM, opened, WITHOUT } from './browser.ts';
import { onStage } from './on-stage.ts';

describe.skipIf(!CHROMIUM)(CHROMIUM ? 'forced colours' : `forced colours (${WITHOUT})`, () => {
  const on = onStage();

  it.each(['light', 'dark'] as const)(
    'keep the parts of the meter apart, and mark what is chosen (%s)',
    async (colorScheme) => {
      const { address } = await on.stage.person();
      const { page, context } = await opened(on.browser, address('/app'), { forcedColors: 'active', colorScheme });
      await page.locator('.meter svg').waitFor();
      const seen = await page.locator('body').evaluate((body) => {
        const page = body.ownerDocument;
        const styleOf = (element: typeof body) => page.defaultView!.getComputedStyle(element);
        const of = (selector: string, property: string) =>
          styleOf(page.querySelector(selector)!).getPropertyValue(property);
        const probe = body.appendChild(page.createElement('p'));
        const system = (name: string) => {
          probe.style.color = name;
          return styleOf(probe).color;
        };
        const fillAs = (tone: string) => {
          const meter = page.querySelector('.meter')!;
          meter.className = `meter ${tone}`;
          return [of('.meter rect.spent', 'fill'), of('.key.spent', 'background-color')];
        };
        return {
          spent: ['calm', 'amber', 'red'].flatMap(fillAs),
          track: of('.meter rect.track', 'fill'),
          tick: of('.meter line.tick', 'stroke'),
          beyond: [of('.meter rect.beyond', 'fill'), of('.key.beyond', 'background-color')],
          chosen: [
            of('nav a[aria-current]', 'background-color'),
            of('.filters [aria-pressed="true"]', 'background-color'),
          ],
          others: [of('nav a:not([aria-current])', 'background-color')],
          system: Object.fromEntries(
            ['Highlight', 'Canvas', 'CanvasText', 'GrayText'].map((name) => [name, system(name)]),
          ),
        };
      });
      const { Highlight, Canvas, CanvasText, GrayText } = seen.system;
      expect(new Set([Highlight, Canvas, CanvasText, GrayText]).size).toBe(4);
      expect(seen.spent).toEqual(new Array(6).fill(Highlight));
      expect([seen.track, seen.tick]).toEqual([Canvas, CanvasText]);
      expect(seen.beyond).toEqual([GrayText, GrayText]);
      expect(seen.chosen).toEqual([Highlight, Highlight]);
      expect(seen.others).not.toContain(Highlight);
      await context.close();
    },
  );
});
