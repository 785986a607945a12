/** All entries but one. */
export function without<Value>(entries: Readonly<Record<string, Value>>, name: string): Record<string, Value> {
  const { [name]: _, ...rest } = entries;
  return rest;
}
