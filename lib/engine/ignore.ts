export function ignore(): void {}
