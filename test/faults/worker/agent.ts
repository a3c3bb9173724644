/** The agent of the runs: a tool of one's own of each effect class, whose effects go to the sink, and a file beside each. */
import * as z from 'zod';
import { controlSpecs } from '../../../lib/core/controls.ts';
import type { AgentSpec, EffectClass } from '../../../lib/core/session.ts';
import { defineTool } from '../../../lib/index.ts';
import type { Tools } from '../../../lib/ports/index.ts';
import { configuredTool, NO_FACILITIES } from '../../../lib/tools/configured.ts';
import { toolSpecs, tools } from '../../../lib/tools/index.ts';

export const AGENT = 'prober';

/** `session`: whose iteration is under way. */
export function prober(sinkUrl: string, session: () => string): { spec: AgentSpec; tools: Tools } {
  const tool = (name: 'look' | 'put' | 'fire', effect: EffectClass) => {
    const defined = defineTool({
      ...{ name, effect, description: `Does its ${effect} effect on the outside world.` },
      input: z.object({ call: z.string(), place: z.string() }),
      async run({ call, place }, { files, idempotencyKey: key, signal }) {
        const body = JSON.stringify({ session: session(), call, key, tool: name, class: effect });
        const response = await fetch(`${sinkUrl}/effect`, { method: 'POST', body, signal });
        if (!response.ok) throw new Error(`the outside world answered ${response.status}`);
        (await files()).write(`/${name}-${place}.txt`, new TextEncoder().encode(call));
        return `Done: ${call}.`;
      },
    });
    return configuredTool(defined, NO_FACILITIES);
  };
  const list = [tool('look', 'pure'), tool('put', 'idempotent'), tool('fire', 'once')];
  const spec = { name: AGENT, system: 'You probe the system.', tools: [...toolSpecs(list), ...controlSpecs] };
  return { spec, tools: tools(list) };
}
