/** A profile, to read and to change. */
import { useQuery } from '@tanstack/react-query'
import { callApi } from '../api/api-client.ts'
import type { StoredProfile } from '../api/catalog-queries.ts'
import { keys } from '../api/query-keys.ts'
import { PageHead } from '../components/page-head.tsx'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { useMay } from '../session/use-session.ts'
import { PageLoader } from '../shell/page-loader.tsx'
import { ProfileEditor } from './profile-editor.tsx'

const CRUMBS = [{ to: '/profiles', name: 'Profiles' }]

/** `/profiles/new` makes one. */
export function ProfilePage({ id }: { id: string }) {
  const isNew = id === 'new'
  const query = useQuery({
    queryKey: keys.profile(id),
    enabled: !isNew,
    refetchOnWindowFocus: false,
    queryFn: ({ signal }) => callApi<StoredProfile>('GET', `/profiles/${id}`, { signal }),
  })
  const mayChange = useMay('manage')
  if (!isNew && query.isPending) return <PageLoader />
  return (
    <div className="page page-narrow">
      <PageHead
        title={isNew ? 'New profile' : (query.data?.name ?? 'Profile')}
        crumbs={CRUMBS}
        note={query.data ? `Version ${query.data.version}. A device gets it on its own page, by Change.` : undefined}
      />
      {query.error ? (
        <ProblemAlert error={query.error} again={query.refetch} />
      ) : (
        <ProfileEditor key={query.data?.version ?? 0} stored={query.data ?? null} mayChange={mayChange} />
      )}
    </div>
  )
}
