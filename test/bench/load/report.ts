/** A run as Markdown, and what of it counts as failed. */
import { cpus, loadavg } from 'node:os';
import type { Percentiles } from './measure.ts';
import type { Ran } from './run.ts';

export type Report = Ran & {
  at: string;
  node: string;
  machine: string;
  servers: string;
  loadAverage: [before: number, after: number];
  violations: string[];
};

export function reportOf(ran: Ran, servers: string, loadBefore: number): Report {
  return {
    ...ran,
    at: new Date().toISOString(),
    node: process.version,
    machine: `${cpus().length} × ${cpus()[0]?.model.trim()}`,
    servers,
    loadAverage: [loadBefore, loadavg()[0]!],
    violations: violationsOf(ran),
  };
}

function violationsOf({ errors, books, states, wanted, iterations }: Ran): string[] {
  const { billed, ledger, spent, held } = books;
  return [
    ...(errors.length > 0 ? [`${errors.length} errors, the first: ${errors[0]?.what}`] : []),
    ...(billed !== ledger || ledger !== spent || held !== 0 ? [`the books disagree: ${JSON.stringify(books)}`] : []),
    ...(states.ready !== wanted.sessions ? [`not all sessions are at work: ${JSON.stringify(states)}`] : []),
    ...(iterations === 0 ? ['nothing was done'] : []),
  ];
}

const ms = (value: number): string => (value < 10 ? value.toFixed(1) : value.toFixed(0));
const row = (...cells: (string | number)[]): string => `| ${cells.join(' | ')} |`;
const times = (name: string, { median, p99, most }: Percentiles): string => row(name, ms(median), ms(p99), ms(most));

export function markdown(report: Report): string {
  const { wanted, seconds, iterations, perSecond, overhead, model, waited, steps, requests, processes, books } = report;
  const names = Object.entries(requests).filter(([name]) => !/ReceiveMessage|DeleteMessage/.test(name));
  const sum = (service: string) =>
    names.filter(([name]) => name.startsWith(service)).reduce((n, [, each]) => n + each, 0);
  return [
    `# Load: ${wanted.sessions} sessions, ${wanted.workers} workers, ${seconds.toFixed(0)} s`,
    '',
    `${report.at} · ${report.machine} · Node ${report.node} · ${report.servers} · load average ${report.loadAverage.map((n) => n.toFixed(1)).join(' → ')}`,
    '',
    `**${perSecond.toFixed(1)} iterations per second** (${iterations} in all), ${report.errors.length} errors. Billed $${(books.billed / 1e6).toFixed(2)}, ledger the same to the microdollar.`,
    '',
    row('milliseconds', 'median', 'p99', 'most'),
    row('---', '---', '---', '---'),
    times('runtime overhead of an iteration: from delivery to answer, less the model call', overhead),
    times('model call, as the worker sees it', model),
    times('wait in the queue', waited),
    '',
    `Median of each step: ${Object.entries(steps)
      .map(([name, each]) => `${name} ${ms(each)}`)
      .join(' · ')} ms.`,
    '',
    `Requests per iteration: PostgreSQL ${sum('postgres').toFixed(2)}, Upstash ${sum('upstash').toFixed(2)}, SQS ${sum('sqs').toFixed(2)} (${names.map(([name, each]) => `${name} ${each.toFixed(2)}`).join(', ')}).`,
    '',
    row('processes', 'number', 'cores used', 'CPU ms per iteration', 'memory, MB'),
    row('---', '---', '---', '---', '---'),
    ...Object.entries(processes).map(([name, use]) =>
      row(name, use.processes, use.cpus.toFixed(2), ms((1_000 * use.cpus) / perSecond), use.memoryMb.toFixed(0)),
    ),
    '',
    ...(report.violations.length > 0 ? ['**Failed**', '', ...report.violations.map((one) => `- ${one}`), ''] : []),
  ].join('\n');
}
