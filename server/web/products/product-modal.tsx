/** A product to write: releases and the end of its life. */
import { ActionIcon, Button, Group, Modal, Stack, Switch, Text, TextInput } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { Product, StoredProduct } from '../../../shared/api/plans/product-api.ts'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { faultAt } from '../plan-editor/draft.ts'
import { ApiProblem, callApi } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'
import { showDone } from '../api/show-problem.ts'
import { newestFirst } from './release-words.ts'
import './products.css'

type Draft = { name: string; releases: Product['releases']; on: string; supportedUntil: string; alternative: string; ends: boolean }

const idOf = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 64)

function draftOf(product: StoredProduct | null): Draft {
  const { on = '', supportedUntil = '', alternative = '' } = product?.endOfLife ?? {}
  return {
    name: product?.name ?? '',
    releases: newestFirst(product?.releases ?? []),
    on,
    supportedUntil,
    alternative,
    ends: product?.endOfLife !== undefined,
  }
}

function productOf({ name, releases, on, supportedUntil, alternative, ends }: Draft): Product {
  const endOfLife = { on, ...(supportedUntil === '' ? {} : { supportedUntil }), ...(alternative === '' ? {} : { alternative }) }
  return { name: name.trim(), releases, ...(ends ? { endOfLife } : {}) }
}

type Part = { draft: Draft; set: (change: Partial<Draft>) => void; fault: (path: string) => string | undefined }

function Releases({ draft, set, fault }: Part) {
  const { releases } = draft
  const change = (index: number, part: Partial<Product['releases'][number]>): void =>
    set({ releases: releases.map((release, place) => (place === index ? { ...release, ...part } : release)) })
  return (
    <div>
      <Group justify="space-between" mb={6}>
        <Text size="sm" fw={600}>
          Releases
        </Text>
        <Button
          size="compact-xs"
          variant="default"
          leftSection={<IconPlus size={14} aria-hidden />}
          onClick={() => set({ releases: [{ version: '', releasedOn: new Date().toLocaleDateString('en-CA') }, ...releases] })}
        >
          Add release
        </Button>
      </Group>
      {releases.length === 0 && (
        <Text size="sm" c="dimmed">
          Without releases no version is judged.
        </Text>
      )}
      <div className="release-list">
        {releases.map((release, index) => (
          // The version is what is typed: a row has nothing else of its own.
          <div className="release-row" key={releases.length - index} role="group" aria-label={`Release ${release.version || 'new'}`}>
            <TextInput
              size="xs"
              aria-label="Version"
              placeholder="8.1.2"
              required
              value={release.version}
              onChange={event => change(index, { version: event.currentTarget.value })}
              error={fault(`/releases/${index}/version`)}
            />
            <TextInput
              size="xs"
              aria-label="Released on"
              type="date"
              required
              value={release.releasedOn}
              onChange={event => change(index, { releasedOn: event.currentTarget.value })}
              error={fault(`/releases/${index}/releasedOn`)}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              mt={3}
              aria-label={`Remove release ${release.version}`}
              onClick={() => set({ releases: releases.filter((_release, place) => place !== index) })}
            >
              <IconTrash size={16} />
            </ActionIcon>
          </div>
        ))}
      </div>
    </div>
  )
}

function EndOfLife({ draft, set, fault }: Part) {
  return (
    <div>
      <Switch label="Its life ends" checked={draft.ends} onChange={event => set({ ends: event.currentTarget.checked })} />
      {draft.ends && (
        <Stack gap="sm" mt="sm" className="inset">
          <div className="product-fields">
            <TextInput
              label="End of life"
              description="Every plan’s notice has to fit in"
              type="date"
              required
              value={draft.on}
              onChange={event => set({ on: event.currentTarget.value })}
              error={fault('/endOfLife/on')}
            />
            <TextInput
              label="Supported until"
              description="When later than that day"
              type="date"
              value={draft.supportedUntil}
              onChange={event => set({ supportedUntil: event.currentTarget.value })}
              error={fault('/endOfLife/supportedUntil')}
            />
          </div>
          <TextInput
            label="Instead"
            description="What customers are told to use"
            maxLength={200}
            value={draft.alternative}
            onChange={event => set({ alternative: event.currentTarget.value })}
            error={fault('/endOfLife/alternative')}
          />
          <Text size="xs" c="dimmed">
            Saving a new day tells the customers concerned.
          </Text>
        </Stack>
      )}
    </div>
  )
}

/** Saves a new version; `null` makes a new product. Each refusal stands at its field. */
export function ProductModal({ product, onClose }: { product: StoredProduct | null; onClose: () => void }) {
  const client = useQueryClient()
  const [draft, setDraft] = useState(() => draftOf(product))
  const id = product?.id ?? idOf(draft.name)
  const save = useMutation({
    // Version 0: refused when there is a product of this id already.
    mutationFn: () => callApi<StoredProduct>('PUT', `/products/${id}`, { body: { ...productOf(draft), version: product?.version ?? 0 } }),
    onSuccess: saved => {
      void client.invalidateQueries({ queryKey: keys.products })
      showDone(`${saved.name} is saved as version ${saved.version}`)
      onClose()
    },
    meta: { isShownInPlace: true },
  })
  const faults = save.error instanceof ApiProblem ? save.error.faults : []
  const part: Part = {
    draft,
    set: change => {
      save.reset()
      setDraft(before => ({ ...before, ...change }))
    },
    fault: path => faultAt(faults, path),
  }
  return (
    <Modal opened onClose={onClose} size="lg" title={product ? `Change ${product.name}` : 'New product'}>
      <form
        onSubmit={event => {
          event.preventDefault()
          save.mutate()
        }}
      >
        <Stack gap="md">
          <ProblemAlert error={save.error} />
          <TextInput
            label="Name"
            description={product === null && id !== '' ? `Its id will be ${id} and stays, whatever it is called later.` : undefined}
            required
            maxLength={120}
            data-autofocus
            value={draft.name}
            onChange={event => part.set({ name: event.currentTarget.value })}
            error={part.fault('/name')}
          />
          <EndOfLife {...part} />
          <Releases {...part} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={save.isPending} disabled={id === ''}>
              {product ? 'Save' : 'Make the product'}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
