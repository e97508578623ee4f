/** One's own account: who one is, how one logs in, and where one is logged in. */
import { SimpleGrid, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { PageHead } from '../components/page-head.tsx'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { PageLoader } from '../shell/page-loader.tsx'
import { FactorCard } from './factor-card.tsx'
import { NameCard, PasswordCard } from './name-card.tsx'
import { PasskeysCard } from './passkeys-card.tsx'
import { SessionsCard } from './sessions-card.tsx'
import { accountQuery } from './use-account.ts'

/** The same page for staff, customers and partners. */
export function AccountPage() {
  const query = useQuery(accountQuery)
  if (query.isPending) return <PageLoader />
  const account = query.data
  return (
    <div className="page page-narrow">
      <PageHead title="Your account" />
      <ProblemAlert error={query.error} again={query.refetch} />
      {account && (
        <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md" style={{ alignItems: 'start' }}>
          <Stack gap="md">
            <NameCard account={account} />
            <PasswordCard account={account} />
          </Stack>
          <Stack gap="md">
            <FactorCard account={account} />
            <PasskeysCard account={account} />
            <SessionsCard account={account} />
          </Stack>
        </SimpleGrid>
      )}
    </div>
  )
}
