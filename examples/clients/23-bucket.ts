// The objects of an S3 bucket through the paginator of the AWS client: a page is requested when its first object is needed,
// as the number of calls shows.
import { paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';

import { AsyncStream, type Context } from 'asyncstream';

import { fail } from '../support/fail.ts';
import { startStorage } from '../support/storage.ts';

let calls = 0;
await using storage = await startStorage(() => calls++);

const client = new S3Client({
  endpoint: storage.url,
  forcePathStyle: true,
  region: 'local',
  credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
  maxAttempts: 1,
});

function listPages({ signal }: Context): ReturnType<typeof paginateListObjectsV2> {
  return paginateListObjectsV2({ client }, { Bucket: 'archive', Prefix: 'logs/' }, { abortSignal: signal });
}
const objects = AsyncStream.from(listPages)
  .flatMap((page) => page.Contents ?? [])
  .map(({ Key = '', Size = 0 }) => ({ name: Key, size: Size }));

const takeCalls = (): string => {
  const text = `${calls} ${calls === 1 ? 'call' : 'calls'}`;
  calls = 0;
  return text;
};

try {
  console.log(`made the stream: ${takeCalls()}`);

  const first = await objects.first();
  console.log(`the first object: ${first?.name}, ${takeCalls()}`);

  const large = objects.filter(({ size }) => size > 99_000);
  console.log(
    `three large ones: ${await large
      .map(({ name }) => name)
      .take(3)
      .join(', ')}, ${takeCalls()}`,
  );

  const bytes = await objects.map(({ size }) => size).sum();
  console.log(`all: ${bytes} bytes, ${takeCalls()}`);
} catch (error) {
  fail(error);
} finally {
  client.destroy();
}

// Prints:
// made the stream: 0 calls
// the first object: logs/0000.gz, 1 call
// three large ones: logs/0101.gz, logs/0202.gz, logs/0303.gz, 4 calls
// all: 249902500 bytes, 50 calls
