export function makeDriver(folder: string): void;
