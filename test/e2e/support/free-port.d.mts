export function freePort(): Promise<number>;
export function freeUDPPorts(ip: string, count: number): Promise<number>;
