/** The frame of a customer's own people: few places, at the foot of a phone, at the head of a wide screen. */
import { IconChartBar, IconDeviceDesktop, IconFileCertificate, IconHome, IconTicket } from '@tabler/icons-react'
import { useEffect } from 'react'
import { Link, useLocation } from 'wouter'
import type { Me } from '../../../shared/api/accounts/account-api.ts'
import { KioskeeperMark } from '../shell/kioskeeper-mark.tsx'
import { PersonMenu } from '../shell/person-menu.tsx'
import { useLiveRefresh } from '../api/use-live-refresh.ts'
import { CustomerChoice, PortalCustomer } from './portal-customer.tsx'
import { PortalRoutes } from './portal-routes.tsx'
import './portal.css'

const PLACES = [
  { to: '/', name: 'Overview', icon: IconHome, also: ['/overview'] },
  { to: '/devices', name: 'Devices', icon: IconDeviceDesktop, also: ['/devices/'] },
  { to: '/tickets', name: 'Tickets', icon: IconTicket, also: ['/tickets/', '/report'] },
  { to: '/reports', name: 'Reports', icon: IconChartBar, also: ['/reports/'] },
  { to: '/plan', name: 'Plan', icon: IconFileCertificate, also: [] },
] as const

/** Everything somebody of a customer sees. */
export function PortalFrame({ me }: { me: Me }) {
  useLiveRefresh()
  const [location] = useLocation()
  // Newer browsers answer with a promise, which an effect must not hand on.
  useEffect(() => {
    window.scrollTo(0, 0)
  }, [location])
  const isHere = ({ to, also }: (typeof PLACES)[number]): boolean => location === to || also.some(start => location.startsWith(start))
  return (
    <PortalCustomer me={me}>
      <div className="portal-ground">
        <a href="#page" className="skip-link">
          Skip to the page
        </a>
        <header className="portal-head">
          <div className="portal-brand">
            <KioskeeperMark />
            <CustomerChoice />
          </div>
          <nav className="portal-tabs" aria-label="Pages">
            {PLACES.map(place => (
              <Link key={place.to} href={place.to} aria-current={isHere(place) ? 'page' : undefined}>
                <place.icon size={20} stroke={1.7} aria-hidden />
                {place.name}
              </Link>
            ))}
          </nav>
          <div className="portal-end">
            <PersonMenu me={me} isCompact />
          </div>
        </header>
        <main id="page" tabIndex={-1} className="portal-page">
          <PortalRoutes />
        </main>
      </div>
    </PortalCustomer>
  )
}
