import { defineTool, ToolFailure } from 'circadian';
import * as z from 'zod';

export const weather = defineTool({
  name: 'weather',
  description: 'The weather of a place tomorrow, in degrees Celsius.',
  effect: 'pure',
  input: z.object({
    address: z.url().describe('Of the weather service.'),
    place: z.string().min(1).describe('A town, such as Lisbon.'),
  }),
  secrets: ['WEATHER_KEY'],
  async run({ address, place }, { http, secret, files, log }) {
    const key = secret('WEATHER_KEY');
    const answer = await http(`${address}/v1/tomorrow?place=${encodeURIComponent(place)}`, {
      headers: { authorization: `Bearer ${key}` },
    });
    log('asked for the weather', { place, status: answer.status, with: key });
    if (answer.status === 404) throw new ToolFailure(`No place is called ${place}: give the name of a town.`);
    (await files()).write(`/weather/${place}.txt`, answer.body);
    return answer.text();
  },
});
