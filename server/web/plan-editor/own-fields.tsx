/** Terms that have fields of their own, by their key in the table: one that is missing here is an error of types. */
import type { ComponentType } from 'react'
import type { DraftPart } from './draft.ts'
import { EditEntitlements } from './edit-entitlements.tsx'
import { EditEscalation } from './edit-escalation.tsx'
import { EditAfterHours, EditHolidays, EditServiceHours, EditSpecialDates } from './edit-hours.tsx'
import { EditLevels } from './edit-levels.tsx'
import { EditCases, EditContacts, EditDevices } from './edit-limits.tsx'
import { EditOutOfScope } from './edit-scope.tsx'
import { EditVersionPolicy } from './edit-versions.tsx'
import type { OwnTerm } from './term-field.tsx'

/** `isWide`: the whole width, before the fields that stand side by side. */
export const OWN_FIELDS: Record<OwnTerm, { Fields: ComponentType<DraftPart>; isWide: boolean }> = {
  devices: { Fields: EditDevices, isWide: false },
  contacts: { Fields: EditContacts, isWide: false },
  cases: { Fields: EditCases, isWide: false },
  hours: { Fields: EditServiceHours, isWide: true },
  holidays: { Fields: EditHolidays, isWide: true },
  specialDates: { Fields: EditSpecialDates, isWide: true },
  afterHours: { Fields: EditAfterHours, isWide: true },
  levels: { Fields: EditLevels, isWide: true },
  escalation: { Fields: EditEscalation, isWide: true },
  outOfScope: { Fields: EditOutOfScope, isWide: false },
  entitlements: { Fields: EditEntitlements, isWide: true },
  versionPolicy: { Fields: EditVersionPolicy, isWide: false },
}
