export const CHROMIUM_FLAGS: string[];
export function browserPath(name: 'chromium' | 'firefox'): string;
