/** The iterate function of a replay: functions/iterate on a world with the recording's tools. `REPLAY_FILE` names the transcripts. */
import type { Context } from 'aws-lambda';
import { drive } from '../../lib/engine/drive.ts';
import { type Failures, processBatch, type Records } from '../../lib/engine/sqs-batch.ts';
import { iterateWorld } from '../../lib/world.ts';
import { type Recording, recordingOf } from './recording.ts';
import { readTranscripts } from './transcript.ts';
import { replayed } from './world.ts';

let read: Map<string, Recording> | null = null;

const recordings = (): Map<string, Recording> => {
  read ??= new Map(readTranscripts(process.env.REPLAY_FILE ?? '', null).map((each) => [each.id, recordingOf(each)]));
  return read;
};

export const handler = (event: Records, context: Context): Promise<Failures> => {
  const here = iterateWorld({});
  const remaining = () => context.getRemainingTimeInMillis();
  return processBatch(here.log, event, (hint) => drive(replayed(here, recordings()), hint, { remaining }));
};
