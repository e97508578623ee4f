/** Who may make and change whom. */
import { describe, expect, it } from 'vitest'
import { maskAddress, readCode, showRecoveryCode, totpStep } from '../../../server/accounts/rules/one-time-code.ts'
import { mayManage, mustBind, rolesToGive, type Binding } from '../../../server/accounts/rules/user-rules.ts'
import type { Role } from '../../../server/platform/caller.ts'

const caller = (role: Role, customerIds: string[] | null = null) => ({ role, customerIds })
const bound = (role: Role, more: Partial<Binding> = {}): Binding => ({ role, customerIds: [], partnerId: null, contactId: null, ...more })

describe('who may make whom', () => {
  it.each([
    { by: caller('admin'), roles: ['admin', 'manager', 'desk', 'viewer', 'customer', 'partner'], why: 'an administrator makes everybody' },
    { by: caller('manager'), roles: ['desk', 'viewer', 'customer', 'partner'], why: 'a manager makes nobody of their own rank' },
    { by: caller('manager', ['a']), roles: ['desk', 'viewer', 'customer'], why: 'a partner goes to every customer’s devices' },
    { by: caller('desk'), roles: [], why: 'the desk makes nobody' },
    { by: caller('customer', ['a']), roles: [], why: 'a customer makes nobody' },
    { by: caller('partner'), roles: [], why: 'a partner makes nobody' },
  ])('$why', ({ by, roles }) => {
    expect(rolesToGive(by)).toEqual(roles)
  })

  it.each([
    { by: caller('manager', ['a', 'b']), who: bound('desk', { customerIds: ['a'] }), may: true, why: 'sees less than the manager' },
    {
      by: caller('manager', ['a']),
      who: bound('desk', { customerIds: ['a', 'b'] }),
      may: false,
      why: 'sees a customer the manager does not',
    },
    { by: caller('manager', ['a']), who: bound('desk'), may: false, why: 'sees every customer' },
    { by: caller('manager'), who: bound('admin'), may: false, why: 'is of a higher rank' },
    { by: caller('admin'), who: bound('admin'), may: true, why: 'administrators manage one another' },
  ])('somebody who $why: $may', ({ by, who, may }) => {
    expect(mayManage(by, who)).toBe(may)
  })

  it.each([
    { wanted: bound('customer'), why: 'a customer’s person without a customer would see nothing, or all' },
    { wanted: bound('partner'), why: 'a partner’s person without a partner' },
    { wanted: bound('desk', { partnerId: 'p' }), why: 'staff of a partner' },
    { wanted: bound('partner', { partnerId: 'p', customerIds: ['a'] }), why: 'a partner of one customer' },
    { wanted: bound('viewer', { contactId: 'c' }), why: 'staff as a named contact' },
  ])('refuses $why', ({ wanted }) => {
    expect(() => mustBind(caller('admin'), wanted)).toThrow('Some fields are wrong')
  })
  it('refuses a role the caller may not give', () => {
    expect(() => mustBind(caller('manager'), bound('admin'))).toThrow('may not make')
    expect(() => mustBind(caller('manager', ['a']), bound('desk'))).toThrow('Some fields are wrong')
  })
})

describe('codes', () => {
  it.each([
    { typed: '123456', read: { kind: 'digits', code: '123456' }, why: 'as shown' },
    { typed: ' 123 456 ', read: { kind: 'digits', code: '123456' }, why: 'as an authenticator spaces it' },
    { typed: 'K7M2-9xqa 4bnd', read: { kind: 'recovery', code: 'k7m29xqa4bnd' }, why: 'a recovery code from paper' },
    { typed: '12345', read: null, why: 'too short' },
    { typed: '1234567', read: null, why: 'too long' },
    { typed: '１２３４５６', read: null, why: 'digits of another script' },
    { typed: "' or 1=1 --", read: null, why: 'something else' },
  ])('reads $why', ({ typed, read }) => {
    expect(readCode(typed)).toEqual(read)
  })
  it('shows a recovery code in groups, an address without its middle, and counts steps', () => {
    expect(showRecoveryCode('k7m29xqa4bnd')).toBe('k7m2 9xqa 4bnd')
    expect(maskAddress('maria@kiosk.example')).toBe('m…a@kiosk.example')
    expect(maskAddress('mo@kiosk.example')).toBe('m…@kiosk.example')
    expect(totpStep(59_999)).toBe(1)
  })
})
