/** Pages by address; each is loaded when it is first opened. */
import { lazy, Suspense } from 'react'
import { Redirect, Route, Switch, useLocation } from 'wouter'
import { FaultBoundary } from './fault-boundary.tsx'
import { NotFoundPage } from './not-found-page.tsx'
import { PageLoader } from './page-loader.tsx'

const FleetPage = lazy(() => import('../fleet/fleet-page.tsx').then(module => ({ default: module.FleetPage })))
const DevicePage = lazy(() => import('../devices/device-page.tsx').then(module => ({ default: module.DevicePage })))
const TicketsPage = lazy(() => import('../tickets/tickets-page.tsx').then(module => ({ default: module.TicketsPage })))
const TicketPage = lazy(() => import('../tickets/ticket-page.tsx').then(module => ({ default: module.TicketPage })))
const AddDevicePage = lazy(() => import('../enrolment/add-device-page.tsx').then(module => ({ default: module.AddDevicePage })))
const CustomersPage = lazy(() => import('../customers/customers-page.tsx').then(module => ({ default: module.CustomersPage })))
const CustomerPage = lazy(() => import('../customers/customer-page.tsx').then(module => ({ default: module.CustomerPage })))
const CoveredDevicesPage = lazy(() =>
  import('../customers/covered-devices-page.tsx').then(module => ({ default: module.CoveredDevicesPage })),
)
const PlansPage = lazy(() => import('../plans/plans-page.tsx').then(module => ({ default: module.PlansPage })))
const PlanPage = lazy(() => import('../plan-editor/plan-page.tsx').then(module => ({ default: module.PlanPage })))
const ProductsPage = lazy(() => import('../products/products-page.tsx').then(module => ({ default: module.ProductsPage })))
const PartnersPage = lazy(() => import('../partners/partners-page.tsx').then(module => ({ default: module.PartnersPage })))
const ServicedesksPage = lazy(() => import('../servicedesks/servicedesks-page.tsx').then(module => ({ default: module.ServicedesksPage })))
const ServicedeskPage = lazy(() => import('../servicedesks/servicedesk-page.tsx').then(module => ({ default: module.ServicedeskPage })))
const UptimePage = lazy(() => import('../uptime/uptime-page.tsx').then(module => ({ default: module.UptimePage })))
const RulesPage = lazy(() => import('../rules/rules-page.tsx').then(module => ({ default: module.RulesPage })))
const MaintenancePage = lazy(() => import('../maintenance/maintenance-page.tsx').then(module => ({ default: module.MaintenancePage })))
const DefectsPage = lazy(() => import('../defects/defects-page.tsx').then(module => ({ default: module.DefectsPage })))
const DefectPage = lazy(() => import('../defects/defect-page.tsx').then(module => ({ default: module.DefectPage })))
const MajorsPage = lazy(() => import('../majors/majors-page.tsx').then(module => ({ default: module.MajorsPage })))
const MajorPage = lazy(() => import('../majors/major-page.tsx').then(module => ({ default: module.MajorPage })))
const KnowledgePage = lazy(() => import('../knowledge/knowledge-page.tsx').then(module => ({ default: module.KnowledgePage })))
const ArticlePage = lazy(() => import('../knowledge/article-page.tsx').then(module => ({ default: module.ArticlePage })))
const IntakePage = lazy(() => import('../intake/intake-page.tsx').then(module => ({ default: module.IntakePage })))
const CallPage = lazy(() => import('../intake/call-page.tsx').then(module => ({ default: module.CallPage })))
const OnCallPage = lazy(() => import('../on-call/on-call-page.tsx').then(module => ({ default: module.OnCallPage })))
const VisitsPage = lazy(() => import('../visits/visits-page.tsx').then(module => ({ default: module.VisitsPage })))
const ProfilesPage = lazy(() => import('../profiles/profiles-page.tsx').then(module => ({ default: module.ProfilesPage })))
const ProfilePage = lazy(() => import('../profiles/profile-page.tsx').then(module => ({ default: module.ProfilePage })))
const PeoplePage = lazy(() => import('../people/people-page.tsx').then(module => ({ default: module.PeoplePage })))
const AccountPage = lazy(() => import('../account/account-page.tsx').then(module => ({ default: module.AccountPage })))

/** The page of the current address. */
export function ConsoleRoutes() {
  const [location] = useLocation()
  return (
    <FaultBoundary key={location}>
      <Suspense fallback={<PageLoader />}>
        <Switch>
          <Route path="/" component={FleetPage} />
          <Route path="/devices/:id">{({ id }) => <DevicePage key={id} id={id} />}</Route>
          <Route path="/tickets" component={TicketsPage} />
          <Route path="/tickets/:id">{({ id }) => <TicketPage key={id} id={id} />}</Route>
          <Route path="/defects" component={DefectsPage} />
          <Route path="/defects/:id">{({ id }) => <DefectPage key={id} id={id} />}</Route>
          <Route path="/major" component={MajorsPage} />
          <Route path="/major/:id">{({ id }) => <MajorPage key={id} id={id} />}</Route>
          <Route path="/add-device" component={AddDevicePage} />
          <Route path="/customers" component={CustomersPage} />
          <Route path="/customers/:id/covered-devices">{({ id }) => <CoveredDevicesPage key={id} id={id} />}</Route>
          <Route path="/customers/:id/:part?">{({ id, part }) => <CustomerPage key={id} id={id} part={part ?? 'overview'} />}</Route>
          <Route path="/plans" component={PlansPage} />
          <Route path="/plans/:id">{({ id }) => <PlanPage key={id} id={id} />}</Route>
          <Route path="/products" component={ProductsPage} />
          <Route path="/partners" component={PartnersPage} />
          <Route path="/servicedesks" component={ServicedesksPage} />
          <Route path="/servicedesks/:id">{({ id }) => <ServicedeskPage key={id} id={id} />}</Route>
          <Route path="/uptime" component={UptimePage} />
          <Route path="/rules" component={RulesPage} />
          <Route path="/maintenance" component={MaintenancePage} />
          <Route path="/intake" component={IntakePage} />
          <Route path="/intake/call" component={CallPage} />
          <Route path="/visits" component={VisitsPage} />
          <Route path="/on-call" component={OnCallPage} />
          <Route path="/knowledge">
            <KnowledgePage part="articles" />
          </Route>
          <Route path="/knowledge/macros">
            <KnowledgePage part="macros" />
          </Route>
          <Route path="/knowledge/new">
            <ArticlePage id={null} />
          </Route>
          <Route path="/knowledge/:id">{({ id }) => <ArticlePage key={id} id={id} />}</Route>
          <Route path="/profiles" component={ProfilesPage} />
          <Route path="/profiles/:id">{({ id }) => <ProfilePage key={id} id={id} />}</Route>
          <Route path="/people" component={PeoplePage} />
          <Route path="/account" component={AccountPage} />
          <Route path="/report/:id">{({ id }) => <Redirect to={`/devices/${id}`} replace />}</Route>
          <Route component={NotFoundPage} />
        </Switch>
      </Suspense>
    </FaultBoundary>
  )
}
