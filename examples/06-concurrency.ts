// A web API that takes three requests at a time: three are on their way all the time, and never a fourth.
import { AsyncStream } from 'asyncstream';

import { startWeather } from './support/weather.ts';

const weather = await startWeather();

async function degreesIn(city: string, signal: AbortSignal): Promise<number> {
  const response = await fetch(`${weather.url}/${city}`, { signal });
  if (!response.ok) throw new Error(`${city}: ${response.status} ${response.statusText}`);
  return Number(await response.text());
}

const report = (cities: Iterable<string>): AsyncStream<string> =>
  AsyncStream.from(cities).map(async (city, _index, { signal }) => `${city} ${await degreesIn(city, signal)}°`, {
    concurrency: 3,
  });

// In the order of the cities, whichever answer comes first.
console.log(await report(['Nairobi', 'Oslo', 'Perth', 'Lima', 'Kyoto', 'Quito']).join(', '));

// An error comes after the results before it. It ends the run: the signal aborts the requests that are on their way.
try {
  for await (const line of report(['Perth', 'Lima', 'Atlantis', 'Kyoto', 'Quito'])) console.log(line);
} catch (error) {
  console.log(String(error));
}

weather.close();

// Prints:
// Nairobi 24°, Oslo 4°, Perth 27°, Lima 19°, Kyoto 15°, Quito 14°
// Perth 27°
// Lima 19°
// Error: Atlantis: 404 Not Found
