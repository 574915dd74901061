// A long job with a progress bar. `profile` names the stage that limits it: with more concurrency there, the job takes a
// fraction of the time, and another stage is the limit.
import { setTimeout as latency } from 'node:timers/promises';

import { AsyncStream, type Profile, type Progress } from 'asyncstream';

const JOBS = 200;

const fetchImage = async (id: number): Promise<number> => latency(4, id);
const resizeImage = async (image: number): Promise<number> => latency(8, image);
const storeImages = async (images: readonly number[]): Promise<number> => latency(10, images.length);

/** A bar where it is watched; elsewhere, one line at the end. */
function show({ done, total = 0, rate, remaining = 0, elapsed, over }: Progress): void {
  const bar = '█'.repeat((done / total) * 20).padEnd(20, '░');
  const time = over ? `${(elapsed / 1000).toFixed(1)} s` : `${(remaining / 1000).toFixed(1)} s left`;
  const line = `${bar} ${done} of ${total} images, ${rate.toFixed(0)} images/s, ${time}`;
  if (process.stdout.isTTY) process.stdout.write(`\r\x1b[K${line}${over ? '\n' : ''}`);
  else if (over) console.log(line);
}

function explain({ stages, bottleneck }: Profile): void {
  const share = (busy: number): string => `${(busy * 100).toFixed(0)} %`;
  const times = stages.map(
    (stage) => `${stage.method}${stage.callback ? ` ${stage.callback}` : ''} ${share(stage.busy)}`,
  );
  console.log(`busy: ${times.join(', ')}`);
  console.log(`bottleneck: ${bottleneck}`);
}

async function run(concurrency: number): Promise<void> {
  console.log(`resize ${concurrency} at a time`);
  await AsyncStream.range(0, JOBS)
    .map(fetchImage, { concurrency: 4 })
    .map(resizeImage, { concurrency })
    .progress(show, { total: JOBS })
    .chunks(50)
    .map(storeImages)
    .profile(explain)
    .drain();
}

await run(1);
await run(16);

// Prints:
// resize 1 at a time
// ████████████████████ 200 of 200 images, 90 images/s, 2.2 s
// busy: range 4 %, map fetchImage 12 %, map resizeImage 97 %, progress show 0 %, chunks 0 %, map storeImages 2 %
// bottleneck: map(resizeImage)
// resize 16 at a time
// ████████████████████ 200 of 200 images, 733 images/s, 0.3 s
// busy: range 7 %, map fetchImage 92 %, map resizeImage 0 %, progress show 0 %, chunks 0 %, map storeImages 15 %
// bottleneck: map(fetchImage)
