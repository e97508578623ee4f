/**
 * A statement for a spreadsheet: RFC 4180, one line for each device and day, case and use. It begins with a byte order mark, without which
 * Excel reads names in other letters wrongly, and no cell can be taken for a formula.
 */
import type { Statement } from '../../../shared/api/contracts/statement-api.ts'
import { spellAmount } from './entitlement.ts'

const COLUMNS = ['month', 'state', 'line', 'id', 'name', 'site', 'date', 'quantity', 'unit', 'handling', 'note'] as const
type Line = Partial<Record<(typeof COLUMNS)[number], string>>
const BYTE_ORDER_MARK = '\uFEFF'

/**
 * A cell. What starts a formula gets an apostrophe before it, at the start and after everything that some spreadsheet takes for the
 * end of a cell or line (a German Excel splits at semicolons, whatever the quotes say). Control characters other than line breaks go.
 */
function cell(text: string): string {
  const plain = text
    // oxlint-disable-next-line no-control-regex -- these are what is taken out
    .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, '')
    .replaceAll(/(^|[\t\r\n;,|"])([\s'"\u200b\ufeff]*)([=+\-@\uff1d\uff0b\uff0d\uff20])/g, "$1$2'$3")
    .replace(/^[\t\r\n]/, "'$&")
  return `"${plain.replaceAll('"', '""')}"`
}

function linesOf(statement: Statement): Line[] {
  const devices = statement.devices.rows.flatMap(row =>
    row.days.map((date): Line => ({
      line: 'additional device',
      id: row.deviceId,
      name: row.name,
      site: row.siteName,
      date,
      quantity: '1',
      unit: 'device-day',
    })),
  )
  const cases = statement.cases.beyond.map((row): Line => ({
    line: 'case beyond the plan',
    id: row.reference,
    name: row.subject,
    date: row.registeredAt,
    quantity: '1',
    unit: 'case',
    handling: row.handling,
    note: `level ${row.level}${row.handling === 'approval' ? `, ${row.approvedAt === null ? 'not approved' : `approved ${row.approvedAt}`}` : ''}`,
  }))
  const uses = statement.entitlements.flatMap(entitlement =>
    entitlement.uses.map((use): Line => ({
      line: use.cancelledAt === null ? 'entitlement used' : 'entitlement, cancelled',
      id: entitlement.id,
      name: entitlement.name,
      date: use.at,
      quantity: String(use.cancelledAt === null ? use.amount : 0),
      unit: entitlement.unit === 'included' ? 'uses' : entitlement.unit,
      note: [
        use.product,
        use.note,
        use.cancelledAt === null ? null : `${spellAmount(use.amount, entitlement.unit)} cancelled ${use.cancelledAt}`,
      ]
        .filter(Boolean)
        .join(': '),
    })),
  )
  return [...devices, ...cases, ...uses]
}

/** The whole file. */
export function writeStatementCsv(statement: Statement): string {
  const { month, state } = statement
  const rows = linesOf(statement).map(line => COLUMNS.map(column => cell({ month, state, ...line }[column] ?? '')).join(','))
  return `${BYTE_ORDER_MARK}${[COLUMNS.map(cell).join(','), ...rows].join('\r\n')}\r\n`
}
