/** Rows as CSV (RFC 4180), for spreadsheets. */

/** Tables of numbers and names: the first line names the columns, lines end in CRLF. */
export function csv(columns: readonly string[], rows: readonly Record<string, string | number>[]): string {
  const lines = [columns, ...rows.map((row) => columns.map((column) => row[column] ?? ''))];
  return lines.map((line) => `${line.map(cell).join(',')}\r\n`).join('');
}

/**
 * A text that a spreadsheet would take for a formula is led by an apostrophe: the names of tools are whatever a model called. A lone
 * CR, which some readers take for the end of a line, is quoted like LF.
 */
function cell(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
