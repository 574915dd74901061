// A web API that allows three requests at a time: three are under way all the time, and never a fourth.
import { AsyncStream, type Context } from 'asyncstream';

import { fail } from './support/fail.ts';
import { startWeather } from './support/weather.ts';

await using weather = await startWeather();

async function fetchDegrees(city: string, _index: number, { signal }: Context): Promise<string> {
  const response = await fetch(`${weather.url}/${city}`, { signal });
  if (!response.ok) throw new Error(`${city}: ${response.status} ${response.statusText}`);
  const degrees = Number(await response.text());
  if (Number.isNaN(degrees)) throw new TypeError(`${city}: the answer is not a number`);
  return `${city} ${degrees}°`;
}

const report = (cities: Iterable<string>): AsyncStream<string> =>
  AsyncStream.from(cities).map(fetchDegrees, { concurrency: 3 });

try {
  // In the order of the cities, whichever answer comes first.
  console.log(await report(['Nairobi', 'Oslo', 'Perth', 'Lima', 'Kyoto', 'Quito']).join(', '));

  // An error comes after the results before it. It ends the run, and the signal aborts the requests that are under way.
  await report(['Perth', 'Lima', 'Atlantis', 'Kyoto', 'Quito'])
    .catch((error) => [String(error)])
    .forEach((line) => console.log(line));
} catch (error) {
  fail(error);
}

// Prints:
// Nairobi 24°, Oslo 4°, Perth 27°, Lima 19°, Kyoto 15°, Quito 14°
// Perth 27°
// Lima 19°
// Error: Atlantis: 404 Not Found
