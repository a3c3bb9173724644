/** What holds of the function in which a model's scripts run: that there is nothing in it to take, and nothing that it could do. */
import { expect } from 'vitest';
import { BASH_BOUNDS } from '../../../lib/tools/bash.ts';
import { GIT_BOUNDS } from '../../../lib/tools/git.ts';
import { GLOB_BOUNDS } from '../../../lib/tools/glob.ts';
import { GREP_BOUNDS } from '../../../lib/tools/grep.ts';
import { PDF_BOUNDS } from '../../../lib/tools/pdf.ts';
import { ACCOUNT, REGION } from '../kit/account.ts';
import { same } from '../kit/compare.ts';
import { all, arnOf, fn, inputs, type Rule, set } from '../kit/deployed.ts';

const JOBS = [BASH_BOUNDS, GREP_BOUNDS, GLOB_BOUNDS, PDF_BOUNDS, GIT_BOUNDS];
const LONGEST_JOB_MS = Math.max(...JOBS.map(({ wallMs }) => wallMs));
const LARGEST_JOB_MB = Math.max(...JOBS.map(({ processMb }) => processMb));
/** For a start of the function, which may itself take so long. */
const START_MS = 10_000;
/** For the handler, and a job and its answer on their way. */
const AROUND_MB = 400;

const INVOKE = { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: '*' };
const inline = (statement: object) => [{ name: 'inline', policy: JSON.stringify({ Statement: [statement] }) }];

export const sandbox: Rule[] = [
  {
    name: 'the sandbox’s role may do nothing, not even write a log, and Lambda alone takes it',
    holds: (d) => {
      const role = inputs(d, 'role', 'SandboxRole');
      expect(fn(d, 'Sandbox').role).toBe(`arn:aws:iam::${ACCOUNT}:role/${role.name}`);
      same(
        { inline: role.inlinePolicies, managed: role.managedPolicyArns, boundary: role.permissionsBoundary },
        { inline: [], managed: [], boundary: undefined },
        'SandboxRole',
      );
      const [trust, ...more] = JSON.parse(role.assumeRolePolicy).Statement;
      expect([trust.Principal, more]).toEqual([{ Service: ['lambda.amazonaws.com'] }, []]);
      // No policy reaches it by another way, either.
      expect(d.made.filter(({ type }) => /^aws:iam\/.*(Policy|Attachment)/.test(type))).toEqual([]);
      expect(all(d, 'logs').map(({ name }) => name)).not.toContain('SandboxLogGroup');
    },
    mutants: {
      'a right of its own': (d) => set(inputs(d, 'role', 'SandboxRole'), { inlinePolicies: inline(INVOKE) }),
      'a right by AWS’s policies': (d) =>
        void inputs(d, 'role', 'SandboxRole').managedPolicyArns.push(
          'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole',
        ),
      'the role of the iterations': (d) => set(fn(d, 'Sandbox'), { role: fn(d, 'Iterate').role }),
      'a role for the whole account': (d) =>
        set(inputs(d, 'role', 'SandboxRole'), { assumeRolePolicy: inputs(d, 'role', 'ApiRole').assumeRolePolicy }),
    },
  },
  {
    name: 'the sandbox has no variable, and so no key to what is linked to others, and is linked nothing itself',
    holds: (d) => {
      expect(fn(d, 'Sandbox').environment).toBeUndefined();
      same(d.links.Sandbox, {}, 'Sandbox');
      expect(fn(d, 'Sandbox').vpcConfig).toBeUndefined();
    },
    mutants: {
      'a secret among its variables': (d) => set(fn(d, 'Sandbox'), { environment: { variables: { SECRET: 'x' } } }),
      'the key of all links': (d) => set(fn(d, 'Sandbox'), { environment: fn(d, 'Iterate').environment }),
      'a link': (d) => set(d.links.Sandbox!, { DATABASE_URL: 'postgres://made:by@host' }),
    },
  },
  {
    name: 'the sandbox is asked by iterations alone, and outlives each job',
    holds: (d) => {
      const arn = arnOf.function(fn(d, 'Sandbox'));
      for (const kind of ['permission', 'url', 'mapping'] as const)
        expect(JSON.stringify(all(d, kind))).not.toContain(fn(d, 'Sandbox').name);
      const roles = all(d, 'role').filter(({ inputs: role }) =>
        JSON.stringify(role.inlinePolicies ?? []).includes(arn),
      );
      expect(roles.map(({ name }) => name)).toEqual(['IterateRole']);
      expect(arn).toContain(`:${REGION}:`);
      expect(fn(d, 'Sandbox').timeout * 1_000).toBeGreaterThanOrEqual(LONGEST_JOB_MS + START_MS);
      expect(fn(d, 'Sandbox').memorySize).toBeGreaterThanOrEqual(LARGEST_JOB_MB + AROUND_MB);
    },
    mutants: {
      'a URL': (d) => set(inputs(d, 'url'), { functionName: fn(d, 'Sandbox').name }),
      'another function that may ask it': (d) =>
        set(inputs(d, 'role', 'ApiRole'), {
          inlinePolicies: inline({ ...INVOKE, Resource: arnOf.function(fn(d, 'Sandbox')) }),
        }),
      'the default timeout': (d) => set(fn(d, 'Sandbox'), { timeout: 20 }),
      'memory that a job fills': (d) => set(fn(d, 'Sandbox'), { memorySize: 512 }),
    },
  },
];
