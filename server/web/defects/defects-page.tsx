/** Faults of supported software, the last changed first. */
import { Button, Group, Modal, SegmentedControl, Table } from '@mantine/core'
import { IconBug, IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, useLocation } from 'wouter'
import type { Defect } from '../../../shared/api/defects/defect-api.ts'
import { Ago } from '../components/ago.tsx'
import { NothingHere } from '../components/nothing-here.tsx'
import { PageHead } from '../components/page-head.tsx'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { Tag } from '../components/tags.tsx'
import { LevelTag } from '../tickets/ticket-tags.tsx'
import { dateWords } from '../products/release-words.ts'
import { useMay } from '../session/use-session.ts'
import { PageLoader } from '../shell/page-loader.tsx'
import { readAll } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'
import { DEFECT_CLASS, DEFECT_STATUS } from './defect-words.ts'
import { NewDefectForm } from './new-defect-form.tsx'

const isOver = (defect: Defect): boolean => defect.status === 'fixed' || defect.status === 'not-fixed'

function Row({ defect }: { defect: Defect }) {
  return (
    <Table.Tr>
      <Table.Td>
        <Link href={`/defects/${defect.id}`}>{defect.title}</Link>
        <div className="quiet mono">{defect.reference}</div>
      </Table.Td>
      <Table.Td>{DEFECT_CLASS[defect.class]}</Table.Td>
      <Table.Td>{defect.severity === null ? <span className="quiet">not rated</span> : <LevelTag level={defect.severity} />}</Table.Td>
      <Table.Td>
        <Tag tone={DEFECT_STATUS[defect.status].tone}>{DEFECT_STATUS[defect.status].word}</Tag>
        {defect.fixedIn && (
          <div className="quiet">
            in {defect.fixedIn.productId} {defect.fixedIn.version}
          </div>
        )}
      </Table.Td>
      <Table.Td>{defect.estimateOn ? dateWords(defect.estimateOn) : <span className="quiet">none</span>}</Table.Td>
      <Table.Td ta="right">{defect.tickets}</Table.Td>
      <Table.Td className="quiet">
        <Ago at={defect.updatedAt} />
      </Table.Td>
    </Table.Tr>
  )
}

/** List and new ones. */
export function DefectsPage() {
  const [, go] = useLocation()
  const [which, setWhich] = useState('open')
  const [isNew, setIsNew] = useState(false)
  const mayWrite = useMay('desk')
  const defects = useQuery({ queryKey: keys.defects, queryFn: ({ signal }) => readAll<Defect>('/defects', {}, signal) })
  if (defects.isPending) return <PageLoader />
  const all = defects.data ?? []
  const shown = all.filter(defect => which === 'all' || !isOver(defect))
  const newButton = (
    <Button leftSection={<IconPlus size={17} aria-hidden />} onClick={() => setIsNew(true)}>
      New defect
    </Button>
  )
  return (
    <div className="page">
      <PageHead
        title="Defects"
        note="Faults of supported software. They stay inside: customers hear the estimate and the fix on their own ticket."
        actions={mayWrite && all.length > 0 ? newButton : undefined}
      />
      <ProblemAlert error={defects.error} again={defects.refetch} />
      {all.length === 0 && !defects.isError ? (
        <NothingHere icon={<IconBug />} title="No defects yet" action={mayWrite ? newButton : undefined}>
          Open a ticket and link it to a defect. Many tickets can share one: the estimate and the fix then go to all of their customers in
          one click.
        </NothingHere>
      ) : (
        <>
          <Group mb="sm">
            <SegmentedControl
              size="xs"
              aria-label="Which"
              value={which}
              onChange={setWhich}
              data={[
                { value: 'open', label: 'To be fixed' },
                { value: 'all', label: 'All' },
              ]}
            />
          </Group>
          {shown.length === 0 ? (
            <NothingHere icon={<IconBug />} title="Nothing to be fixed">
              Every defect that was written down is fixed, or will stay.
            </NothingHere>
          ) : (
            <div className="table-box" role="region" aria-label="Defects" tabIndex={0}>
              <Table verticalSpacing="xs" aria-label="Defects">
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>Defect</Table.Th>
                    <Table.Th>Class</Table.Th>
                    <Table.Th>Severity</Table.Th>
                    <Table.Th>Status</Table.Th>
                    <Table.Th>Fix expected</Table.Th>
                    <Table.Th ta="right">Tickets</Table.Th>
                    <Table.Th>Changed</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {shown.map(defect => (
                    <Row key={defect.id} defect={defect} />
                  ))}
                </Table.Tbody>
              </Table>
            </div>
          )}
        </>
      )}
      <Modal opened={isNew} onClose={() => setIsNew(false)} title="New defect" size="lg">
        <NewDefectForm onDone={defect => go(`/defects/${defect.id}`)} onCancel={() => setIsNew(false)} />
      </Modal>
    </div>
  )
}
