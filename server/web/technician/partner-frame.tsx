/** The frame of a partner's people: their jobs, and their own account. */
import { useEffect } from 'react'
import { Link, Route, Switch, useLocation } from 'wouter'
import { lazy, Suspense } from 'react'
import type { Me } from '../../../shared/api/accounts/account-api.ts'
import { FaultBoundary } from '../shell/fault-boundary.tsx'
import { KioskeeperMark } from '../shell/kioskeeper-mark.tsx'
import { NotFoundPage } from '../shell/not-found-page.tsx'
import { PageLoader } from '../shell/page-loader.tsx'
import { PersonMenu } from '../shell/person-menu.tsx'
import { JobsPage } from './jobs-page.tsx'
import '../portal/portal.css'

const AccountPage = lazy(() => import('../account/account-page.tsx').then(module => ({ default: module.AccountPage })))
const JobPage = lazy(() => import('./job-page.tsx').then(module => ({ default: module.JobPage })))

/** Everything somebody of a partner sees. */
export function PartnerFrame({ me }: { me: Me }) {
  const [location] = useLocation()
  // Newer browsers answer with a promise, which an effect must not hand on.
  useEffect(() => {
    window.scrollTo(0, 0)
  }, [location])
  return (
    <div className="portal-ground">
      <a href="#page" className="skip-link">
        Skip to the page
      </a>
      <header className="portal-head">
        <Link href="/" className="portal-brand plain-link">
          <KioskeeperMark />
          Jobs
        </Link>
        <div style={{ marginLeft: 'auto' }}>
          <PersonMenu me={me} isCompact />
        </div>
      </header>
      <div id="page" tabIndex={-1} className="portal-page">
        <FaultBoundary key={location}>
          <Suspense fallback={<PageLoader />}>
            <Switch>
              <Route path="/" component={JobsPage} />
              <Route path="/jobs/:visitId">{({ visitId }) => <JobPage key={visitId} path={`/visits/${visitId}/job`} />}</Route>
              <Route path="/account">
                <main>
                  <AccountPage />
                </main>
              </Route>
              <Route>
                <main>
                  <NotFoundPage />
                </main>
              </Route>
            </Switch>
          </Suspense>
        </FaultBoundary>
      </div>
    </div>
  )
}
