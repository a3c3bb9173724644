/** The operator's emergency stop: one request holds every agent of the deployment, one lets them go on. */
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { HttpEnv, Ready } from '../deps.ts';
import { OF_BODIES } from '../problems.ts';
import { answers, body } from '../schemas.ts';

const path = '/v1/admin/emergency-stop';
const tags = ['admin'];
const security = [{ AdminKey: [] }];
const headers = { 'cache-control': 'no-store' };

export const StopJson = z
  .object({
    stopped: z.boolean().openapi({ description: 'Whether agents are held: none is taken up or woken.' }),
    reason: z.string().nullable().openapi({
      description: 'What the operator gave, for other operators. Null: none.',
    }),
  })
  .openapi('EmergencyStop');

const get = createRoute({
  ...{ method: 'get', path, operationId: 'getEmergencyStop', tags, security },
  summary: 'Are all agents held?',
  description: 'Reads one row, and wakes an idle database.',
  responses: answers(200, StopJson, 'As it is now.'),
});

const put = createRoute({
  ...{ method: 'put', path, operationId: 'startEmergencyStop', tags, security },
  summary: 'Hold every agent of the deployment',
  description:
    'From now on none is taken up or woken. A call that is under way is paid for and saved, and its iteration ends. Nothing is lost: all go on within a minute after the stop was removed. Users whose sessions would move are alerted, without the reason. May be repeated.',
  request: {
    body: body(
      z
        .strictObject({
          reason: z.string().trim().min(1).max(500).openapi({
            description: 'For other operators.',
            example: 'A price is wrong. Agents go on when it is mended.',
          }),
        })
        .openapi('NewEmergencyStop'),
    ),
  },
  responses: answers(200, StopJson, 'All are held.', ...OF_BODIES),
});

const remove = createRoute({
  ...{ method: 'delete', path, operationId: 'endEmergencyStop', tags, security },
  summary: 'Let all agents go on',
  description: 'What is due moves within a minute. May be repeated.',
  responses: answers(200, StopJson, 'None is held.'),
});

export const emergencyStop = ({ operator }: Ready) =>
  new OpenAPIHono<HttpEnv>()
    .openapi(get, async (c) => c.json(await operator.emergencyStop(), 200, headers))
    .openapi(put, async (c) => {
      const stop = { stopped: true, reason: c.req.valid('json').reason };
      await operator.setEmergencyStop(stop);
      return c.json(stop, 200, headers);
    })
    .openapi(remove, async (c) => {
      const stop = { stopped: false, reason: null };
      await operator.setEmergencyStop(stop);
      return c.json(stop, 200, headers);
    });
