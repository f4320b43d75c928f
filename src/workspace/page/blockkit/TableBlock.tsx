import type { CSSProperties } from 'react';
import { RichText } from './RichText.tsx';
import { isJson, type Json, list, num, str } from './read.ts';

function rowsOf(block: Json): readonly (readonly Json[])[] {
  const rows = block.rows;
  if (!Array.isArray(rows)) return [];
  return rows.filter((row) => Array.isArray(row)).map((row: readonly unknown[]) => row.filter(isJson));
}

function Cell({ cell }: { readonly cell: Json }) {
  if (str(cell, 'type') === 'rich_text') return <RichText block={cell} />;
  return <>{str(cell, 'text') || num(cell, 'value')}</>;
}

function styleOf(settings: Json | undefined): CSSProperties {
  const align = settings === undefined ? '' : str(settings, 'align');
  return {
    textAlign: align === 'right' ? 'right' : align === 'center' ? 'center' : 'left',
    whiteSpace: settings?.is_wrapped === true ? 'normal' : 'nowrap',
  };
}

/** A `table` block; its first row is the head. */
export function TableBlock({ block }: { readonly block: Json }) {
  const [head = [], ...body] = rowsOf(block);
  const settings = list(block, 'column_settings');
  return (
    <div className="table-scroll">
      <table>
        <thead>
          <tr>
            {head.map((cell, column) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a column is its place
              <th key={column} scope="col" style={styleOf(settings[column])}>
                <Cell cell={cell} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {body.map((row, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place
            <tr key={index}>
              {row.map((cell, column) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a column is its place
                <td key={column} style={styleOf(settings[column])}>
                  <Cell cell={cell} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
