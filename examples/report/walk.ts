import { opendir } from 'node:fs/promises';
import { extname, join } from 'node:path';

const SOURCE = new Set(['.js', '.mjs', '.cjs', '.jsx', '.ts', '.mts', '.cts', '.tsx']);

// The last folder `node_modules/name/` or `node_modules/@scope/name/` on the way to a file.
const PACKAGE = /.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^@\\/][^\\/]*)[\\/]/s;

export const NO_PACKAGE = '(no package)';

/**
 * Emits the paths of all files under `root`. A folder is opened when it is reached.
 *
 * Symbolic links are not followed: no file is emitted twice, and no link leads in a circle or out of `root`. A folder that
 * cannot be read is reported to `onUnreadable` and skipped. If `root` cannot be read, it throws.
 */
export async function* walk(
  root: string,
  onUnreadable: (path: string, error: unknown) => void,
): AsyncGenerator<string, void, undefined> {
  const folders = [root];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    try {
      for await (const entry of await opendir(folder)) {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) folders.push(path);
        else if (entry.isFile()) yield path;
      }
    } catch (error) {
      if (folder === root) throw error;
      onUnreadable(folder, error);
    }
  }
}

export const isSource = (path: string): boolean => SOURCE.has(extname(path).toLowerCase());

/** The name of the package that the file at this absolute path is installed with: the innermost one, if packages are nested. */
export function packageOf(path: string): string {
  return PACKAGE.exec(path)?.[1]?.replace('\\', '/') ?? NO_PACKAGE;
}
