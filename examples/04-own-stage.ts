// A stage of your own is an `async function*`. This one turns the lines of a table into objects; the first line names the
// columns.
import { AsyncStream } from 'asyncstream';

async function* toObjects(lines: AsyncIterable<string>): AsyncGenerator<Readonly<Record<string, string>>> {
  let names: string[] | undefined;
  for await (const line of lines) {
    const cells = line.split('\t');
    if (names === undefined) names = cells;
    else yield Object.fromEntries(names.map((name, index) => [name, cells[index] ?? '']));
  }
}

// As a socket or a file delivers it: in pieces that end anywhere.
const pieces = ['city\tcoun', 'try\tmillions\r\nLima\tPeru\t10', '.5\r\nOslo\tNorway\t0.75\r\nKyoto\tJa', 'pan\t1.5'];

const cities = AsyncStream.from(pieces).lines().pipe(toObjects);

console.log(await cities.toArray());
console.log(await cities.map((city) => Number(city['millions'])).sum());

// Prints:
// [
//   { city: 'Lima', country: 'Peru', millions: '10.5' },
//   { city: 'Oslo', country: 'Norway', millions: '0.75' },
//   { city: 'Kyoto', country: 'Japan', millions: '1.5' }
// ]
// 12.75
