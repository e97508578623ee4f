/** What models of devices must have and do. */
import { Table } from '@mantine/core'
import { IconPlus, IconSettingsCheck } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { profilesQuery } from '../api/catalog-queries.ts'
import { LinkButton } from '../components/link-button.tsx'
import { NothingHere } from '../components/nothing-here.tsx'
import { PageHead } from '../components/page-head.tsx'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { Tag } from '../components/tags.tsx'
import { useMay } from '../session/use-session.ts'
import { PageLoader } from '../shell/page-loader.tsx'

/** List; each opens its editor. */
export function ProfilesPage() {
  const profiles = useQuery(profilesQuery)
  const mayMake = useMay('manage')
  if (profiles.isPending) return <PageLoader />
  const all = profiles.data ?? []
  const newButton = (
    <LinkButton to="/profiles/new" leftSection={<IconPlus size={17} aria-hidden />}>
      New profile
    </LinkButton>
  )
  return (
    <div className="page page-narrow">
      <PageHead
        title="Profiles"
        note="What a model of device must have and do. Devices with a profile get it at once when it changes."
        actions={mayMake && all.length > 0 ? newButton : undefined}
      />
      <ProblemAlert error={profiles.error} again={profiles.refetch} />
      {all.length === 0 && !profiles.isError ? (
        <NothingHere icon={<IconSettingsCheck />} title="No profiles yet" action={mayMake ? newButton : undefined}>
          A profile names the processes, services and addresses to watch. Give it to devices, and their agents report when something is
          missing.
        </NothingHere>
      ) : (
        <div className="table-box">
          <Table highlightOnHover verticalSpacing="xs" aria-label="Profiles">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Profile</Table.Th>
                <Table.Th ta="right">Processes</Table.Th>
                <Table.Th ta="right">Units</Table.Th>
                <Table.Th ta="right">Addresses</Table.Th>
                <Table.Th ta="right">Measures every</Table.Th>
                <Table.Th ta="right">Version</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {all.map(profile => (
                <Table.Tr key={profile.id}>
                  <Table.Td fw={550}>
                    <Link href={`/profiles/${profile.id}`}>{profile.name}</Link> {profile.critical && <Tag tone="bad">Critical</Tag>}
                  </Table.Td>
                  <Table.Td ta="right">{profile.processes.length}</Table.Td>
                  <Table.Td ta="right">{profile.units.length}</Table.Td>
                  <Table.Td ta="right">{profile.urls.length}</Table.Td>
                  <Table.Td ta="right">{profile.intervals.sampleSeconds} s</Table.Td>
                  <Table.Td ta="right" className="quiet">
                    {profile.version}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
    </div>
  )
}
