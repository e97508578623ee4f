/** Pages by address; each is loaded when it is first opened. */
import { lazy, Suspense } from 'react'
import { Route, Switch, useLocation } from 'wouter'
import { FaultBoundary } from './fault-boundary.tsx'
import { NotFoundPage } from './not-found-page.tsx'
import { PageLoader } from './page-loader.tsx'

const FleetPage = lazy(() => import('../fleet/fleet-page.tsx').then(module => ({ default: module.FleetPage })))

/** The page of the current address. */
export function ConsoleRoutes() {
  const [location] = useLocation()
  return (
    <FaultBoundary resetKey={location}>
      <Suspense fallback={<PageLoader />}>
        <Switch>
          <Route path="/" component={FleetPage} />
          <Route component={NotFoundPage} />
        </Switch>
      </Suspense>
    </FaultBoundary>
  )
}
