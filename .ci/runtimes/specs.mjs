/**
 * `npm run specs:node -- 26 [option or file of jest…]`: all specs on another version of Node, which comes from npm.
 */
import { spawnSync } from 'node:child_process';
import { bin, install } from './install.mjs';

const [version = '26', ...args] = process.argv.slice(2);
const node = bin(await install('node', version), 'node');
const jest = ['--no-warnings', '--experimental-vm-modules', 'node_modules/jest/bin/jest.js'];
const { status } = spawnSync(node, [...jest, ...args], { stdio: 'inherit' });
process.exitCode = status ?? 1;
