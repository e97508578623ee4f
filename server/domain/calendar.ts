import type { CalendarSpec } from '../../shared/api/sla-api.ts'
export type Calendar = { readonly timeZone: string; readonly key: string }
export declare function compileCalendar(spec: CalendarSpec): Calendar
export declare function addOpenSeconds(calendar: Calendar, fromMs: number, seconds: number): number
export declare function openSecondsBetween(calendar: Calendar, fromMs: number, toMs: number): number
export declare function isOpen(calendar: Calendar, atMs: number): boolean
/** The instant itself when open. */
export declare function nextOpening(calendar: Calendar, atMs: number): number | null
export declare function closeOfBusinessDay(calendar: Calendar, fromMs: number, n: number): number
