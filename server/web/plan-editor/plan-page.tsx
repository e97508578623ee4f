/** A plan to read and to write; what an edit does is shown while it is made. */
import { Alert, Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useLocation } from 'wouter'
import type { Plan } from '../../../shared/api/plans/plan-api.ts'
import { TERM_GROUPS, type TermGroup } from '../../../shared/api/plans/term-line.ts'
import type { PlanAnswer } from '../../../shared/api/contracts/terms-api.ts'
import type { EditPreview } from '../../../shared/api/contracts/plan-preview-api.ts'
import { PageHead } from '../components/page-head.tsx'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { useMay } from '../session/use-session.ts'
import { PageLoader } from '../shell/page-loader.tsx'
import { ApiProblem, callApi } from '../api/api-client.ts'
import { planQuery } from '../api/catalog-queries.ts'
import { keys } from '../api/query-keys.ts'
import { showDone } from '../api/show-problem.ts'
import { withoutVersion, type DraftChange } from './draft.ts'
import { EditEffect } from './edit-effect.tsx'
import { EditGroup } from './edit-group.tsx'
import { EditNames } from './edit-limits.tsx'
import './plan-editor.css'

const PREVIEW_AFTER_MS = 350
const GROUPS = Object.keys(TERM_GROUPS) as TermGroup[]

/** The draft with a change; a field that is undefined goes. */
function changed(draft: Plan, change: DraftChange): Plan {
  return Object.fromEntries(Object.entries({ ...draft, ...change }).filter(([, value]) => value !== undefined)) as Plan
}

function CopyModal({ plan, onClose }: { plan: Plan; onClose: () => void }) {
  const client = useQueryClient()
  const [, go] = useLocation()
  const [name, setName] = useState(`${plan.name} copy`)
  const id = `${plan.offer} ${name}`
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 64)
  const make = useMutation({
    // Version 0: refused when there is a plan of this id already.
    mutationFn: () => callApi<PlanAnswer>('PUT', `/plans/${id}`, { body: { ...plan, id, name: name.trim(), version: 0 } }),
    onSuccess: made => {
      void client.invalidateQueries({ queryKey: keys.plans })
      showDone(`${made.offer} ${made.name} is in the catalogue`)
      go(`/plans/${made.id}`)
      onClose()
    },
    meta: { isShownInPlace: true },
  })
  return (
    <Modal opened onClose={onClose} title={`A new plan from ${plan.offer} ${plan.name}`}>
      <Stack gap="sm">
        <ProblemAlert error={make.error} />
        <TextInput label="Name" data-autofocus maxLength={60} value={name} onChange={event => setName(event.currentTarget.value)} />
        <Text size="xs" c="dimmed">
          Its id will be <span className="mono">{id}</span> and stays, whatever it is called later.
        </Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button disabled={name.trim() === ''} loading={make.isPending} onClick={() => make.mutate()}>
            Make the plan
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}

function PlanEditor({ stored }: { stored: PlanAnswer }) {
  const client = useQueryClient()
  const mayChange = useMay('manage')
  const [draft, setDraft] = useState<Plan>(() => withoutVersion(stored))
  const [isCopying, setIsCopying] = useState(false)
  // Fields that keep a text of their own are made anew after an undo.
  const [undone, setUndone] = useState(0)
  const before = JSON.stringify(withoutVersion(stored))
  const text = JSON.stringify(draft)
  const isDirty = text !== before
  const [settled] = useDebouncedValue(text, PREVIEW_AFTER_MS)
  const preview = useQuery({
    queryKey: keys.planPreview(stored.id, settled),
    queryFn: ({ signal }) => callApi<EditPreview>('POST', `/plans/${stored.id}/preview`, { body: JSON.parse(settled) as Plan, signal }),
    enabled: mayChange && settled !== before,
    placeholderData: keepPreviousData,
    staleTime: 30_000,
    retry: false,
  })
  const save = useMutation({
    mutationFn: () => callApi<PlanAnswer>('PUT', `/plans/${stored.id}`, { body: { ...draft, version: stored.version } }),
    onSuccess: saved => {
      client.setQueryData(keys.plan(stored.id), saved)
      setDraft(withoutVersion(saved))
      void client.invalidateQueries({ queryKey: keys.plans, exact: true })
      void client.invalidateQueries({ queryKey: keys.tickets })
      showDone(`${saved.offer} ${saved.name} is saved as version ${saved.version}`)
    },
    meta: { isShownInPlace: true },
  })
  const problem = [save.error, preview.error].find(error => error instanceof ApiProblem && error.faults.length > 0)
  const faults = isDirty && problem instanceof ApiProblem ? problem.faults : []
  const part = { draft, set: (change: DraftChange) => setDraft(now => changed(now, change)), faults }
  const undo = (): void => {
    save.reset()
    setDraft(withoutVersion(stored))
    setUndone(before => before + 1)
  }
  const isOld = settled !== text || preview.isPlaceholderData || preview.isFetching
  return (
    <div className="page">
      <PageHead
        title={`${stored.offer} ${stored.name}`}
        crumbs={[{ to: '/plans', name: 'Plans' }]}
        note={`Version ${stored.version}. Saving makes a new version; clocks that ended keep the one they ran under.`}
        actions={
          mayChange && (
            <>
              <Button variant="default" onClick={() => setIsCopying(true)}>
                Copy as new plan
              </Button>
              <Button variant="default" disabled={!isDirty} onClick={undo}>
                Undo changes
              </Button>
              <Button disabled={!isDirty || faults.length > 0} loading={save.isPending} onClick={() => save.mutate()}>
                Save
              </Button>
            </>
          )
        }
      />
      {stored.warnings.length > 0 && (
        <Stack gap="xs" mb="md">
          {stored.warnings.map(warning => (
            <Alert key={warning} color="yellow" variant="outline">
              {warning}
            </Alert>
          ))}
        </Stack>
      )}
      <div className="editor-columns">
        <fieldset disabled={!mayChange} className="bare-fieldset">
          <Stack gap="md" key={`${stored.version} ${undone}`}>
            {GROUPS.map(group => (
              <EditGroup key={group} group={group} first={group === 'included' ? <EditNames {...part} /> : undefined} {...part} />
            ))}
          </Stack>
        </fieldset>
        <aside className="editor-aside">
          <Stack gap="md">
            <ProblemAlert error={save.error ?? (isDirty ? preview.error : null)} />
            <EditEffect preview={preview.data} isOld={isOld} isDirty={isDirty} hasFaults={faults.length > 0} />
          </Stack>
        </aside>
      </div>
      {isCopying && <CopyModal plan={draft} onClose={() => setIsCopying(false)} />}
    </div>
  )
}

/** Loads the plan. */
export function PlanPage({ id }: { id: string }) {
  const plan = useQuery(planQuery(id))
  if (plan.isPending) return <PageLoader />
  if (!plan.data) {
    return (
      <div className="page">
        <PageHead title="Plan" crumbs={[{ to: '/plans', name: 'Plans' }]} />
        <ProblemAlert error={plan.error} again={plan.refetch} />
      </div>
    )
  }
  return <PlanEditor stored={plan.data} />
}
