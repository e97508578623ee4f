/** Pages of the portal by address: the same addresses as in the console, so that one link in a mail serves everybody. */
import { lazy, Suspense } from 'react'
import { Route, Switch, useLocation } from 'wouter'
import { FaultBoundary } from '../shell/fault-boundary.tsx'
import { NotFoundPage } from '../shell/not-found-page.tsx'
import { PageLoader } from '../shell/page-loader.tsx'
import { OverviewPage } from './overview-page.tsx'

const PortalDevices = lazy(() => import('./portal-devices.tsx').then(module => ({ default: module.PortalDevices })))
const PortalDevice = lazy(() => import('./portal-device.tsx').then(module => ({ default: module.PortalDevice })))
const PortalTickets = lazy(() => import('./portal-tickets.tsx').then(module => ({ default: module.PortalTickets })))
const PortalTicket = lazy(() => import('./portal-ticket.tsx').then(module => ({ default: module.PortalTicket })))
const ReportPage = lazy(() => import('./report-page.tsx').then(module => ({ default: module.ReportPage })))
const PortalReports = lazy(() => import('./portal-reports.tsx').then(module => ({ default: module.PortalReports })))
const PortalPlan = lazy(() => import('./portal-plan.tsx').then(module => ({ default: module.PortalPlan })))
const AccountPage = lazy(() => import('../account/account-page.tsx').then(module => ({ default: module.AccountPage })))

/** The page of the current address. */
export function PortalRoutes() {
  const [location] = useLocation()
  return (
    <FaultBoundary key={location}>
      <Suspense fallback={<PageLoader />}>
        <Switch>
          <Route path="/" component={OverviewPage} />
          <Route path="/devices" component={PortalDevices} />
          <Route path="/devices/:id">{({ id }) => <PortalDevice key={id} id={id} />}</Route>
          <Route path="/tickets" component={PortalTickets} />
          <Route path="/tickets/:id">{({ id }) => <PortalTicket key={id} id={id} />}</Route>
          <Route path="/report/:deviceId?">{({ deviceId }) => <ReportPage key={deviceId ?? ''} deviceId={deviceId ?? null} />}</Route>
          <Route path="/reports/:part?">{({ part }) => <PortalReports part={part ?? 'serving'} />}</Route>
          <Route path="/plan" component={PortalPlan} />
          <Route path="/account" component={AccountPage} />
          <Route component={NotFoundPage} />
        </Switch>
      </Suspense>
    </FaultBoundary>
  )
}
