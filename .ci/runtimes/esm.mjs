import * as library from 'asyncstream';
import { run } from './checks.mjs';

console.log(JSON.stringify(await run(library)));
