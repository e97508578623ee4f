/** The pages of the console, grouped as people look for them: the menu and the jump box list the same. */
import {
  IconAdjustmentsHorizontal,
  IconAlertTriangle,
  IconArrowsExchange,
  IconBook,
  IconBug,
  IconBuildingStore,
  IconCalendarEvent,
  IconDeviceDesktop,
  IconFileCertificate,
  IconHeartbeat,
  IconInbox,
  IconPackage,
  IconPhoneRinging,
  IconSettingsCheck,
  IconTicket,
  IconTool,
  IconTruck,
  IconUsers,
} from '@tabler/icons-react'

/** `needs`: who may open it; left out = all staff. */
export type ConsolePage = { to: string; name: string; icon?: typeof IconTicket; needs?: 'desk' | 'manage' }
type PageGroup = { name: string; pages: readonly ConsolePage[] }

/** What stands at the top of the menu, in no group. */
export const FLEET: ConsolePage = { to: '/', name: 'Fleet', icon: IconDeviceDesktop }

export const PAGE_GROUPS: readonly PageGroup[] = [
  {
    name: 'Desk',
    pages: [
      { to: '/tickets', name: 'Tickets', icon: IconTicket },
      { to: '/intake', name: 'Intake', icon: IconInbox },
      { to: '/visits', name: 'Visits', icon: IconTruck },
      { to: '/major', name: 'Major incidents', icon: IconAlertTriangle },
      { to: '/defects', name: 'Defects', icon: IconBug },
      { to: '/knowledge', name: 'Knowledge', icon: IconBook },
      { to: '/on-call', name: 'On call', icon: IconPhoneRinging },
    ],
  },
  {
    name: 'Estate',
    pages: [
      { to: '/customers', name: 'Customers', icon: IconBuildingStore },
      { to: '/partners', name: 'Partners', icon: IconTool },
      { to: '/profiles', name: 'Profiles', icon: IconSettingsCheck },
      { to: '/maintenance', name: 'Maintenance', icon: IconCalendarEvent },
      { to: '/uptime', name: 'Uptime', icon: IconHeartbeat },
    ],
  },
  {
    name: 'Settings',
    pages: [
      { to: '/plans', name: 'Plans', icon: IconFileCertificate },
      { to: '/rules', name: 'Rules', icon: IconAdjustmentsHorizontal },
      { to: '/products', name: 'Products', icon: IconPackage },
      { to: '/servicedesks', name: 'Service desks', icon: IconArrowsExchange },
      { to: '/people', name: 'People', icon: IconUsers, needs: 'manage' },
    ],
  },
]

/** Reached from other pages, and by name in the jump box. */
export const INNER_PAGES: readonly ConsolePage[] = [
  { to: '/add-device', name: 'Add device', needs: 'desk' },
  { to: '/intake/call', name: 'Log a call', needs: 'desk' },
  { to: '/knowledge/macros', name: 'Macros' },
  { to: '/knowledge/new', name: 'New article', needs: 'desk' },
  { to: '/account', name: 'Your account' },
]

/** Whether the address belongs to the page. */
export function isAt(page: ConsolePage, location: string): boolean {
  if (page.to === '/') return location === '/' || location.startsWith('/devices')
  return location === page.to || location.startsWith(`${page.to}/`)
}
