/** Text that Postgres and the Messages API both take: NUL and lone surrogates become U+FFFD (DESIGN 10). */
export const cleanText = (text: string): string => text.toWellFormed().replaceAll('\0', '\uFFFD');
