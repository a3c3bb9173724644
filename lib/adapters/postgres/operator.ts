/** The Operator port: one row that every claim and sweep reads. */
import { operatorLimits } from '../../../schema/index.ts';
import type { Operator } from '../../ports/index.ts';
import { cleanText } from '../../text.ts';
import type { Database } from './connect.ts';

export const postgresOperator = ({ db, repeat }: Database): Operator => ({
  async emergencyStop() {
    const { stopped, reason } = operatorLimits;
    const [row] = await repeat(() => db.select({ stopped, reason }).from(operatorLimits));
    return row!;
  },
  async setEmergencyStop({ stopped, reason }) {
    await repeat(() => db.update(operatorLimits).set({ stopped, reason: reason && cleanText(reason) }));
  },
});
