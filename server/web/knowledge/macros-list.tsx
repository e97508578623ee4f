/** Macros of the desk: what each says and changes; making, changing and removing them. */
import { Button, Group, Paper, Text } from '@mantine/core'
import { IconBolt, IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Macro } from '../../../shared/api/knowledge/macro-api.ts'
import { NothingHere } from '../components/nothing-here.tsx'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { Tag } from '../components/tags.tsx'
import { PageLoader } from '../shell/page-loader.tsx'
import { STATUS_WORDS } from '../tickets/ticket-words.ts'
import { macrosQuery } from './knowledge-queries.ts'
import { MacroModal } from './macro-modal.tsx'

/** What it changes, in few words. */
function changeWords({ changes }: Macro): string[] {
  return [
    ...(changes.level === undefined ? [] : [`level ${changes.level}`]),
    ...(changes.line === undefined ? [] : [`line ${changes.line}`]),
    ...(changes.assignee === undefined
      ? []
      : [changes.assignee === 'me' ? 'assigns to you' : changes.assignee === null ? 'assigns to nobody' : 'assigns']),
    ...(changes.asks === true ? ['asks the customer'] : []),
    ...(changes.status === undefined ? [] : [STATUS_WORDS[changes.status].toLowerCase()]),
  ]
}

/** List with its editor. */
export function MacrosList({ mayWrite }: { mayWrite: boolean }) {
  const macros = useQuery(macrosQuery)
  const [opened, setOpened] = useState<Macro | 'new' | null>(null)
  if (macros.isPending) return <PageLoader />
  const all = macros.data ?? []
  const newButton = mayWrite && (
    <Button leftSection={<IconPlus size={17} aria-hidden />} onClick={() => setOpened('new')}>
      New macro
    </Button>
  )
  return (
    <>
      <ProblemAlert error={macros.error} again={macros.refetch} />
      {all.length === 0 && !macros.isError && (
        <NothingHere icon={<IconBolt />} title="No macros yet" action={newButton}>
          What you write every day: "please send a photo", "a technician is on the way". Each takes one click then, in the language of the
          customer.
        </NothingHere>
      )}
      {all.length > 0 && (
        <>
          <Group mb="sm" justify="flex-end">
            {newButton}
          </Group>
          <Paper>
            <ul className="article-list" aria-label="Macros">
              {all.map(macro => (
                <li key={macro.id} className="article-row">
                  <div>
                    {mayWrite ? (
                      <button type="button" className="link-button" onClick={() => setOpened(macro)}>
                        <b>{macro.name}</b>
                      </button>
                    ) : (
                      <b>{macro.name}</b>
                    )}
                    <Text size="xs" c="dimmed" lineClamp={2}>
                      {Object.values(macro.texts)[0] ?? 'says nothing'}
                    </Text>
                  </div>
                  <div className="article-facts">
                    {changeWords(macro).map(word => (
                      <Tag key={word}>{word}</Tag>
                    ))}
                    {macro.visibility === 'internal' && <Tag tone="warn">internal note</Tag>}
                    <span className="quiet">{Object.keys(macro.texts).join(', ')}</span>
                  </div>
                </li>
              ))}
            </ul>
          </Paper>
        </>
      )}
      {opened !== null && <MacroModal macro={opened === 'new' ? null : opened} onClose={() => setOpened(null)} />}
    </>
  )
}
