// console.table: rows of equal things as a table.
import { inspect } from "./inspect.js";

const VALUES = Symbol("Values");

/** A table as Node.js draws it; undefined if the value has no rows. `columns` chooses among them. */
export function table(value, columns) {
  if (typeof value !== "object" || value === null) return undefined;
  const rows = rowsOf(value).map(([index, row]) => [index, cellsOf(row)]);
  const found = [...new Set(rows.flatMap(([, cells]) => [...cells.keys()]))].filter((name) => name !== VALUES);
  const names = columns ?? found;
  const hasValues = columns === undefined && rows.some(([, cells]) => cells.has(VALUES));
  const head = ["(index)", ...names, ...(hasValues ? ["Values"] : [])].map(String);
  const keys = hasValues ? [...names, VALUES] : names;
  return draw(head, rows.map(([index, cells]) => [String(index), ...keys.map((key) => (cells.has(key) ? inspect(cells.get(key), 1) : ""))]));
}

function rowsOf(value) {
  if (value instanceof Map || value instanceof Set) return [...value.values()].map((row, index) => [index, row]);
  return Object.entries(value);
}

function cellsOf(row) {
  return typeof row === "object" && row !== null ? new Map(Object.entries(row)) : new Map([[VALUES, row]]);
}

function draw(head, rows) {
  const widths = head.map((name, column) => Math.max(...[name, ...rows.map((row) => row[column])].map((cell) => cell.length)) + 2);
  const rule = (left, middle, right) => left + widths.map((width) => "─".repeat(width)).join(middle) + right;
  const line = (cells) => `│${cells.map((cell, column) => ` ${cell}`.padEnd(widths[column])).join("│")}│`;
  return [rule("┌", "┬", "┐"), line(head), rule("├", "┼", "┤"), ...rows.map(line), rule("└", "┴", "┘")].join("\n");
}
