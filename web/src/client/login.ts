/** The login that stands in the path of every page behind one: /u/{login}/… */
export function loginOf(path: string): string {
  return /^\/u\/([^/]+)\//.exec(path)?.[1] ?? '';
}
