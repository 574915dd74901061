// A database cursor: opened when the first row is pulled, and closed with its connection however the run ends.
import { AsyncStream } from 'asyncstream';

import { connect } from './support/database.ts';

const rows = AsyncStream.using(
  () => connect(console.log),
  (connection) => connection.cursor(),
  (connection) => connection.release(),
).flat();

console.log(await rows.filter((row) => row.city === 'Oslo').first());

try {
  await rows.forEach((row) => {
    throw new Error(`cannot use row ${row.id}`);
  });
} catch (error) {
  console.log(String(error));
}

// Prints:
// took a connection
// opened the cursor
// fetched the rows 1 and 2
// fetched the rows 3 and 4
// closed the cursor
// released the connection
// { id: 3, city: 'Oslo' }
// took a connection
// opened the cursor
// fetched the rows 1 and 2
// closed the cursor
// released the connection
// Error: cannot use row 1
