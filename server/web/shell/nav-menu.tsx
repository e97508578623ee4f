/** Where one can go. */
import { Badge, Button, NavLink, Stack } from '@mantine/core'
import {
  IconAdjustmentsHorizontal,
  IconAlertTriangle,
  IconBug,
  IconArrowsExchange,
  IconBook,
  IconBuildingStore,
  IconCalendarEvent,
  IconDeviceDesktop,
  IconFileCertificate,
  IconHeartbeat,
  IconInbox,
  IconPackage,
  IconPhoneRinging,
  IconPlus,
  IconSettingsCheck,
  IconTicket,
  IconTool,
  IconTruck,
  IconUsers,
} from '@tabler/icons-react'
import { Link, useLocation } from 'wouter'
import { useMay } from '../session/use-session.ts'
import { useOverdueCount } from '../tickets/use-ticket-queue.ts'

const PLACES = [
  { to: '/', name: 'Fleet', icon: IconDeviceDesktop, also: '/devices' },
  { to: '/tickets', name: 'Tickets', icon: IconTicket },
  { to: '/intake', name: 'Intake', icon: IconInbox },
  { to: '/visits', name: 'Visits', icon: IconTruck },
  { to: '/major', name: 'Major incidents', icon: IconAlertTriangle },
  { to: '/defects', name: 'Defects', icon: IconBug },
  { to: '/customers', name: 'Customers', icon: IconBuildingStore },
  { to: '/knowledge', name: 'Knowledge', icon: IconBook },
  { to: '/maintenance', name: 'Maintenance', icon: IconCalendarEvent },
  { to: '/on-call', name: 'On call', icon: IconPhoneRinging },
  { to: '/partners', name: 'Partners', icon: IconTool },
  { to: '/servicedesks', name: 'Service desks', icon: IconArrowsExchange },
  { to: '/profiles', name: 'Profiles', icon: IconSettingsCheck },
  { to: '/rules', name: 'Rules', icon: IconAdjustmentsHorizontal },
  { to: '/plans', name: 'Plans', icon: IconFileCertificate },
  { to: '/products', name: 'Products', icon: IconPackage },
  { to: '/uptime', name: 'Uptime', icon: IconHeartbeat },
  { to: '/people', name: 'People', icon: IconUsers },
] as const
/** What only managers may open. */
const FOR_MANAGERS: readonly string[] = ['/people']

/** The main menu; tickets carry the number that is overdue. */
export function NavMenu() {
  const [location] = useLocation()
  const mayAdd = useMay('desk')
  const mayManage = useMay('manage')
  const overdue = useOverdueCount()
  const isHere = (place: (typeof PLACES)[number]): boolean =>
    place.to === '/' ? location === '/' || location.startsWith('/devices') : location === place.to || location.startsWith(`${place.to}/`)
  return (
    <Stack gap={2} component="nav" aria-label="Pages">
      {PLACES.filter(place => mayManage || !FOR_MANAGERS.includes(place.to)).map(place => (
        <NavLink
          key={place.to}
          component={Link}
          href={place.to}
          label={place.name}
          active={isHere(place)}
          aria-current={isHere(place) ? 'page' : undefined}
          leftSection={<place.icon size={18} stroke={1.7} aria-hidden />}
          rightSection={
            place.to === '/tickets' && overdue > 0 ? (
              <Badge color="red" size="sm" variant="filled" aria-label={`${overdue} overdue`}>
                {overdue}
              </Badge>
            ) : undefined
          }
          className="nav-link"
        />
      ))}
      {mayAdd && (
        <Button
          component={Link}
          href="/add-device"
          variant="light"
          mt="md"
          size="sm"
          leftSection={<IconPlus size={16} aria-hidden />}
          className="add-button"
        >
          Add device
        </Button>
      )}
    </Stack>
  )
}
