// Stands in for a weather service on the web that refuses a fourth request at a time.
import { serve, type Service } from './serve.ts';

const LIMIT = 3;
const DEGREES = new Map([
  ['Oslo', 4],
  ['Lima', 19],
  ['Kyoto', 15],
  ['Nairobi', 24],
  ['Perth', 27],
  ['Quito', 14],
]);

/** Answers `/<city>` with its temperature, 404 if it does not know the city, and 429 to a fourth request at a time. */
export function startWeather(): Promise<Service> {
  let open = 0;
  return serve((request, response) => {
    const degrees = DEGREES.get(request.url!.slice(1));
    const answer = (status: number): void => {
      open--;
      response.statusCode = status;
      response.end(String(degrees));
    };
    if (++open > LIMIT) answer(429);
    else if (degrees === undefined) answer(404);
    else setTimeout(answer, degrees, 200); // the warmer, the later
  });
}
