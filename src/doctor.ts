export function doctor(): Promise<number> {
  return Promise.resolve(1);
}
