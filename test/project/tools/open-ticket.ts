import { defineTool } from 'circadian';
import * as z from 'zod';

export const openTicket = defineTool({
  name: 'open_ticket',
  description: 'Opens a ticket for the people who look after the service. Each call opens another.',
  effect: 'once',
  input: z.object({ address: z.url(), title: z.string().min(1).max(200) }),
  secrets: ['WEATHER_KEY'],
  async run({ address, title }, { http, secret, idempotencyKey }) {
    const answer = await http(`${address}/v1/tickets`, {
      method: 'POST',
      headers: { 'x-api-key': secret('WEATHER_KEY'), 'idempotency-key': idempotencyKey },
      body: JSON.stringify({ title }),
    });
    return `Ticket ${answer.text()} is open.`;
  },
});
