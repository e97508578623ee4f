/** Lets in who is logged in; everybody else meets the login at the very address they asked for. */
import { Center, Modal, Text } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { lazy, Suspense, type ComponentType } from 'react'
import { Redirect, useLocation } from 'wouter'
import type { Me } from '../../../shared/api/accounts/account-api.ts'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { PageLoader } from '../shell/page-loader.tsx'
import { LoginForm } from './login-form.tsx'
import { LoginPage } from './login-page.tsx'
import { markSessionAlive, useSessionEnded } from './session-state.ts'
import { useSession } from './use-session.ts'

const SetupPage = lazy(() => import('./setup-page.tsx').then(module => ({ default: module.SetupPage })))
const JobPage = lazy(() => import('../technician/job-page.tsx').then(module => ({ default: module.JobPage })))
const CallLinkPage = lazy(() => import('../on-call/call-link-page.tsx').then(module => ({ default: module.CallLinkPage })))
const ChatPage = lazy(() => import('../chat/chat-page.tsx').then(module => ({ default: module.ChatPage })))
const HowWasItPage = lazy(() => import('../satisfaction/how-was-it-page.tsx').then(module => ({ default: module.HowWasItPage })))
const WelcomePage = lazy(() => import('./welcome-page.tsx').then(module => ({ default: module.WelcomePage })))
const ForgottenPage = lazy(() => import('./forgotten-page.tsx').then(module => ({ default: module.ForgottenPage })))
const PortalFrame = lazy(() => import('../portal/portal-frame.tsx').then(module => ({ default: module.PortalFrame })))
const PartnerFrame = lazy(() => import('../technician/partner-frame.tsx').then(module => ({ default: module.PartnerFrame })))
const ConsoleFrame = lazy(() => import('../shell/console-frame.tsx').then(module => ({ default: module.ConsoleFrame })))

/** Pages that need nobody to be logged in. */
const BEFORE_LOGIN: Record<string, ComponentType | undefined> = {
  '/setup': SetupPage,
  '/welcome': WelcomePage,
  '/forgotten': ForgottenPage,
}
/** Everybody's own frame: staff have the console. */
const FRAMES: Record<string, ComponentType<{ me: Me }> | undefined> = { customer: PortalFrame, partner: PartnerFrame }

function JobByLink({ token }: { token: string }) {
  return <JobPage path={`/jobs/${token}`} />
}

/** Addresses with a secret of their own: who holds one needs no session, and sees that one thing. */
const LINKS = [
  { path: /^\/job\/([A-Za-z0-9_-]{16,100})$/, Page: JobByLink },
  { path: /^\/on-call\/call\/([A-Za-z0-9_-]{16,100})$/, Page: CallLinkPage },
  { path: /^\/chat\/([A-Za-z0-9_-]{1,40})$/, Page: ChatPage },
  { path: /^\/how-was-it\/([A-Za-z0-9_-]{16,100})$/, Page: HowWasItPage },
]

/** Who comes by a link needs no session; everybody else meets the gate. */
export function FrontDoor() {
  const [location] = useLocation()
  for (const { path, Page } of LINKS) {
    const token = path.exec(location)?.[1]
    if (token !== undefined)
      return (
        <Suspense fallback={<PageLoader />}>
          <Page token={token} />
        </Suspense>
      )
  }
  return <SessionGate />
}

/** Setup, login or the console. A session that ends at work is renewed over the page, so nothing typed is lost. */
function SessionGate() {
  const [location] = useLocation()
  const session = useSession()
  const client = useQueryClient()
  const hasEnded = useSessionEnded()

  const Before = BEFORE_LOGIN[location]
  if (Before) {
    return (
      <Suspense fallback={<PageLoader />}>
        <Before />
      </Suspense>
    )
  }
  if (session.isPending) return <PageLoader />
  if (session.isError) {
    return (
      <Center mih="100dvh" p="md">
        <ProblemAlert error={session.error} again={session.refetch} />
      </Center>
    )
  }
  if (session.data === null) return <LoginPage />
  if (location === '/login') return <Redirect to="/" replace />
  const Frame = FRAMES[session.data.role] ?? ConsoleFrame
  return (
    <Suspense fallback={<PageLoader />}>
      <Frame me={session.data} />
      <Modal
        opened={hasEnded}
        onClose={() => undefined}
        withCloseButton={false}
        closeOnEscape={false}
        closeOnClickOutside={false}
        title="Your session ended"
      >
        <Text size="sm" mb="md">
          Log in again and go on where you were. Nothing you typed is lost.
        </Text>
        <LoginForm
          onDone={() => {
            markSessionAlive()
            void client.invalidateQueries()
          }}
        />
      </Modal>
    </Suspense>
  )
}
