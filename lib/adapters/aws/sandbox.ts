/**
 * The sandbox as a Lambda function of its own, whose role may do nothing. What Lambda cannot carry, and what it has no room for, runs in a
 * sandbox of this machine. The SDK is loaded with the first job.
 */
import type { InvokeCommandOutput, LambdaClient } from '@aws-sdk/client-lambda';
import type { Log, RunEnd, RunOutcome, Sandbox, SandboxBounds } from '../../ports/index.ts';
import { fits, packed, type SandboxAnswer, unpacked } from './sandbox-function.ts';

/** For a cold start, and for the way there and back. */
const SLACK_MS = 20_000;

/** `here`: for jobs that cannot be sent. `endpoint`: only where it is not AWS's own. */
export type LambdaSandboxOptions = {
  functionName: string;
  here: Sandbox;
  log: Log;
  region?: string;
  endpoint?: string;
};

/**
 * Each job is one invocation, which the SDK does not repeat: a second one would be billed, too, and a job whose answer was lost ends with a
 * sentence. Lambda does not call an invocation off, so a job that nobody waits for runs on within its bounds.
 */
export function lambdaSandbox({ functionName, here, log, ...config }: LambdaSandboxOptions): Sandbox {
  const client = lazyClient(config);

  return {
    async run(job, bounds, signal, web) {
      if (signal.aborted) return ended('called off');
      const runHere = (why: string) => {
        log({ level: 'info', message: 'a job of the sandbox runs beside the iteration', job: job.name, why });
        return here.run(job, bounds, signal, web);
      };
      // An invocation has one question and one answer.
      if (web) return runHere('it asks the web');
      const event = { job: await packed({ ...job, bounds }) };
      if (!fits(event)) return runHere('it is too large for an invocation');
      const { lambda, InvokeCommand } = await client();
      try {
        const command = new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(event) });
        const told = await lambda.send(command, { abortSignal: within(bounds, signal) });
        if (told.FunctionError !== undefined) return ended(endOf(told));
        const answer = JSON.parse(textOf(told)) as SandboxAnswer;
        if ('tooLarge' in answer) return runHere('its answer is too large for an invocation');
        return (await unpacked(answer.outcome)) as RunOutcome;
      } catch (error) {
        if (signal.aborted) return ended('called off');
        // Thrown before anything ran. Source: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors
        if (isNamed(error, 'TooManyRequestsException')) return runHere('Lambda has no room for it');
        return ended({ failed: `the sandbox gave no answer (${nameOf(error)}). No file was changed: call it again` });
      }
    },
  };
}

const ended = (ending: RunEnd): RunOutcome => ({ ending, peakMb: 0 });

const within = ({ wallMs }: SandboxBounds, signal: AbortSignal): AbortSignal =>
  AbortSignal.any([signal, AbortSignal.timeout(wallMs + SLACK_MS)]);

const textOf = ({ Payload }: InvokeCommandOutput): string => Payload?.transformToString() ?? '{}';

/** The process around the job fell, which its bounds should have prevented. */
function endOf(told: InvokeCommandOutput): RunEnd {
  const { errorType, errorMessage } = JSON.parse(textOf(told)) as { errorType?: string; errorMessage?: string };
  if (errorType === 'Sandbox.Timedout') return 'time';
  if (errorType === 'Runtime.ExitError' || errorType === 'Runtime.OutOfMemory') return 'system';
  return { failed: `the sandbox failed: ${errorType} ${errorMessage ?? ''}`.trim() };
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'no reason given');

function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}

function lazyClient(config: { region?: string; endpoint?: string }) {
  let loaded: Promise<typeof import('@aws-sdk/client-lambda') & { lambda: LambdaClient }> | null = null;
  return () => {
    loaded ??= import('@aws-sdk/client-lambda').then((sdk) => ({
      ...sdk,
      lambda: new sdk.LambdaClient({ ...config, maxAttempts: 1, requestHandler: { connectionTimeout: 2_000 } }),
    }));
    return loaded;
  };
}
