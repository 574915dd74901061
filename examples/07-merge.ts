// Several sources of events as one stream, until a signal ends it. No listener stays, not even on a silent source.
import { AsyncStream } from 'asyncstream';

import { live, sensors } from './support/house.ts';

const readingsOf = (name: keyof typeof sensors): AsyncStream<string> =>
  AsyncStream.fromEvent(sensors[name], 'reading', { select: (reading: string) => `${name} ${reading}` });

const home = new AbortController();
const readings = readingsOf('door').merge(readingsOf('kitchen'), readingsOf('stairs')).withSignal(home.signal);

const life = live();
try {
  await readings.forEach((reading) => {
    console.log(reading);
    if (reading === 'door locked') home.abort('nobody is at home');
  });
} catch (reason) {
  console.log(`the end: ${String(reason)}`);
}

await life;
for (const [name, sensor] of Object.entries(sensors))
  console.log(`${name}: ${sensor.listenerCount('reading')} listeners`);

// Prints:
// kitchen 19°
// door opened
// door closed
// kitchen 18°
// door locked
// the end: nobody is at home
// door: 0 listeners
// kitchen: 0 listeners
// stairs: 0 listeners
