import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Statement } from '../../../shared/api/contracts/statement-api.ts'
import { writeStatementCsv } from '../../../server/contracts/rules/statement-csv.ts'

/** RFC 4180 as a spreadsheet reads it. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = []
  for (let row: string[] = [], index = 0; index < text.length;) {
    if (text[index] !== '"') throw new Error(`not a quoted cell at ${index}`)
    let cell = ''
    for (index += 1; text[index] !== '"' || text[index + 1] === '"'; index += 1) {
      if (index >= text.length) throw new Error('a cell does not end')
      if (text[index] === '"') index += 1
      cell += text[index]
    }
    row.push(cell)
    index += 1
    if (text[index] === ',') index += 1
    else if (text.startsWith('\r\n', index)) {
      rows.push(row)
      row = []
      index += 2
    } else throw new Error(`neither comma nor line end at ${index}`)
  }
  return rows
}

const statement = (name: string): Statement => ({
  customerId: 'c',
  customerName: 'Shop',
  planId: 'p',
  planName: 'Pilot',
  month: '2026-11',
  timeZone: 'Europe/Stockholm',
  from: '2026-10-31T23:00:00Z',
  to: '2026-11-30T23:00:00Z',
  state: 'final',
  issuedAt: '2026-11-30T23:01:00Z',
  devices: {
    included: 3,
    deviceDays: 2,
    rows: [{ deviceId: 'd1', name, siteName: 'Åsögatan', days: ['2026-11-05', '2026-11-06'], deviceDays: 2 }],
  },
  cases: {
    included: 1,
    used: 2,
    beyond: [
      {
        ticketId: 't',
        reference: 'K-1',
        subject: name,
        registeredAt: '2026-11-07T08:00:00Z',
        level: 2,
        handling: 'approval',
        approvedAt: null,
      },
    ],
  },
  entitlements: [
    {
      id: 'training',
      name: 'Training',
      unit: 'hours',
      per: 'year',
      amount: 10,
      used: 2.5,
      left: 7.5,
      addOn: false,
      isActive: true,
      periodFrom: null,
      periodTo: null,
      uses: [
        {
          id: 'u1',
          entitlementId: 'training',
          amount: 2.5,
          note: name,
          at: '2026-11-08T08:00:00Z',
          ticketId: null,
          product: null,
          by: 'Ada',
          cancelledAt: null,
        },
        {
          id: 'u2',
          entitlementId: 'training',
          amount: 1,
          note: 'never',
          at: '2026-11-09T08:00:00Z',
          ticketId: null,
          product: null,
          by: 'Ada',
          cancelledAt: '2026-11-10T08:00:00Z',
        },
      ],
    },
  ],
})

describe('a statement for a spreadsheet', () => {
  it('has one line for each device and day, case and use', () => {
    const csv = writeStatementCsv(statement('Kiosk "5", left'))
    expect(csv.startsWith('\uFEFF')).toBe(true)
    const [head, ...rows] = parseCsv(csv.slice(1))
    expect(head).toEqual(['month', 'state', 'line', 'id', 'name', 'site', 'date', 'quantity', 'unit', 'handling', 'note'])
    expect(rows.map(row => row.slice(2, 9).join(' | '))).toEqual([
      'additional device | d1 | Kiosk "5", left | Åsögatan | 2026-11-05 | 1 | device-day',
      'additional device | d1 | Kiosk "5", left | Åsögatan | 2026-11-06 | 1 | device-day',
      'case beyond the plan | K-1 | Kiosk "5", left |  | 2026-11-07T08:00:00Z | 1 | case',
      'entitlement used | training | Training |  | 2026-11-08T08:00:00Z | 2.5 | hours',
      'entitlement, cancelled | training | Training |  | 2026-11-09T08:00:00Z | 0 | hours',
    ])
    expect(rows[2]?.slice(9)).toEqual(['approval', 'level 2, not approved'])
    expect(rows[4]?.[10]).toBe('never: 1 hour cancelled 2026-11-10T08:00:00Z')
  })

  it.each([
    { why: 'a formula', name: `=cmd|' /C calc'!A0` },
    { why: 'a plus', name: '+1+1' },
    { why: 'a minus', name: '-2+3' },
    { why: 'an at', name: '@SUM(A1)' },
    { why: 'a tab before it', name: '\t=1+1' },
    { why: 'a line break before it', name: 'x\r\n=1+1' },
    { why: 'blanks before it', name: '  =1+1' },
    { why: 'a semicolon before it, where Excel splits at semicolons', name: `kiosk;=cmd|' /C calc'!A0` },
    { why: 'a quote and a comma before it', name: 'a","=1+1' },
    { why: 'a full-width sign', name: '\uff1d1+1' },
    { why: 'a null character before it', name: '\u0000=1+1' },
  ])('lets nothing run: $why', ({ name }) => {
    const csv = writeStatementCsv(statement(name)).slice(1)
    expect(parseCsv(csv)).toHaveLength(6)
    for (const separator of [/,/, /;/, /\t/]) {
      const cells = csv.split(/\r\n|\n|\r/).flatMap(line => line.split(separator))
      for (const cell of cells) expect(cell).not.toMatch(/^[\s"']*[=+\-@\uff1d](?<!'.)/)
    }
  })

  it('stays readable as RFC 4180, and safe, with any text', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'grapheme' }),
          fc.string({ unit: fc.constantFrom('=', '"', "'", ',', ';', '\r', '\n', '\t', '+', 'a', ' ', '\u0000') }),
        ),
        name => {
          const rows = parseCsv(writeStatementCsv(statement(name)).slice(1))
          expect(rows.every(row => row.length === 11)).toBe(true)
          for (const row of rows) for (const cell of row) expect(cell).not.toMatch(/^[\t\r\n ]*[=+\-@]/)
        },
      ),
    )
  })
})
