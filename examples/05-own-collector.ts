// Several results in one pass over the elements: with collectors of the package, and one of your own.
import { AsyncStream, type Collector, collectors } from 'asyncstream';

/** Mean and standard deviation, without holding the elements (Welford's method). */
const spread: Collector<number, { mean: number; deviation: number }> = () => {
  let count = 0;
  let mean = 0;
  let squares = 0;
  return {
    push(value) {
      const difference = value - mean;
      mean += difference / ++count;
      squares += difference * (value - mean);
      return true; // It takes more: false would say that it has all it needs.
    },
    result: () => ({ mean, deviation: Math.sqrt(squares / count) }),
  };
};

const facts = await AsyncStream.of(2, 4, 4, 4, 5, 5, 7, 9).collect({
  count: collectors.count(),
  spread,
  greatest: collectors.max(),
  firstAboveFour: collectors.find((value: number) => value > 4),
});
console.log(facts);

// Prints:
// {
//   count: 8,
//   spread: { mean: 5, deviation: 2 },
//   greatest: 9,
//   firstAboveFour: 5
// }
