export function assertAdministrator(what: string): void;
