/** Whose AWS account it is, and how many functions run at once there. By the SDK's own credentials, so as `sst deploy` finds them. */
import { GetAccountSettingsCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';

/** `quota` is null where the rights do not reach so far. */
export type AwsAccount = { id: string; quota: number | null };

/** Throws a sentence if AWS knows no credentials or refuses them. */
export async function lookAtAws(region: string): Promise<AwsAccount> {
  const [sts, lambda] = [new STSClient({ region, maxAttempts: 2 }), new LambdaClient({ region, maxAttempts: 2 })];
  try {
    const { Account: id = '' } = await sts.send(new GetCallerIdentityCommand({})).catch(refuse);
    const settings = await lambda.send(new GetAccountSettingsCommand({})).catch(() => null);
    return { id, quota: settings?.AccountLimit?.ConcurrentExecutions ?? null };
  } finally {
    sts.destroy();
    lambda.destroy();
  }
}

function refuse(error: Error): never {
  const why = error.name === 'CredentialsProviderError' ? 'there are none' : error.message;
  throw new Error(
    `AWS does not take the credentials of this terminal (${why}). Run \`aws configure\` or \`aws sso login\`, and set AWS_PROFILE if you have several.`,
  );
}
